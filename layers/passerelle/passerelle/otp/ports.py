"""What the table promises to messages."""

from typing import Literal, NamedTuple, Protocol


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


Suppression = Literal["bounce", "complaint", "unsubscribe"]
"""Why Mailgun drops what is sent to an address."""


class Claimed(NamedTuple):
    """What came of a claim."""

    outcome: Literal["taken", "sending", "accepted", "suppressed", "limited"]
    """`taken`: it is the caller's to send; `sending` and `accepted`: another one's; the rest: nobody's."""
    limit: str = ""
    """Key of the counter that is full."""
    suppressions: frozenset[Suppression] = frozenset()
    """Why the address takes no mail."""


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
    kind: Literal["delivered", "deferred", "bounced", "failed", "complained", "ignored"]
    """`ignored` changes nothing but that its token is used up."""
    at: float
    reason: str
    address: str
    """Partition of the address: a keyed hash."""
    suppression: Suppression | Literal[""]
    """Why Mailgun drops what is sent to the address from now on; empty when it does not."""


class MessageStore(Protocol):
    """Messages, limits, and what became of them. Every verb is atomic; all raise `StoreUnavailable`."""

    def claim(self, claim: Claim) -> Claimed:
        """In one transaction: take the message, count it, and see that its address takes mail.

        Taken by exactly one caller, however many try at once, until it has failed, or its taker is dead, or
        it is forgotten. What is not taken is not counted.
        """

    def settle(self, claim: Claim, *, accepted: bool, at: float) -> None:
        """Note how it ended, unless another one has taken it meanwhile.

        In one transaction with it, once, what did not go out is taken off the counters that the claim names.
        """

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
