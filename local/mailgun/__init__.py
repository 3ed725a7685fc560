"""A Mailgun to develop against: it answers as the real one does and keeps the mail for reading."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import flask

from local.mailgun.account import Account, DnsRecord, Template
from local.mailgun.domain_api import describing
from local.mailgun.events import Json, event_data, signed
from local.mailgun.faults import Faults
from local.mailgun.mailbox import Mailbox, Message, Received
from local.mailgun.misbehaviour import DROP, Misbehaviour
from local.mailgun.outcomes import COMPLAINED, DELIVERED, NO_MAILBOX, OVER_QUOTA, Outcome, outcomes
from local.mailgun.reading import reading
from local.mailgun.sending import MAX_REQUEST_BYTES, sending
from local.mailgun.suppression_api import suppressing
from local.mailgun.suppressions import Suppressions
from local.mailgun.webhook_api import registering
from local.mailgun.webhooks import RETRY_DELAYS, Posted, Webhook, Webhooks
from local.outages import Outage

__all__ = [
    "DROP",
    "DnsRecord",
    "EmbeddedMailgun",
    "Message",
    "Misbehaviour",
    "Outage",
    "Posted",
    "Received",
    "Template",
]


class EmbeddedMailgun(Account):
    """One Mailgun account with one domain; `app` is for any threaded WSGI server.

    `api_key` opens everything, `sending_key` (if there is one) only the sending of mail. What becomes of a
    message is posted to the addresses in `webhooks`, where `webhook_url` (if there is one) is registered from
    the beginning, signed with `webhook_signing_key`: again after each of `retry_delays`, and with `pause`
    between two events of one message (seconds). The account's own attributes are in `Account`.
    """

    def __init__(
        self,
        *,
        domain: str,
        api_key: str,
        sending_key: str = "",
        webhook_url: str = "",
        webhook_signing_key: str = "",
        retry_delays: Sequence[float] = RETRY_DELAYS,
        pause: float = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(domain, clock())
        self.api_key = api_key
        self.sending_key = sending_key
        self.webhook_url = webhook_url
        self.webhook_signing_key = webhook_signing_key
        self.retry_delays = retry_delays
        self.pause = pause
        self.clock = clock
        self.misbehave = Misbehaviour()
        self._memory = _Memory(retry_delays)
        self.app = _app(self)

    @property
    def messages(self) -> list[Message]:
        """The mail delivered so far, newest first."""
        return self._memory.mailbox.messages()

    @property
    def accepted(self) -> list[Message]:
        """The mail accepted so far, newest first: what was delivered and what was not."""
        return self._memory.mailbox.accepted()

    @property
    def requests(self) -> list[Received]:
        """Every request to send mail, refused ones too, oldest first."""
        return self._memory.mailbox.requests()

    @property
    def suppressions(self) -> Suppressions:
        """The addresses that get no more mail."""
        return self._memory.suppressions

    @property
    def posted(self) -> list[Posted]:
        """Every attempt to post a webhook, oldest first."""
        return self._memory.webhooks.posted()

    def receive(self, request: Received) -> None:
        """Note down a request before judging it."""
        self._memory.mailbox.note(request)

    def accept(self, message: Message) -> Callable[[], None]:
        """Let become of a message what its recipients are known for.

        Its webhooks go out when the result is called.
        """
        memory, now = self._memory, self.clock()
        became, webhooks = [], []
        for address in message.recipients:
            suppressed = memory.suppressions.list_of(address)
            for place, outcome in enumerate(outcomes(address, suppressed)):
                memory.suppressions.learn(address, outcome, now)
                became.append((address, outcome))
                delay = place * self.pause
                for url in self.webhooks.get(outcome.webhook, []):
                    webhooks.append((delay, self._webhook(url, message, address, outcome, now + delay)))
        memory.mailbox.keep(replace(message, became=tuple(became)))
        return memory.webhooks.hold(webhooks)

    def deliver(self, message: Message) -> None:
        """Put a message into the mailbox, whoever it is for."""
        self._memory.mailbox.keep(message)

    def webhook_body(
        self,
        event: str,
        to: Message | str,
        *,
        key: str | None = None,
        timestamp: float | None = None,
        token: str = "",
        **event_fields: Any,
    ) -> Json:
        """A webhook of one's own: about a message, or about one that never was to the address `to`.

        `event` is `delivered`, `complained`, `failed` (a bounce) or `deferred` (a failure that is temporary).
        Everything else replaces what would be right: the signing key, the signed timestamp (Unix seconds) and
        token, and fields of the event, with `_` for `-`: `reason="generic"`, `user_variables={}`.
        """
        message = self._imagined(to) if isinstance(to, str) else to
        at = self.clock() if timestamp is None else timestamp
        data = event_data(message, message.recipients[0], _OUTCOMES[event], at)
        data |= {name.replace("_", "-"): value for name, value in event_fields.items()}
        return signed(self.webhook_signing_key if key is None else key, data, at, token)

    def settle(self, timeout: float = 5) -> None:
        """Wait until no webhook is pending, retries included; `TimeoutError` if that takes too long."""
        self._memory.webhooks.settle(timeout)

    def empty(self) -> None:
        """Throw the mail away, as the mailbox's own button does."""
        self._memory.mailbox.empty()

    def clear(self) -> None:
        """Become as new, but for the account: no mail, no requests, nobody suppressed, good behaviour."""
        old, self._memory = self._memory, _Memory(self.retry_delays)
        self.misbehave = Misbehaviour()
        self.calls.clear()
        old.webhooks.close()

    def close(self) -> None:
        """Post no more webhooks."""
        self._memory.webhooks.close()

    def _webhook(self, url: str, message: Message, address: str, outcome: Outcome, at: float) -> Webhook:
        data = event_data(message, address, outcome, at)
        return Webhook(url, signed(self.webhook_signing_key, data, at))

    def _imagined(self, to: str) -> Message:
        fields = [("from", f"sign-in@{self.domain}"), ("to", to)]
        return Message(f"<{uuid.uuid4().hex}@{self.domain}>", self.clock(), fields)


_OUTCOMES = {"delivered": DELIVERED, "complained": COMPLAINED, "failed": NO_MAILBOX, "deferred": OVER_QUOTA}


class _Memory:
    # Replaced as a whole: whatever is under way when all is to be forgotten writes into the old one.
    def __init__(self, retry_delays: Sequence[float]) -> None:
        self.mailbox = Mailbox()
        self.suppressions = Suppressions()
        self.webhooks = Webhooks(retry_delays)


def _app(mailgun: EmbeddedMailgun) -> flask.Flask:
    app = flask.Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES, MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # fields are shown in the order they came
    Faults(mailgun).guard(app)
    app.register_blueprint(sending(mailgun))
    app.register_blueprint(describing(mailgun))
    app.register_blueprint(registering(mailgun))
    app.register_blueprint(suppressing(mailgun))
    app.register_blueprint(reading(mailgun))
    return app
