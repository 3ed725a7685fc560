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
    try:
        secret = read_secret(path)
    except ConfigError as error:
        raise ConfigError(f"MAILGUN_CONFIG: {error}") from None
    for name, example in _NEEDED.items():
        if not isinstance(secret.get(name), str) or not secret[name]:
            raise ConfigError(f"{path}: {name} is missing or not a text, for example {example}")
    return MailgunConfig(path, secret, given.get("MAILGUN_ENDPOINT", ""))


def read_secret(path: str) -> dict[str, Any]:
    """Read the file's object; raises `ConfigError` when it is no JSON, or the deliveries alone."""
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text in UTF-8; save it in that encoding") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigError(f"{path} is not JSON ({place}: {error.msg.removesuffix(' at')})") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path} is not JSON that anybody could read") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path} is not a JSON object")
    if holds_deliveries_alone(value):
        raise ConfigError(f"{path} {DELIVERIES_ALONE}")
    return value


DELIVERIES_ALONE = 'holds deliveries alone: put this under "deliveries", beside domain, apiKey and from'


def holds_deliveries_alone(value: Mapping[str, Any]) -> bool:
    """Whether it is what the guide to Logto's connector shows, which is one field of the connector's form."""
    return bool(value) and all(isinstance(each, dict) and _CONTENT & each.keys() for each in value.values())


_CONTENT = {"subject", "html", "text", "template"}
