"""Deliver a one-time code: `POST /send-otp`, called by Logto's HTTP e-mail connector.

Whatever goes wrong, the body of the answer says only a neutral code: Logto shows it to the anonymous
browser of whoever is signing in. The cause is in the log, under the same correlation id.
"""

import hmac
import random

from passerelle import audit, log
from passerelle.errors import (
    BearerRefused,
    LimitReached,
    MailerUnavailable,
    MessageRefused,
    PasserelleError,
    StoreUnavailable,
)
from passerelle.kept import fetch_ahead
from passerelle.keys import Keyring, encode, random_value
from passerelle.otp import limits
from passerelle.otp.answer import NO_ANSWER, Verdict, judged
from passerelle.otp.config import MailgunConfig
from passerelle.otp.form import Style, form_fields
from passerelle.otp.message import Message, parse_message
from passerelle.otp.outcomes import counted
from passerelle.otp.ports import Claim, Suppression
from passerelle.services import Services

MAX_BODY_BYTES = 16 * 1024

BUDGET_SECONDS = 8.0
"""For everything until Mailgun has answered for the last time."""

DEAD_AFTER_SECONDS = 10.0
"""Who claimed a message longer ago, and has not said how it ended, is dead: its budget has passed."""

ONCE_SECONDS = 600
"""How long the same code of the same type to the same address is one message: as long as Logto accepts it."""

RECORD_KEPT_SECONDS = 3 * 24 * 3600
"""How long a message is remembered for what Mailgun tells of it, which may take hours."""

_LEAST_SECONDS = 1.0
_POLL_SECONDS = 0.2
_NOTHING_SENT = Verdict("answer_unexpected")

_SUPPRESSED: tuple[tuple[Suppression, str], ...] = (
    ("complaint", "the owner of this address has complained of spam, which is not lifted"),
    ("unsubscribe", "the owner of this address has unsubscribed at Mailgun"),
    ("bounce", "mail to this address has bounced: see `passerelle bounces`"),
)
"""Reasons, those that only the owner of the address can lift first."""


def demand_bearer(services: Services, authorization: str | None, now: float) -> None:
    """Refuse a caller without one of the connector's tokens; raises `BearerRefused`.

    Compared in constant time with each token. A wrong one may be newer than what we hold, so the secret is
    read again, at most once in 30 seconds.
    """
    fetch_ahead(now, services.secrets.mailgun, services.secrets.keys)
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BearerRefused(reason="no bearer token")
    connector = services.secrets.connector
    if not _is_one_of(token, connector.get(now)) and not _is_one_of(token, connector.again(now) or ()):
        raise BearerRefused(reason="not a token of the connector secret")


def deliver(services: Services, body: bytes, now: float) -> None:
    """Send the message that Logto asks for through Mailgun, once, however often it asks.

    Raises `InvalidRequest` for a body that is not the connector's, `MessageRefused` when it will never
    arrive, `LimitReached`, `MailerUnavailable` and `StoreUnavailable` when it may be sent later,
    `Misconfigured` when the operator has to act.
    """
    message = parse_message(body)
    about = {"type": message.type}
    if network := limits.client_network(message.ip):
        about["client"] = audit.network_of(network.partition("/")[0])
    try:
        keyring = services.secrets.keys.get(now)
        about["who"] = limits.limit_key(keyring, message.to)
        _deliver(services, keyring, message, about, now)
    except PasserelleError as error:
        error.about = about
        raise


def style_of(services: Services) -> Style:
    """Return how the settings want messages to be made."""
    settings = services.settings
    return Style(settings.mailgun_compat == "logto", settings.mailgun_require_tls)


def _deliver(
    services: Services, keyring: Keyring, message: Message, about: dict[str, str], now: float
) -> None:
    config = services.secrets.mailgun.get(now)
    config.delivery(message.type)  # before anything is counted
    deadline = now + BUDGET_SECONDS
    claim = _taken(services, keyring, message, deadline)
    if claim is None:
        audit.note("message_sent_before", "repeated", counted=counted("repeated"), **about)
        return
    reserved = _reserved(services, keyring, message, claim, now)
    verdict = _sent(services, config, message, claim, reserved, deadline)
    outcome = "over_budget" if reserved.over_budget else "accepted"
    ids = {"delivery_id": claim.delivery_id, "mailgun_id": verdict.message_id}
    audit.note("message_accepted", outcome, counted=counted(outcome), **ids, **about)
    limits.see_client(services, message, claim.address, now)


