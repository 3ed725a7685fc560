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
    sid: str = ""
    """Hash of the provider's own session, when the provider names it."""
    generation: int = 0
    """How often the tokens were renewed."""
    lease_until: float = 0
    """Until when nobody else may renew them."""
    lease_holder: str = ""
    """Who is renewing them; empty while nobody may: the last try failed a moment ago."""


class Revocation(NamedTuple):
    """What of a user's sessions is over, by when their ID tokens were issued.

    Two times, since the earlier of two endings holds as well: a user who ends all others a moment after they
    were suspended is not spared.
    """

    before: int = 0
    """All until then."""
    others_before: int = 0
    """All until then, but for `spared`."""
    spared: str = ""

    def covers(self, session: StoredSession) -> bool:
        """Whether a session is over."""
        if session.issued_at <= self.before:
            return True
        return session.issued_at <= self.others_before and session.id != self.spared


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

    def finish_attempt(self, attempt: str, session: StoredSession, replaces: tuple[str, str] | None) -> bool:
        """In one transaction: store the session, note it on the mark, delete the session it replaces.

        `replaces` is the user and id of this browser's old session, which need not exist. False, and nothing
        done, when the session is over before it begins: the provider has ended its `sid`, or it is revoked.
        """

    def fail_attempt(self, attempt: str, error: str, status: int) -> None:
        """Note on the mark that the attempt failed, and how."""

    def session(self, user: str, session_id: str) -> tuple[StoredSession | None, Revocation | None]:
        """Read a session and its user's revocation in one strongly consistent call."""

    def sessions(self, user: str) -> tuple[list[StoredSession], Revocation | None]:
        """Read all sessions of a user, and the revocation. Strongly consistent."""

    def lease_session(self, session: StoredSession, holder: str, now: float, until: float) -> bool:
        """Take the right to renew the tokens: true for exactly one caller of a generation.

        Nobody has it while a lease lasts; `holder` is a random name.
        """

    def renew_session(self, session: StoredSession, holder: str, contents: str) -> bool:
        """Store renewed contents as the next generation, and give the lease back; false without the lease."""

    def release_session(self, session: StoredSession, holder: str, until: float) -> None:
        """Let others try to renew from `until` on, unless the lease is another one's by now."""

    def touch_session(self, user: str, session_id: str, seen_at: int, delete_after: int) -> bool:
        """Move `last_seen_at`; false when the session is gone, which this never brings back."""

    def end_session(self, user: str, session_id: str, ended_at: int) -> StoredSession | None:
        """End a session and return it: to exactly one caller, who gets it also when an answer is lost."""


class Revocations(Protocol):
    """What ends sessions from outside. Every verb is atomic; all raise `StoreUnavailable`."""

    def revoke(self, user: str, before: int, delete_after: int, *, spared: str = "") -> None:
        """End a user's sessions of until `before`, but for the one of the id `spared`.

        Never takes an earlier one back.
        """

    def end_sid(self, sid: str, delete_after: int) -> str:
        """Let no session begin with this `sid` any more; return the user of those that did, or nothing."""

    def is_marked(self, mark: str) -> bool:
        """Whether a value that is good for once was used. Strongly consistent."""

    def mark(self, mark: str, delete_after: int) -> bool:
        """Mark it as used: true for exactly one caller."""


class EventQueue(Protocol):
    """Where an event waits that could not be acted upon at once."""

    def put(self, event: Mapping[str, Any]) -> None:
        """Keep it; raises `Unavailable` when not even that is possible."""


@discreet
class ClientCredentials(NamedTuple):
    """Our registration at Logto."""

    client_id: str
    client_secret: str
    webhook_signing_keys: tuple[str, ...] = ()
    """Of Logto's webhooks, each of which has its own; without one none is believed."""


class Reply(NamedTuple):
    """An HTTP status and the JSON object that came with it; None when it was not one."""

    status: int
    body: Mapping[str, Any] | None


class Provider(Protocol):
    """Logto over HTTP. Raises `ProviderUnavailable` when there is no answer within the time limit."""

    def get(self, url: str, access_token: str = "") -> Reply:
        """Fetch a document: a public one, or with a bearer token (RFC 6750 2.1)."""

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
