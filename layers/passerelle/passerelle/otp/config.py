"""The Mailgun secret: the JSON of Logto's own Mailgun connector, as a user has it, and a few members more."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from passerelle.errors import Misconfigured
from passerelle.log import discreet
from passerelle.otp.fields import Fields, is_header
from passerelle.otp.language import TAG, lookup
from passerelle.otp.message import MESSAGE_TYPES
from passerelle.otp.ready_made import READY_MADE
from passerelle.settings import is_near

US, EU = "https://api.mailgun.net", "https://api.eu.mailgun.net"
"""Mailgun's regions: the same accounts and keys, but each with its own domains."""

DEFAULT_ENDPOINT = US

PLACE = "the Mailgun secret: "
"""Begins every reason, so that it can be told in other words where the configuration comes from."""

_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_KEY = re.compile(r"[!-~]+")

_AN_ENDPOINT = 'is not an https URL, such as "https://api.mailgun.net" or "https://api.eu.mailgun.net"'
_A_DOMAIN = 'is not a bare domain, without https:// and path, such as "mg.example.com"'
_A_KEY = 'is missing or not a key, such as "key-0123456789abcdef0123456789abcdef"'
_A_SENDER = 'is missing or not a sender, such as "Example <sign-in@mg.example.com>"'
_A_SUBJECT = 'is not one line of text, such as "Your sign-in code"'
_A_REPLY_ADDRESS = 'is not one line of text, such as "Example <help@example.com>"'
_A_TEMPLATE = 'is not the name of a template stored at Mailgun, such as "sign-in"'
_AN_HTML = 'is not a text, such as "<p>Your code is {{code}}</p>"'
_A_TEXT = 'is not a text, such as "Your code is {{code}}"'
_NO_CONTENT = 'needs "html", such as "<p>{{code}}</p>", or "template" with the name of one stored at Mailgun'


class Delivery(NamedTuple):
    """How messages of one type are sent: `html`, or a `template` stored at Mailgun; `html` wins."""

    subject: str | None
    reply_to: str | None
    html: str | None
    text: str | None
    template: str | None
    variables: Mapping[str, Any]
    locales: "Mapping[str, Delivery]"
    """Whole deliveries by language tag (RFC 5646)."""

    def in_language(self, wanted: list[str]) -> "Delivery":
        """Return the translation that fits best, or this delivery when none does."""
        tag = lookup(wanted, self.locales)
        return self.locales[tag] if tag else self


@discreet
class MailgunConfig(NamedTuple):
    """Account, sender and deliveries."""

    endpoint: str
    domain: str
    api_key: str
    sender: str
    deliveries: Mapping[str, Delivery]
    webhook_signing_keys: tuple[str, ...]
    """Of Mailgun's webhooks; without one none is believed."""
    webhook_key_changes: bool
    """Whether one is being rotated: events that no key fits may be signed by one that comes soon."""

    def delivery(self, message_type: str) -> Delivery:
        """Pick the delivery for a type, else `Generic`; raises `Misconfigured` when there is neither."""
        delivery = self.deliveries.get(message_type) or self.deliveries.get("Generic")
        if delivery is None:
            raise Misconfigured(
                "delivery_missing",
                reason=f"{PLACE}deliveries: neither {message_type} nor Generic is there; "
                'add one, such as "Generic": {"subject": "Your code", "html": "<p>{{code}}</p>"}',
            )
        return delivery


def parse_mailgun_config(secret: Mapping[str, Any]) -> MailgunConfig:
    """Read the Mailgun secret.

    Raises `Misconfigured` with every member that is wrong, what is wrong with it and an example of a right
    one; never with a value.
    """
    given = {name: value for name, value in secret.items() if value not in (None, "")}
    fields = Fields({"endpoint": DEFAULT_ENDPOINT, "deliveries": READY_MADE, **given})
    deliveries = fields.object("deliveries")
    one = fields.optional("webhookSigningKey", _KEY.fullmatch, _A_KEY)
    several = fields.texts("webhookSigningKeys", _KEY.fullmatch, _A_KEY)
    config = MailgunConfig(
        endpoint=fields.text("endpoint", _is_endpoint, _AN_ENDPOINT),
        domain=fields.text("domain", _DOMAIN.fullmatch, _A_DOMAIN),
        api_key=fields.text("apiKey", _KEY.fullmatch, _A_KEY),
        sender=fields.text("from", is_header, _A_SENDER),
        deliveries={
            name: _delivery(fields.inside(f"deliveries.{name}", value), name)
            for name, value in deliveries.items()
        },
        webhook_signing_keys=several or tuple(filter(None, [one])),
        webhook_key_changes=bool(several),
    )
    if fields.problems:
        raise Misconfigured("secret_invalid", reason=PLACE + "; ".join(fields.problems))
    return config


def _delivery(fields: Fields, name: str) -> Delivery:
    if name not in MESSAGE_TYPES:
        fields.problem("", f"is not a type of message that Logto knows, such as {', '.join(_SOME_TYPES)}")
    delivery = _read(fields)
    if delivery.html is None and delivery.template is None:
        fields.problem("", _NO_CONTENT)
    translations = fields.object("locales") if fields.has("locales") else {}
    return delivery._replace(
        locales={
            tag: _translated(delivery, fields.inside(f"locales.{tag}", value), tag)
            for tag, value in translations.items()
        }
    )


def _translated(delivery: Delivery, fields: Fields, tag: str) -> Delivery:
    if not TAG.fullmatch(tag):
        fields.problem("", 'is not a language tag, such as "fr" or "pt-BR"')
    own = _read(fields)
    if own.template is not None and own.html is None:
        # It would never be used otherwise, since `html` wins.
        delivery = delivery._replace(html=None, text=None)
    changes = {name: value for name, value in own._asdict().items() if value}
    return delivery._replace(**changes)


def _read(fields: Fields) -> Delivery:
    return Delivery(
        subject=fields.optional("subject", is_header, _A_SUBJECT),
        reply_to=fields.optional("replyTo", is_header, _A_REPLY_ADDRESS),
        html=fields.optional("html", expected=_AN_HTML),
        text=fields.optional("text", expected=_A_TEXT),
        template=fields.optional("template", is_header, _A_TEMPLATE),
        variables=fields.object("variables") if fields.has("variables") else {},
        locales={},
    )


_SOME_TYPES = ("SignIn", "Register", "ForgotPassword", "Generic")


def _is_endpoint(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_near(parts.hostname or "")
