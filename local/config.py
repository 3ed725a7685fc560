"""What to start, read from environment variables."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Self

from local.checks import (
    LOGTO_VARIABLES,
    MAILGUN_OPTIONS,
    MAILGUN_VARIABLES,
    SETTINGS,
    ConfigError,
    check_values,
)
from local.mailgun_config import MailgunConfig, read_mailgun_config

_ROOMY = {"SendLimitAddress": "1000"}
"""One person tries one address often here."""


@dataclass(frozen=True)
class Config:
    """What to start, where, and with which real services in place of the embedded ones."""

    port: int = 3000
    logto_port: int = 3001
    mailgun_port: int = 8025
    bind: str = "127.0.0.1"
    name: str = ""
    """What browsers and functions call this machine, where that is not the address `bind`."""
    gateway: bool = True
    send_otp_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    logto: Mapping[str, str] | None = field(default=None, repr=False)
    mailgun: Mapping[str, str] | None = field(default=None, repr=False)
    mailgun_config: MailgunConfig | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """More parameters of the template."""
    webhooks: bool = True
    """Whether the embedded Mailgun and Logto tell the app what became of messages and of users."""

    @property
    def has_real_mailgun(self) -> bool:
        """Whether messages leave this machine."""
        return self.mailgun is not None or (self.mailgun_config is not None and self.mailgun_config.is_real)

    @classmethod
    def read(cls, variables: Mapping[str, str], **more: Any) -> Self:
        """From environment variables; an empty one counts as missing."""
        given = {name: value.strip() for name, value in variables.items() if value.strip()}
        check_values(given)
        if token := given.get("SEND_OTP_TOKEN"):
            more["send_otp_token"] = token
        file = given.get("MAILGUN_CONFIG")
        config = cls(
            port=_port(given, "PORT", cls.port),
            logto_port=_port(given, "LOGTO_PORT", cls.logto_port),
            mailgun_port=_port(given, "MAILGUN_PORT", cls.mailgun_port),
            logto=_all_or_none(given, LOGTO_VARIABLES),
            mailgun=None if file else _all_or_none(given, MAILGUN_VARIABLES, optional=MAILGUN_OPTIONS),
            mailgun_config=read_mailgun_config(given) if file else None,
            parameters={
                "MailgunCompat": given.get("MAILGUN_COMPAT", ""),
                **{parameter: given.get(name, "") for name, parameter in SETTINGS.items()},
                **_ROOMY,
            },
            **more,
        )
        config._refuse_equal_ports()
        return config

    @classmethod
    def ephemeral(cls, **parameters: str) -> Self:
        """Free ports for everything, for tests; with parameters of the template."""
        return cls(port=0, logto_port=0, mailgun_port=0, parameters=parameters, webhooks=False)

    @property
    def ports(self) -> dict[str, int]:
        """The ports in use, by their variables; `PORT` is SAM's when the gateway is left out."""
        ports = {"PORT": self.port}
        if self.logto is None:
            ports["LOGTO_PORT"] = self.logto_port
        if not self.has_real_mailgun:
            ports["MAILGUN_PORT"] = self.mailgun_port
        return ports

    def _refuse_equal_ports(self) -> None:
        for (one, port), (other, its_port) in combinations(self.ports.items(), 2):
            if port == its_port != 0:
                raise ConfigError(f"{one} and {other} are the same, {port}; set one of them to a free port")


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise ConfigError(f"{name} must be a port number, not {text!r}")
    return int(text)


def _all_or_none(
    given: Mapping[str, str], names: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, str] | None:
    found = {name: given[name] for name in (*names, *optional) if name in given}
    missing = [name for name in names if name not in given]
    if not found:
        return None
    if missing:
        raise ConfigError(f"{' and '.join(found)} set, but {' and '.join(missing)} missing: all or none")
    return found
