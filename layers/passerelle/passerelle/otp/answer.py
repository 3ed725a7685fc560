"""Judges what Mailgun says to a message: taken, refused, not now, or a fault that an operator has to mend."""

import json
import re
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

from passerelle.errors import MailerUnavailable, MessageRefused, Misconfigured, PasserelleError

Cause = Literal[
    "accepted",
    "recipient_invalid",
    "mailer_unavailable",
    "mailgun_rate_limited",
    "mailgun_auth_failed",
    "domain_not_found",
    "domain_unverified",
    "domain_disabled",
    "sandbox_recipient_not_authorised",
    "account_inactive",
    "account_limited",
    "template_invalid",
    "message_invalid",
    "sending_refused",
    "answer_unexpected",
]
"""Stable names for what Mailgun's answers mean; for the log and the operator, never for whoever signs in."""


class Verdict(NamedTuple):
    """What an answer means."""

    cause: Cause
    message_id: str = ""
    again_at: float | None = None
    """When Mailgun wants to be asked again, in seconds since the epoch, if it said so."""

    @property
    def is_accepted(self) -> bool:
        """Whether Mailgun has the message."""
        return self.cause == "accepted"

    @property
    def is_counted(self) -> bool:
        """Whether the try counts against whom it was for; what Mailgun or the operator got wrong does not."""
        return self.cause in ("accepted", "recipient_invalid")

    @property
    def is_passing(self) -> bool:
        """Whether the same message may be taken a little later."""
        return self.cause in ("mailer_unavailable", "mailgun_rate_limited")

    def error(self, status: int) -> PasserelleError:
        """Make the error for Logto, whose code says nothing of the cause; that is for the log."""
        reason = f"Mailgun answered {status}: {self.cause}" if status else f"no answer: {self.cause}"
        if self.cause == "recipient_invalid":
            return MessageRefused(reason=reason)
        if self.is_passing:
            return MailerUnavailable(reason=reason)
        return Misconfigured("delivery_failed", reason=reason)


NO_ANSWER = Verdict("mailer_unavailable")


def judged(status: int, body: str) -> Verdict:
    """Judge an answer of the message endpoint.

    Only a JSON object with an `id` means that the message was taken: a wrong path is answered 200 as well, by
    a text that greets.
    """
    if status == 200:
        message_id = _member(body, "id")
        return Verdict("accepted", message_id) if message_id else Verdict("answer_unexpected")
    if status == 429:
        return Verdict("mailgun_rate_limited", again_at=_again_at(body))
    if status >= 500:
        return Verdict("mailer_unavailable")
    if status in (400, 403):
        said = _member(body, "message")
        fallback: Cause = "message_invalid" if status == 400 else "sending_refused"
        return Verdict(next((cause for pattern, cause in _SAID if pattern.search(said)), fallback))
    return Verdict(_BY_STATUS.get(status, "answer_unexpected"))


_BY_STATUS: dict[int, Cause] = {
    401: "mailgun_auth_failed",
    402: "account_limited",
    404: "domain_not_found",
    413: "message_invalid",
}

_SAID: tuple[tuple[re.Pattern[str], Cause], ...] = (
    (re.compile(r"^'?to'? parameter", re.I), "recipient_invalid"),
    (re.compile(r"sandbox|authorized recipients|free accounts", re.I), "sandbox_recipient_not_authorised"),
    (re.compile(r"unverified|requires DNS", re.I), "domain_unverified"),
    (re.compile(r"activate your|account .*(disabled|suspended)", re.I), "account_inactive"),
    (re.compile(r"domain .*disabled", re.I), "domain_disabled"),
    (re.compile(r"template", re.I), "template_invalid"),
)
"""Mailgun's words, of which it has no list; the first that fits."""

_DATE = re.compile(r"try again after ([A-Za-z]{3}, .{10,30})")


def _member(body: str, name: str) -> str:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, str) else ""


def _again_at(body: str) -> float | None:
    match = _DATE.search(_member(body, "message") or body)
    if not match:
        return None
    try:
        return parsedate_to_datetime(match[1].strip().rstrip('."')).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