def _taken(services: Services, keyring: Keyring, message: Message, deadline: float) -> Claim | None:
    """Claim the message; None when another request has sent it, after waiting for one that is at it."""
    while True:
        now = services.clock.now()
        claim = _claim(services, keyring, message, now)
        claimed = services.messages.claim(claim)
        if claimed.outcome == "taken":
            return claim
        if claimed.outcome == "accepted":
            return None
        if claimed.outcome == "suppressed":
            reasons = (why for kind, why in _SUPPRESSED if kind in claimed.suppressions)
            raise MessageRefused(reason=next(reasons, "this address is suppressed"))
        if claimed.outcome == "limited":
            raise limits.limit_reached(claimed.limit.partition("#")[0], now)
        _await_other(services, claim, deadline)


def _reserved(
    services: Services, keyring: Keyring, message: Message, claim: Claim, now: float
) -> limits.Reserved:
    """Take the message's shares of domain and budget; after the claim, as one that was sent needs none."""
    try:
        return limits.reserve(services, keyring, message, now)
    except LimitReached:
        _note(services, claim, _NOTHING_SENT)
        raise


def _claim(services: Services, keyring: Keyring, message: Message, now: float) -> Claim:
    return Claim(
        delivery_id=_delivery_id(keyring, message),
        taker=random_value(),
        address=limits.suppression_key(keyring, message.to),
        counts=limits.counts(services, keyring, message, now),
        claimed_at=now,
        dead_before=now - DEAD_AFTER_SECONDS,
        forgotten_before=now - ONCE_SECONDS,
        delete_after=int(now) + RECORD_KEPT_SECONDS,
    )


def _delivery_id(keyring: Keyring, message: Message) -> str:
    if message.once is None:
        return random_value()
    return encode(keyring.index_hash("message", "\n".join([message.to, message.type, message.once])))


def _await_other(services: Services, claim: Claim, deadline: float) -> None:
    """Wait while another request sends the message; raises `MailerUnavailable` when that takes too long."""
    while services.clock.now() < deadline:
        services.clock.sleep(_POLL_SECONDS)
        record = services.messages.record(claim.delivery_id)
        if record is None or record.state != "sending":
            return
    raise MailerUnavailable("delivery_unfinished", reason="another request is at this message")


def _sent(
    services: Services,
    config: MailgunConfig,
    message: Message,
    claim: Claim,
    reserved: limits.Reserved,
    deadline: float,
) -> Verdict:
    """Send the message, and note how that ended; raises the error that Mailgun's answer means."""
    verdict, status = _NOTHING_SENT, 0
    try:
        verdict, status = _attempts(services, config, message, claim, deadline)
    finally:
        _note(services, claim, verdict)
        if not verdict.is_counted:
            limits.give_back(services, reserved)
    if not verdict.is_accepted:
        raise verdict.error(status)
    return verdict


def _attempts(
    services: Services, config: MailgunConfig, message: Message, claim: Claim, deadline: float
) -> tuple[Verdict, int]:
    """Try; once more with a newer key, if there is one; and once more when the fault may pass in time."""
    verdict, status = _attempt(services, config, message, claim, deadline)
    now = services.clock.now()
    if verdict.cause == "mailgun_auth_failed" and (newer := services.secrets.mailgun.refused(config, now)):
        config = newer
        verdict, status = _attempt(services, config, message, claim, deadline)
    if not verdict.is_passing:
        return verdict, status
    now = services.clock.now()
    pause = max(0.0, (verdict.again_at or now) - now) + random.uniform(0.1, 0.5)  # noqa: S311
    if now + pause + _LEAST_SECONDS > deadline:
        return verdict, status
    # An answer that did not come leaves open whether the message was taken. Twice is better than never.
    log.info("message_tried_again", cause=verdict.cause, status=status)
    services.clock.sleep(pause)
    return _attempt(services, config, message, claim, deadline)


def _attempt(
    services: Services, config: MailgunConfig, message: Message, claim: Claim, deadline: float
) -> tuple[Verdict, int]:
    form = form_fields(config, message, claim.delivery_id, style_of(services))
    seconds = deadline - services.clock.now()
    try:
        status, answer = services.mailer.send(config.endpoint, config.domain, config.api_key, form, seconds)
    except MailerUnavailable:
        return NO_ANSWER, 0
    return judged(status, answer), status


def _note(services: Services, claim: Claim, verdict: Verdict) -> None:
    """Note how it ended. When even that fails, the claim is taken over by whoever asks again."""
    to_give_back = () if verdict.is_counted else claim.counts
    try:
        services.messages.settle(
            claim._replace(counts=to_give_back), accepted=verdict.is_accepted, at=services.clock.now()
        )
    except StoreUnavailable as error:
        log.warning("outcome_not_noted", reason=error.reason)


def _is_one_of(token: str, accepted: tuple[str, ...]) -> bool:
    # Every token is compared, so that the time taken does not tell which one was near.
    return sum(hmac.compare_digest(token.encode(), known.encode()) for known in accepted) > 0
