"""What several checks rely on, fetched by the first that asks. A failure is told by its owner alone."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from passerelle.errors import Misconfigured, ProviderUnavailable, SecretsUnavailable
from passerelle.health.findings import Found
from passerelle.health.ports import Instruments, Seen, Unanswered
from passerelle.oidc.metadata import Metadata, checked_metadata
from passerelle.otp.config import MailgunConfig, parse_mailgun_config
from passerelle.ports import ClientCredentials
from passerelle.secrets import as_object, parse_client

Value = TypeVar("Value")

FILLED_IN_LATER = frozenset({"LogtoSecret", "MailgunSecret"})
"""Secrets that a deployment makes with a placeholder; the others it makes whole."""


class Once(Generic[Value]):
    """A value, or the `Found` that fetching it ended with."""

    def __init__(self, fetch: Callable[[], Value]) -> None:
        self._fetch, self._lock = fetch, Lock()
        self._value: list[Value] = []
        self._found: Found | None = None

    def get(self) -> Value:
        """Return the value; raises `Found`."""
        with self._lock:
            if self._found:
                raise Found(self._found.owner, *self._found.finding)
            if not self._value:
                try:
                    self._value.append(self._fetch())
                except Found as found:
                    self._found = found
                    raise
            return self._value[0]


class Discovered(NamedTuple):
    """Logto's metadata, and how far Logto's clock is ahead of ours, in seconds; None when it told no time."""

    metadata: Metadata
    clock_ahead: float | None


class Secret(NamedTuple):
    """A secret as it lies there."""

    value: Mapping[str, Any]
    made_at: float

    def __repr__(self) -> str:
        return "Secret(...)"


class Facts:
    """One run's view of the world."""

    def __init__(self, instruments: Instruments) -> None:
        self.instruments = instruments
        self.secrets = {
            "LogtoSecret": self._secret("LogtoSecret", instruments.settings.logto_secret_id),
            "MailgunSecret": self._secret("MailgunSecret", instruments.settings.mailgun_secret_id),
            "ConnectorSecret": self._secret("ConnectorSecret", instruments.settings.connector_secret_id),
            "KeysSecret": self._secret("KeysSecret", instruments.settings.keys_secret_id),
        }
        self.discovered = Once(self._discover)

    def client(self) -> ClientCredentials:
        """Return our client id and secret; raises `Found`."""
        return parsed(self, "LogtoSecret", parse_client)

    def mailgun(self) -> MailgunConfig:
        """Return the Mailgun account; raises `Found`."""
        return parsed(self, "MailgunSecret", parse_mailgun_config)

    def read_key(self) -> str:
        """Return the key that may look at the account; empty when there is none but the sending one."""
        key = self.secrets["MailgunSecret"].get().value.get("readApiKey")
        return key if isinstance(key, str) else ""

    def asked_logto(self, owner: str, url: str) -> Seen:
        """Fetch from Logto; raises `Found` when there is no answer, or a fault of Logto's own."""
        try:
            seen = self.instruments.web.get(url)
        except Unanswered as error:
            raise Found(owner, "logto_unreachable", more={"cause": str(error)}) from None
        if seen.status >= 500 or seen.status == 429:
            raise Found(owner, "logto_answers_error", str(seen.status))
        return seen

    def _secret(self, name: str, secret_id: str) -> Once[Secret]:
        return Once(lambda: self._read(name, secret_id))

    def _read(self, name: str, secret_id: str) -> Secret:
        try:
            text, made_at = self.instruments.secrets.read_dated(secret_id)
            return Secret(as_object(text, name), made_at)
        except SecretsUnavailable as error:
            # What Secrets Manager says of a secret that is about to be deleted.
            is_deleted = error.reason.endswith("InvalidRequestException")
            code = "secret_missing" if is_deleted else "secrets_unavailable"
            raise Found("secrets", code, name, {"cause": error.reason}) from None
        except Misconfigured as error:
            code = "secret_invalid"
            if error.code == "secret_not_readable":
                is_missing = error.reason.endswith("ResourceNotFoundException")
                code = "secret_missing" if is_missing else "secret_not_readable"
            raise Found("secrets", code, name, {"cause": error.reason}) from None

    def _discover(self) -> Discovered:
        issuer, clock = self.instruments.settings.issuer, self.instruments.clock
        before = clock.now()
        seen = self.asked_logto("logto", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        middle = (before + clock.now()) / 2
        if seen.status != 200 or not seen.body:
            raise Found("logto", "logto_answers_error", str(seen.status))
        try:
            metadata = checked_metadata(seen.body, issuer)
        except Misconfigured:
            raise Found("logto", "issuer_mismatch") from None
        except ProviderUnavailable as error:
            raise Found("logto", "metadata_invalid", more={"cause": error.reason}) from None
        told = _time(seen.headers.get("date", ""))
        return Discovered(metadata, None if told is None else told - middle)


def parsed(facts: Facts, name: str, parse: Callable[[Mapping[str, Any]], Value]) -> Value:
    """Read a secret as the functions do; raises `Found`."""
    value = facts.secrets[name].get().value
    try:
        return parse(value)
    except Misconfigured as error:
        is_placeholder = name in FILLED_IN_LATER and not any(value.values())
        code = "secret_not_filled_in" if is_placeholder else "secret_invalid"
        raise Found("secrets", code, name, {"cause": error.reason}) from None


def _time(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp() + 0.5  # it is told in whole seconds
    except (ValueError, TypeError, OverflowError):
        return None
