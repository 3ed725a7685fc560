"""What the outside world promises to the use cases.

Each port is kept by an adapter for the real service and, where tests need one, by a double; one contract
suite holds both to the promises written here. Ports ask and never judge.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from passerelle.log import discreet


class StoredSession(NamedTuple):
    """A session as it lies in the table. Times are seconds since the epoch."""

    user: str
    """Partition of the user: a keyed hash of issuer and subject."""
    id: str
    """SHA-256 of the secret in the cookie."""
    created_at: int
    last_seen_at: int
    expires_at: int
    """End of the absolute lifetime."""
    issued_at: int
    """`iat` of the ID token that began it: what a revocation is compared with."""
    contents: str
    """Profile and tokens, sealed."""


class Revocation(NamedTuple):
    """All sessions of a user whose ID token was issued at or before `before` are over, but for `spared`."""

    before: int
    spared: str = ""


class Outcome(NamedTuple):
    """How an attempt to sign in ended: with a session of a user, or with an error's code."""

    user: str = ""
    session: str = ""
    """Id of the session that began."""
    error: str = ""
    status: int = 0
    """HTTP status of the error."""


class Store(Protocol):
    """Sessions and one-time marks. Every verb is atomic; all raise `StoreUnavailable`."""

    def mark_attempt(self, attempt: str, expires_at: int) -> bool:
        """Take the attempt: true for exactly one caller, however many try at once."""

    def attempt_outcome(self, attempt: str) -> Outcome | None:
        """Read how a marked attempt ended; None while it has not. Strongly consistent."""

    def finish_attempt(self, attempt: str, session: StoredSession, replaces: tuple[str, str] | None) -> None:
        """In one transaction: store the session, note it on the mark, delete the session it replaces.

        `replaces` is the user and id of this browser's old session, which need not exist.
        """

    def fail_attempt(self, attempt: str, error: str, status: int) -> None:
        """Note on the mark that the attempt failed, and how."""

    def session(self, user: str, session_id: str) -> tuple[StoredSession | None, Revocation | None]:
        """Read a session and its user's revocation in one strongly consistent call."""

    def touch_session(self, user: str, session_id: str, seen_at: int, delete_after: int) -> bool:
        """Move `last_seen_at`; false when the session is gone, which this never brings back."""

    def end_session(self, user: str, session_id: str, ended_at: int) -> StoredSession | None:
        """End a session and return it: to exactly one caller, who gets it also when an answer is lost."""

    def revoke(self, user: str, revocation: Revocation, delete_after: int) -> None:
        """Write a revocation unless a later one stands."""


@discreet
class ClientCredentials(NamedTuple):
    """Our registration at Logto."""

    client_id: str
    client_secret: str


class Reply(NamedTuple):
    """An HTTP status and the JSON object that came with it; None when it was not one."""

    status: int
    body: Mapping[str, Any] | None


class Provider(Protocol):
    """Logto over HTTP. Raises `ProviderUnavailable` when there is no answer within the time limit."""

    def get(self, url: str) -> Reply:
        """Fetch a public document: discovery or the keys."""

    def post(self, url: str, form: Mapping[str, str], client: ClientCredentials) -> Reply:
        """Post a form with `client_secret_basic` (RFC 6749 2.3.1)."""


class Mailer(Protocol):
    """Mailgun's message endpoint."""

    def send(self, endpoint: str, domain: str, api_key: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Post one message, return status and body; raises `MailerUnavailable` when there is no answer."""


class SecretReader(Protocol):
    """Secrets Manager."""

    def read(self, secret_id: str) -> str:
        """Read the current value; raises `SecretsUnavailable`."""


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
