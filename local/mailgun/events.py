"""The body of a webhook: what happened, and the signature that proves who tells it."""

import hashlib
import hmac
import json
import secrets
from email.utils import parseaddr
from typing import Any

from local.mailgun.mailbox import Message
from local.mailgun.outcomes import Outcome

Json = dict[str, Any]


def signed(key: str, event_data: Json, timestamp: float, token: str = "") -> Json:
    """The body that is posted. The signature covers time and token, not the event, as the real one's does."""
    token = token or secrets.token_hex(25)
    at = str(int(timestamp))
    signature = hmac.new(key.encode(), (at + token).encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": at, "token": token, "signature": signature},
        "event-data": event_data,
    }


def event_data(message: Message, recipient: str, outcome: Outcome, at: float) -> Json:
    """An event as Mailgun's API and webhooks show it."""
    return {
        "event": outcome.event,
        "id": secrets.token_urlsafe(16),
        "timestamp": float(at),
        "log-level": _log_level(outcome),
        **_failure(outcome),
        **_delivery_status(outcome),
        "envelope": {"transport": "smtp", "sender": parseaddr(message.sender)[1], "targets": recipient},
        "flags": {
            "is-routed": False,
            "is-authenticated": True,
            "is-system-test": False,
            "is-test-mode": False,
        },
        "message": _message(message),
        "recipient": recipient,
        "recipient-domain": recipient.rpartition("@")[2],
        "campaigns": [],
        "tags": message.all("o:tag"),
        "user-variables": _user_variables(message),
    }


def _log_level(outcome: Outcome) -> str:
    if outcome.event == "delivered":
        return "info"
    return "error" if outcome.severity == "permanent" else "warn"


def _failure(outcome: Outcome) -> Json:
    return {"severity": outcome.severity, "reason": outcome.reason} if outcome.event == "failed" else {}


def _delivery_status(outcome: Outcome) -> Json:
    # A complaint comes from a person, long after the servers are done.
    if outcome.event == "complained":
        return {}
    told = {"code": outcome.code, "message": outcome.message, "description": outcome.description}
    return {"delivery-status": {"attempt-no": 1, **told}}


def _message(message: Message) -> Json:
    headers = {
        "to": message.to,
        # Without the angle brackets of the answer to the sender.
        "message-id": message.id.strip("<>"),
        "from": message.sender,
        "subject": message.subject,
    }
    return {"headers": headers, "attachments": [], "size": len(f"{message.text}{message.html}".encode())}


def _user_variables(message: Message) -> Json:
    """What the sender attached for itself. A template's variables are not among it, nor broken JSON."""
    found: Json = {}
    for name, value in message.fields:
        if name.lower() == "h:x-mailgun-variables":
            found |= _json_object(value)
    return found | {name[2:]: value for name, value in message.fields if name.startswith("v:")}


def _json_object(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
