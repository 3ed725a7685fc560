"""Logto tells of its users: `POST /webhooks/logto`.

Suspended, deleted, or with a new password: their sessions end within the request (OWASP ASVS 5.0, 7.4.2).
Logto sends each event once, and takes no note of an answer.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from passerelle import audit, log
from passerelle.endings import end_or_keep, ending
from passerelle.errors import BearerRefused, InvalidRequest, Misconfigured, Unavailable
from passerelle.kept import fetch_ahead
from passerelle.keys import is_signed_with
from passerelle.services import Services
from passerelle.sessions import EndCause, partition

MAX_BODY_BYTES = 256 * 1024

told = audit.refused_call("webhook_refused")

_ENDING_EVENTS: Mapping[str, EndCause] = {
    "User.SuspensionStatus.Updated": "user_suspended",
    "User.Deleted": "user_deleted",
    "PostResetPassword": "password_reset",
}


def take(services: Services, body: bytes, signature: str | None, now: float) -> None:
    """Believe an event that Logto signed, and end the sessions of the user whom it concerns.

    Raises `BearerRefused` for a signature that is not Logto's, `InvalidRequest` for what is no event,
    `Misconfigured` while the Logto secret has no `webhookSigningKey`, and `Unavailable`.
    """
    fetch_ahead(now, services.secrets.keys)
    _demand_signature(services, body, signature or "", now)
    event = _object(body)
    cause = _ENDING_EVENTS.get(str(event.get("event")))
    if cause is None or (cause == "user_suspended" and not _is_suspended(event)):
        log.info("logto_event_ignored")
        return
    user = partition(services.secrets.keys.get(now), services.settings.issuer, _subject(event))
    end_or_keep(services, ending(user=user, at=_created_at(event, now), cause=cause), now)


def _demand_signature(services: Services, body: bytes, signature: str, now: float) -> None:
    """Verify HMAC-SHA256 over the raw body; with the newest keys, since one may have been added."""
    secret = services.secrets.client
    if is_signed_with(secret.get(now).webhook_signing_keys, body, signature):
        return
    newer = secret.again(now)
    if newer is None:
        raise Unavailable("webhook_unverified", reason="the signature does not fit the key read a moment ago")
    if not newer.webhook_signing_keys:
        raise Misconfigured("webhook_key_missing", reason="the Logto secret has no webhookSigningKey")
    if not is_signed_with(newer.webhook_signing_keys, body, signature):
        raise BearerRefused("signature_invalid", reason="not signed with webhookSigningKey")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidRequest("event_invalid", reason="the body is not a JSON object")
    return value


def _is_suspended(event: Mapping[str, Any]) -> bool:
    data = event.get("data")
    return isinstance(data, dict) and data.get("isSuspended") is True


def _subject(event: Mapping[str, Any]) -> str:
    """The user is `data.id`, `userId`, or, where a deleted one has no data any more, `params.userId`."""
    data, params = event.get("data"), event.get("params")
    candidates = [
        data.get("id") if isinstance(data, dict) else None,
        event.get("userId"),
        params.get("userId") if isinstance(params, dict) else None,
    ]
    for subject in candidates:
        if isinstance(subject, str) and 0 < len(subject) <= 255:
            return subject
    raise InvalidRequest("event_invalid", reason="the event names no user")


def _created_at(event: Mapping[str, Any], now: float) -> float:
    """When it happened, and never later than now: a clock that is wrong must not keep anybody out."""
    try:
        created: datetime | None = datetime.fromisoformat(str(event.get("createdAt")).replace("Z", "+00:00"))
    except (ValueError, OverflowError):
        created = None
    if created is None or created.tzinfo is None:
        raise InvalidRequest("event_invalid", reason="createdAt is not a time")
    return min(created.timestamp(), now)
