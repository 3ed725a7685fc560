"""The four secrets, each read on first use and kept a few minutes."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from passerelle.errors import Misconfigured
from passerelle.kept import Kept
from passerelle.keys import Keyring, parse_keyring
from passerelle.ports import ClientCredentials, SecretReader
from passerelle.settings import Settings

if TYPE_CHECKING:
    from passerelle.otp.config import MailgunConfig

KEPT_SECONDS = 300

Value = TypeVar("Value")


class Secrets(NamedTuple):
    """The secrets by what they are for."""

    keys: Kept[Keyring]
    client: Kept[ClientCredentials]
    connector: Kept[tuple[str, ...]]
    mailgun: "Kept[MailgunConfig]"


def open_secrets(reader: SecretReader, settings: Settings) -> Secrets:
    """Name the four secrets; nothing is read yet."""

    def secret(secret_id: str, parse: Callable[[Mapping[str, Any]], Value]) -> Kept[Value]:
        return Kept(secret_id, KEPT_SECONDS, lambda: parse(as_object(reader.read(secret_id), secret_id)))

    return Secrets(
        keys=secret(settings.keys_secret_id, parse_keyring),
        client=secret(settings.logto_secret_id, parse_client),
        connector=secret(settings.connector_secret_id, parse_connector),
        mailgun=secret(settings.mailgun_secret_id, _parse_mailgun),
    )


def as_object(text: str, secret_id: str) -> Mapping[str, Any]:
    """Read a secret that is a JSON object; raises `Misconfigured`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Misconfigured("secret_invalid", reason=f"{secret_id} is not a JSON object")
    return value


def parse_client(secret: Mapping[str, Any]) -> ClientCredentials:
    """Read the Logto secret; raises `Misconfigured`."""
    parts = [secret.get("clientId"), secret.get("clientSecret")]
    texts = [part for part in parts if isinstance(part, str) and part]
    if len(texts) != len(parts):
        raise Misconfigured("secret_invalid", reason="the Logto secret needs clientId and clientSecret")
    return ClientCredentials(texts[0], texts[1], tuple(filter(None, _several(secret, "webhookSigningKey"))))


def parse_connector(secret: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the tokens of the connector secret; raises `Misconfigured`."""
    texts = _several(secret, "token")
    if not texts or any(len(token) < 16 for token in texts):
        raise Misconfigured("secret_invalid", reason="a connector token is missing, or under 16 characters")
    return tuple(texts)


def _several(secret: Mapping[str, Any], name: str) -> list[str]:
    """Read one text, or the list of them that stands beside it in the plural while one is rotated."""
    given = secret.get(f"{name}s") or [secret.get(name)]
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []


def _parse_mailgun(secret: Mapping[str, Any]) -> "MailgunConfig":
    # Only the function that sends needs it.
    from passerelle.otp.config import parse_mailgun_config

    return parse_mailgun_config(secret)
