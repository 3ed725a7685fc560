"""What to start, read from the environment and from `.env`."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

LOGTO_VARIABLES = ("AUTH_LOGTO_ISSUER", "AUTH_LOGTO_ID", "AUTH_LOGTO_SECRET")
MAILGUN_VARIABLES = ("MAILGUN_API_KEY", "MAILGUN_DOMAIN", "MAILGUN_FROM")
SHORTEST_TOKEN = 16


class ConfigError(Exception):
    """The variables contradict each other, or one is missing; the message says which."""


@dataclass(frozen=True)
class Config:
    """What to start, where, and with which real services in place of the embedded ones."""

    port: int = 3000
    logto_port: int = 3001
    mailgun_port: int = 8025
    bind: str = "127.0.0.1"
    gateway: bool = True
    send_otp_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    logto: Mapping[str, str] | None = field(default=None, repr=False)
    mailgun: Mapping[str, str] | None = field(default=None, repr=False)

    @classmethod
    def read(cls, variables: Mapping[str, str], **more: Any) -> Self:
        """From environment variables; an empty one counts as missing."""
        given = {name: value.strip() for name, value in variables.items() if value.strip()}
        if token := given.get("SEND_OTP_TOKEN"):
            if len(token) < SHORTEST_TOKEN:
                raise ConfigError(f"SEND_OTP_TOKEN must have {SHORTEST_TOKEN} characters or more")
            more["send_otp_token"] = token
        return cls(
            port=_port(given, "PORT", cls.port),
            logto_port=_port(given, "LOGTO_PORT", cls.logto_port),
            mailgun_port=_port(given, "MAILGUN_PORT", cls.mailgun_port),
            logto=_all_or_none(given, LOGTO_VARIABLES),
            mailgun=_all_or_none(given, MAILGUN_VARIABLES, optional=("MAILGUN_ENDPOINT",)),
            **more,
        )

    @classmethod
    def ephemeral(cls) -> Self:
        """Free ports for everything, for tests."""
        return cls(port=0, logto_port=0, mailgun_port=0)


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file: NAME=value lines, comments, quotes. No file, no variables."""
    if not path.exists():
        return {}
    variables = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            variables[name.strip()] = _unquoted(value.strip())
    return variables


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value.partition(" #")[0].rstrip()


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal() or int(text) > 65535:
        raise ConfigError(f"{name} must be a port number, not {text!r}")
    return int(text)


def _all_or_none(
    given: Mapping[str, str], names: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, str] | None:
    found = {name: given[name] for name in names if name in given}
    missing = [name for name in names if name not in given]
    if not found:
        return None
    if missing:
        raise ConfigError(f"{' and '.join(found)} set, but {' and '.join(missing)} missing: all or none")
    return {**found, **{name: given[name] for name in optional if name in given}}
