"""What became of a message: `POST /webhooks/mailgun`.

Mailgun repeats an event until it is answered 200, or 406, which says: never again. So 406 is for what will
never be believed, and everything that may pass is an error of another kind.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from passerelle import audit, log, metrics
from passerelle.errors import Misconfigured, Unavailable, WebhookRefused
from passerelle.kept import fetch_ahead
from passerelle.keys import encode, is_signed_with
from passerelle.otp.fields import Fields, json_object
from passerelle.otp.limits import suppression_key
from passerelle.otp.ports import DeliveryEvent, MessageRecord, Suppression
from passerelle.services import Services

MAX_BODY_BYTES = 256 * 1024

told = audit.refused_call("webhook_refused")

BELIEVED_SECONDS = 24 * 3600
"""How old an event may be, or how far ahead; Mailgun repeats them for eight hours, signed as at first."""

MARK_KEPT_SECONDS = 2 * BELIEVED_SECONDS
SUPPRESSED_SECONDS = 7 * 24 * 3600
"""How long an address that bounced is not tried again; Mailgun would tell at the next try."""

_SUPPRESSIONS: Mapping[str, Suppression] = {
    "bounce": "bounce",
    "suppress-bounce": "bounce",
    "suppress-complaint": "complaint",
    "suppress-unsubscribe": "unsubscribe",
}
_Kind = Literal["delivered", "deferred", "bounced", "failed", "complained"]


class _Told(NamedTuple):
    kind: _Kind
    reason: str
    suppression: Suppression | Literal[""]


def take(services: Services, body: bytes, now: float) -> None:
    """Believe an event that Mailgun signed, once, and note it on its message and address.

    Raises `WebhookRefused` for what Mailgun did not sign, `Misconfigured` while the secret has no
    `webhookSigningKey`, `Unavailable` for what is to be sent again.
    """
    fetch_ahead(now, services.secrets.mailgun, services.secrets.keys)
    value = json_object(body)
    if value is None:
        raise WebhookRefused(reason="the body is not a JSON object")
    token = _demand_signature(services, value, now)
    try:
        event = _event(services, value, token, now)
    except WebhookRefused:
        _note(services, _ignored(token, now), now)
        raise
    record = services.messages.record(event.delivery_id) if event.delivery_id else None
    known = event if record else event._replace(delivery_id="")
    if not _note(services, known, now):
        log.info("mailgun_event_known")
        return
    if event.kind == "ignored":
        log.info("mailgun_event_ignored")
        return
    told = {"delivery_id": event.delivery_id, "reason": event.reason}
    log.info("mailgun_event", **told, **metrics.together(*_counted(event, record)))


def _counted(event: DeliveryEvent, record: MessageRecord | None) -> Iterator[Mapping[str, Any]]:
    yield metrics.count("Messages", outcome=event.kind)
    if event.kind in ("delivered", "bounced", "complained"):
        # What mail providers judge a sender by; the mean is a rate.
        yield metrics.count("MessageBounced", int(event.kind != "delivered"))
    if record and record.settled_at and event.kind == "delivered":
        seconds = max(0.0, round(event.at - record.settled_at, 3))
        yield metrics.count("SecondsToDelivery", seconds, "Seconds")


def _note(services: Services, event: DeliveryEvent, now: float) -> bool:
    return services.messages.note_event(event, int(now) + MARK_KEPT_SECONDS, int(now) + SUPPRESSED_SECONDS)


def _ignored(token: str, now: float) -> DeliveryEvent:
    """Make what uses up a token: with one to spare anybody could sign an event of their own making."""
    return DeliveryEvent(token, "", "ignored", now, "", "", "")


def _demand_signature(services: Services, value: Mapping[str, Any], now: float) -> str:
    """Verify HMAC-SHA256 over timestamp and token; return what makes the event one of its kind."""
    fields = Fields(value).inside("signature", value.get("signature"))
    timestamp, token = fields.text("timestamp", _is_decimal), fields.text("token")
    signature = fields.text("signature", str.isascii)
    if fields.problems:
        raise WebhookRefused(reason="; ".join(fields.problems))
    if not _is_signed(services, timestamp + token, signature, now):
        raise WebhookRefused(reason="not signed with webhookSigningKey")
    if abs(now - int(timestamp[:12])) > BELIEVED_SECONDS:
        raise WebhookRefused(reason="signed more than a day ago, or ahead")
    return encode(hashlib.sha256(token.encode()).digest())


def _is_signed(services: Services, text: str, signature: str, now: float) -> bool:
    secret = services.secrets.mailgun
    if is_signed_with(secret.get(now).webhook_signing_keys, text.encode(), signature):
        return True
    # The key may be newer than what we hold. A stranger's event may have used up the right to look, and a
    # real one must not be refused for good for that.
    newer = secret.get(now) if secret.tried_at >= now else secret.again(now)
    if newer is None:
        raise Unavailable("webhook_unverified", reason="the signature does not fit the key read a moment ago")
    if not newer.webhook_signing_keys:
        raise Misconfigured("webhook_key_missing", reason="the Mailgun secret has no webhookSigningKey")
    is_signed = is_signed_with(newer.webhook_signing_keys, text.encode(), signature)
    if not is_signed and newer.webhook_key_changes:
        raise Unavailable("webhook_unverified", reason="none of webhookSigningKeys fits; a newer one may")
    return is_signed


def _is_decimal(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _event(services: Services, value: Mapping[str, Any], token: str, now: float) -> DeliveryEvent:
    """Read the event; `ignored` when it is another domain's, or of a kind that changes nothing here."""
    data = value.get("event-data")
    fields = Fields(value).inside("event-data", data)
    told = _told(data) if isinstance(data, dict) else None
    recipient, at = fields.text("recipient"), fields.number("timestamp")
    if fields.problems:
        raise WebhookRefused(reason="; ".join(fields.problems))
    domain = services.secrets.mailgun.get(now).domain
    if told is None or not isinstance(data, dict) or not _is_of(domain, data):
        return _ignored(token, now)
    variables = data.get("user-variables")
    delivery_id = variables.get("delivery-id") if isinstance(variables, dict) else None
    return DeliveryEvent(
        token=token,
        delivery_id=delivery_id if isinstance(delivery_id, str) and len(delivery_id) == 43 else "",
        kind=told.kind,
        at=at,
        reason=told.reason,
        address=suppression_key(services.secrets.keys.get(now), recipient),
        suppression=told.suppression,
    )


def _is_of(domain: str, data: Mapping[str, Any]) -> bool:
    """Whether an event is of a domain, as far as it tells: one key signs for all domains of an account."""
    named = _at(data, "domain", "name") or _at(data, "domain")
    named = named or _at(data, "message", "headers", "message-id").rpartition("@")[2]
    return named.lower() in ("", domain.lower())


def _at(value: object, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _told(data: Mapping[str, Any]) -> _Told | None:
    event, reason = data.get("event"), data.get("reason")
    cause = reason if isinstance(reason, str) and reason.isascii() and 0 < len(reason) <= 64 else "unknown"
    if event == "delivered":
        return _Told("delivered", "", "")
    if event == "complained":
        return _Told("complained", "", "complaint")
    if event != "failed":
        return None
    if data.get("severity") != "permanent":
        return _Told("deferred", cause, "")
    suppression: Suppression | Literal[""] = _SUPPRESSIONS.get(cause, "")
    return _Told("bounced" if suppression == "bounce" else "failed", cause, suppression)
