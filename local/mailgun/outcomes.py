"""What may become of a message, and the addresses that are known to be trouble."""

from typing import Any, Literal, NamedTuple

Suppressed = Literal["bounces", "complaints"]
"""The lists of addresses that get no more mail."""


class Outcome(NamedTuple):
    """One thing that happened to a message on its way to a recipient, in Mailgun's own terms."""

    event: str
    code: int = 0
    message: str = ""
    description: str = ""
    severity: str = ""
    reason: str = ""

    @property
    def webhook(self) -> str:
        """The name that webhooks for this are registered under."""
        return f"{self.severity}_fail" if self.event == "failed" else self.event

    def as_json(self) -> dict[str, Any]:
        """What is worth telling a person."""
        told = {"event": self.event, "severity": self.severity, "reason": self.reason}
        return told | {"message": self.message or self.description}


DELIVERED = Outcome("delivered", 250, "OK")
COMPLAINED = Outcome("complained")
NO_MAILBOX = Outcome(
    "failed",
    550,
    "5.1.1 The email account that you tried to reach does not exist",
    severity="permanent",
    reason="bounce",
)
OVER_QUOTA = Outcome(
    "failed",
    452,
    "4.2.2 The email account that you tried to reach is over quota",
    severity="temporary",
    reason="generic",
)
_BOUNCED_BEFORE = Outcome(
    "failed",
    605,
    description="Not delivering to previously bounced address",
    severity="permanent",
    reason="suppress-bounce",
)
_COMPLAINED_BEFORE = Outcome(
    "failed",
    607,
    description="Not delivering to a user who marked your messages as spam",
    severity="permanent",
    reason="suppress-complaint",
)

_SUPPRESSED: dict[Suppressed, Outcome] = {"bounces": _BOUNCED_BEFORE, "complaints": _COMPLAINED_BEFORE}
_KNOWN_FOR = {
    "bounce": (NO_MAILBOX,),
    "full": (OVER_QUOTA, DELIVERED),
    "complain": (DELIVERED, COMPLAINED),
}


def outcomes(address: str, suppressed: Suppressed | None) -> tuple[Outcome, ...]:
    """What becomes of a message to this address, in the order in which it happens.

    Only the part before a `+` or `@` counts: `bounce+3@example.com` is a new address as bad as the last.
    """
    if suppressed:
        return (_SUPPRESSED[suppressed],)
    local_part = address.casefold().partition("@")[0].partition("+")[0]
    return _KNOWN_FOR.get(local_part, (DELIVERED,))
