"""The four secrets: read on first use, kept a few minutes, read again at once when they prove wrong."""

import json
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from passerelle import log
from passerelle.errors import Misconfigured, SecretsUnavailable
from passerelle.keys import Keyring, parse_keyring
from passerelle.ports import ClientCredentials, SecretReader
from passerelle.settings import Settings

if TYPE_CHECKING:
    from passerelle.messages import MailgunConfig

KEPT_SECONDS = 300
AGAIN_SECONDS = 30

Value = TypeVar("Value")


class Secret(Generic[Value]):
    """One secret, parsed. However many callers wait, it is read once."""

    def __init__(
        self, reader: SecretReader, secret_id: str, parse: Callable[[Mapping[str, Any]], Value]
    ) -> None:
        self._reader, self._secret_id, self._parse = reader, secret_id, parse
        self._lock = Lock()
        self._value: Value | None = None
        self._due_at = self._tried_at = float("-inf")

    def get(self, now: float) -> Value:
        """Return the value; raises `SecretsUnavailable` or `Misconfigured`.

        A value read before goes on being used when Secrets Manager does not answer, or has rubbish by now.
        """
        with self._lock:
            if self._value is None or now >= self._due_at:
                self._read(now)
            assert self._value is not None
            return self._value

    def again(self, now: float) -> Value | None:
        """Read again because of what a caller sent; None when that was tried a moment ago.

        At most once in 30 seconds, since a stranger may have made it up.
        """
        with self._lock:
            if now - self._tried_at < AGAIN_SECONDS:
                return None
            self._read(now)
            return self._value

    def refused(self, value: Value, now: float) -> Value | None:
        """Read again because the other side refused `value`; None when there is no newer one.

        Not limited in frequency: whoever is refused now would be refused for nothing while a newer value lies
        there.
        """
        with self._lock:
            if self._value == value:
                self._read(now)
            return self._value if self._value != value else None

    def _read(self, now: float) -> None:
        self._tried_at = now
        try:
            self._value = self._parse(_as_object(self._reader.read(self._secret_id), self._secret_id))
            self._due_at = now + KEPT_SECONDS
        except (SecretsUnavailable, Misconfigured) as error:
            if self._value is None:
                raise
            log.error(
                "secret_kept_past_its_time", secret=self._secret_id, code=error.code, reason=error.reason
            )
            self._due_at = now + AGAIN_SECONDS


class Secrets(NamedTuple):
    """The secrets by what they are for."""

    keys: Secret[Keyring]
    client: Secret[ClientCredentials]
    connector: Secret[tuple[str, ...]]
    mailgun: "Secret[MailgunConfig]"


def open_secrets(reader: SecretReader, settings: Settings) -> Secrets:
    """Name the four secrets; nothing is read yet."""
    return Secrets(
        keys=Secret(reader, settings.keys_secret_id, parse_keyring),
        client=Secret(reader, settings.logto_secret_id, _parse_client),
        connector=Secret(reader, settings.connector_secret_id, _parse_connector),
        mailgun=Secret(reader, settings.mailgun_secret_id, _parse_mailgun),
    )


def _as_object(text: str, secret_id: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Misconfigured("secret_invalid", reason=f"{secret_id} is not a JSON object")
    return value


def _parse_client(secret: Mapping[str, Any]) -> ClientCredentials:
    client = ClientCredentials(str(secret.get("clientId", "")), str(secret.get("clientSecret", "")))
    if not all(client):
        raise Misconfigured("secret_invalid", reason="the Logto secret needs clientId and clientSecret")
    return client


def _parse_connector(secret: Mapping[str, Any]) -> tuple[str, ...]:
    tokens = tuple(map(str, secret.get("tokens") or [secret.get("token", "")]))
    if any(len(token) < 16 for token in tokens):
        raise Misconfigured("secret_invalid", reason="a connector token is shorter than 16 characters")
    return tokens


def _parse_mailgun(secret: Mapping[str, Any]) -> "MailgunConfig":
    # Only the function that sends pays for importing pydantic.
    from passerelle.messages import parse_mailgun_config

    return parse_mailgun_config(secret)
