"""What came of a message, as it is counted and as the audit has it."""

from typing import Any

from passerelle import audit, metrics
from passerelle.errors import (
    BearerRefused,
    InvalidRequest,
    LimitReached,
    MessageRefused,
    Misconfigured,
    PasserelleError,
)

_OF_ERRORS: dict[type[PasserelleError], str] = {
    InvalidRequest: "invalid",
    MessageRefused: "refused",
    LimitReached: "limited",
    Misconfigured: "misconfigured",
}


def told(error: PasserelleError) -> audit.Line:
    """Tell a message that was not sent."""
    outcome = next((each for kind, each in _OF_ERRORS.items() if isinstance(error, kind)), "unavailable")
    if error.status in (401, 403):
        outcome = "unauthorized"
    event = "bearer_refused" if isinstance(error, BearerRefused) else "message_not_sent"
    return audit.Line(event, audit.entry(outcome) | counted(outcome, failed=1))


def counted(outcome: str, *, failed: int = 0) -> dict[str, Any]:
    """Count a message by what came of it, and whether it failed: the mean of that is a rate."""
    return metrics.together(
        metrics.count("Messages", outcome=outcome), metrics.count("MessageFailed", failed)
    )
