"""What the outside world promises to the use cases.

Each port is kept by an adapter for the real service and, where tests need one, by a double; one contract
suite holds both to the promises written here. Ports ask and never judge.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

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


class Count(NamedTuple):
    """A counter of messages in one hour, and how far it may go."""

    key: str
    window: int
    """Number of the hour since the epoch."""
    maximum: int


class Claim(NamedTuple):
    """One try to send a message. Times are seconds since the epoch."""

    delivery_id: str
    """Which message it is: a keyed hash for one that is sent once, else a random value."""
    taker: str
    """Random name of the try."""
    address: str
    """Partition of the address: a keyed hash."""
    counts: tuple[Count, ...]
    claimed_at: float
    dead_before: float
    """Who claimed the message before this, and has not said how it ended, is dead."""
    forgotten_before: float
    """A claim from before this stands no longer, whatever became of it."""
    delete_after: int


class Claimed(NamedTuple):
    """What came of a claim."""

    outcome: Literal["taken", "sending", "accepted", "suppressed", "limited"]
    """`taken`: it is the caller's to send; `sending` and `accepted`: another one's; the rest: nobody's."""
    limit: str = ""
    """Key of the counter that is full."""


class MessageRecord(NamedTuple):
    """A message that was claimed."""

    state: Literal["sending", "accepted", "failed"]
    claimed_at: float
    settled_at: float | None
    """When Mailgun took it, or refused it."""


class DeliveryEvent(NamedTuple):
    """What became of a message, as Mailgun tells it."""

    token: str
    """SHA-256 of what makes the event one of its kind."""
    delivery_id: str
    """Empty when the message carried none of ours."""
    kind: Literal["delivered", "deferred", "bounced", "failed", "complained"]
    at: float
    reason: str
    address: str
    """Partition of the address: a keyed hash."""
    suppression: Literal["", "bounce", "complaint", "unsubscribe"]
    """Why Mailgun drops what is sent to the address from now on; empty when it does not."""


class MessageStore(Protocol):
    """Messages, limits, and what became of them. Every verb is atomic; all raise `StoreUnavailable`."""

    def claim(self, claim: Claim) -> Claimed:
        """In one transaction: take the message, count it, and see that its address takes mail.

        Taken by exactly one caller, however many try at once, until it has failed, or its taker is dead, or
        it is forgotten. What is not taken is not counted.
        """

    def settle(self, claim: Claim, *, accepted: bool, at: float) -> None:
        """Note how it ended, unless another one has taken it meanwhile."""

    def record(self, delivery_id: str) -> MessageRecord | None:
        """Read a message. Strongly consistent."""

    def reserve(self, key: str, window: int, amount: int, delete_after: int) -> int:
        """Add to a counter, and return the sum."""

    def note_event(self, event: DeliveryEvent, delete_after: int, suppressed_until: int) -> bool:
        """In one transaction: take the event, once, and note it on its message and its address.

        False when it was taken before.
        """

    def clear_suppression(self, address: str) -> None:
        """Let messages to an address pass again that had bounced; a complaint stays."""


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

    def send(
        self, endpoint: str, domain: str, api_key: str, form: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        """Post one message, return status and body; raises `MailerUnavailable` without an answer in time."""


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
