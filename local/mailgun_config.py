"""A file with the JSON of Logto's Mailgun connector, put into the local stack's secret."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.checks import MAILGUN_VARIABLES, ConfigError

_NEEDED = {
    "domain": '"mg.example.com"',
    "apiKey": '"key-0123456789abcdef0123456789abcdef"',
    "from": '"Example <sign-in@mg.example.com>"',
}


@dataclass(frozen=True)
class MailgunConfig:
    """What the file says; messages stay on this machine unless a real Mailgun is named."""

    path: str
    secret: Mapping[str, Any] = field(repr=False)
    endpoint: str = ""
    """Of the real Mailgun; empty: the embedded one stands in."""

    @property
    def is_real(self) -> bool:
        """Whether messages leave this machine."""
        return bool(self.endpoint)


def read_mailgun_config(given: Mapping[str, str]) -> MailgunConfig:
    """Read the file that `MAILGUN_CONFIG` names; raises `ConfigError` when it cannot be that JSON.

    The rest is judged by the functions, which read it as a deployment would.
    """
    path = given["MAILGUN_CONFIG"]
    if twice := [name for name in MAILGUN_VARIABLES if name in given]:
        raise ConfigError(f"MAILGUN_CONFIG and {' and '.join(twice)} are both set: leave out one of them")
    secret = _object(path)
    for name, example in _NEEDED.items():
        if not isinstance(secret.get(name), str) or not secret[name]:
            raise ConfigError(f"{path}: {name} is missing or not a text, for example {example}")
    return MailgunConfig(path, secret, given.get("MAILGUN_ENDPOINT", ""))


def _object(path: str) -> dict[str, Any]:
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"MAILGUN_CONFIG: {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"MAILGUN_CONFIG: {path} is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise ConfigError(f"MAILGUN_CONFIG: {path} is not a JSON object")
    return value
