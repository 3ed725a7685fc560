"""What Logto asks us to send, and how it is sent: both checked before anything is done.

By hand, since importing a library for two small shapes would double the cold start of the one function that a
person waits for most: the one that sends the code.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from passerelle.deliveries import DEFAULT_DELIVERIES
from passerelle.errors import InvalidRequest, Misconfigured
from passerelle.log import discreet

MESSAGE_TYPES = frozenset(
    {
        "SignIn",
        "Register",
        "ForgotPassword",
        "Generic",
        "OrganizationInvitation",
        "UserPermissionValidation",
        "BindNewIdentifier",
        "MfaVerification",
        "BindMfa",
    }
)
"""The types of message that Logto knows."""

DEFAULT_ENDPOINT = "https://api.mailgun.net"

# Mailgun reads a comma as a second recipient, and angle brackets as a name before the address.
_ADDRESS = re.compile(r"""[^\s@,;:<>()\[\]\\"\uff0c\u3001\uff1b\u201a]+@\w([\w.-]*\w)?""")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_KEY = re.compile(r"[!-~]+")


@discreet
class Message(NamedTuple):
    """The request of Logto's HTTP e-mail connector; members that we do not know are let pass."""

    to: str
    type: str
    payload: Mapping[str, Any]
    ip: str | None


class Delivery(NamedTuple):
    """How messages of one type are sent: `html`, or a `template` stored at Mailgun; `html` wins."""

    subject: str | None
    reply_to: str | None
    html: str | None
    text: str | None
    template: str | None
    variables: Mapping[str, Any]


@discreet
class MailgunConfig(NamedTuple):
    """The JSON of Logto's own Mailgun connector, as a user has it; `deliveries` may be left out."""

    endpoint: str
    domain: str
    api_key: str
    sender: str
    deliveries: Mapping[str, Delivery]

    def delivery(self, message_type: str) -> Delivery:
        """Pick the delivery for a type, else `Generic`; raises `Misconfigured` when there is neither."""
        delivery = self.deliveries.get(message_type) or self.deliveries.get("Generic")
        if delivery is None:
            raise Misconfigured(
                "delivery_missing", reason=f"neither {message_type} nor Generic in deliveries"
            )
        return delivery


def parse_message(body: bytes) -> Message:
    """Read the connector's request; raises `InvalidRequest` naming the wrong members, not their values."""
    value = _json_object(body)
    if value is None:
        raise InvalidRequest("message_invalid", reason="body: is not a JSON object")
    fields = _Fields(value)
    kind = fields.text("type", MESSAGE_TYPES.__contains__, "is not a type of message that Logto knows")
    message = Message(
        to=fields.text("to", _is_address, "is not one plain address"),
        type=kind,
        payload=fields.object("payload"),
        ip=fields.optional("ip"),
    )
    needed = "link" if kind == "OrganizationInvitation" else "code"
    fields.inside("payload", message.payload).text(needed)
    if fields.problems:
        raise InvalidRequest("message_invalid", reason="; ".join(fields.problems))
    return message


def parse_mailgun_config(secret: Mapping[str, Any]) -> MailgunConfig:
    """Read the Mailgun secret; raises `Misconfigured` naming the wrong members, not their values."""
    fields = _Fields({"endpoint": DEFAULT_ENDPOINT, "deliveries": DEFAULT_DELIVERIES, **secret})
    deliveries = fields.object("deliveries")
    config = MailgunConfig(
        endpoint=fields.text("endpoint", _is_endpoint, "is not an https URL like https://api.eu.mailgun.net"),
        domain=fields.text("domain", _DOMAIN.fullmatch, "is not a bare domain like mg.example.com"),
        api_key=fields.text("apiKey", _KEY.fullmatch, "is not a key"),
        sender=fields.text("from", _is_header, "is not a sender like Name <name@mg.example.com>"),
        deliveries={name: _delivery(fields, name, value) for name, value in deliveries.items()},
    )
    if fields.problems:
        raise Misconfigured("secret_invalid", reason="the Mailgun secret: " + "; ".join(fields.problems))
    return config


def _delivery(config: "_Fields", name: str, value: object) -> Delivery:
    fields = config.inside(f"deliveries.{name}", value)
    if name not in MESSAGE_TYPES:
        fields.problem("", "is not a type of message that Logto knows")
    delivery = Delivery(
        subject=fields.optional("subject", _is_header),
        reply_to=fields.optional("replyTo", _is_header),
        html=fields.optional("html"),
        text=fields.optional("text"),
        template=fields.optional("template", _is_header),
        variables=fields.object("variables") if fields.has("variables") else {},
    )
    if delivery.html is None and delivery.template is None:
        fields.problem("", 'needs "html", or "template" with the name of one stored at Mailgun')
    return delivery


Check = Callable[[str], object]


class _Fields:
    """Reads the members of a JSON object, and gathers what is wrong instead of stopping at the first."""

    def __init__(self, value: object, place: str = "", problems: list[str] | None = None) -> None:
        self._place, self.problems = place, problems if problems is not None else []
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.problem("", "is not an object")

    def inside(self, place: str, value: object) -> "_Fields":
        """Read an object that lies in this one."""
        return _Fields(value, place, self.problems)

    def problem(self, name: str, what: str) -> None:
        """Note what is wrong with a member, or with the object itself."""
        self.problems.append(f"{'.'.join(filter(None, [self._place, name])) or 'body'}: {what}")

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self._value.get(name) is not None

    def text(self, name: str, check: Check = bool, expected: str = "is missing or not a text") -> str:
        """Read a text that must be there and pass the check."""
        value = self._value.get(name)
        if not isinstance(value, str) or not check(value):
            self.problem(name, expected)
            return ""
        return value

    def optional(self, name: str, check: Check = str.__len__) -> str | None:
        """Read a text that may be absent, null or empty; one that is there must pass the check."""
        value = self._value.get(name)
        if value is None or value == "":
            return None
        return self.text(name, check, "is not a text, or has line breaks where none may be")

    def object(self, name: str) -> Mapping[str, Any]:
        """Read an object that must be there."""
        value = self._value.get(name)
        if isinstance(value, dict):
            return value
        self.problem(name, "is not an object")
        return {}


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be sent
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are not JSON (RFC 8259 6)


def _is_address(value: str) -> bool:
    return len(value) <= 320 and value.isprintable() and bool(_ADDRESS.fullmatch(value))


def _is_header(value: str) -> bool:
    return 0 < len(value) <= 998 and value.isprintable()


def _is_endpoint(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_near(parts.hostname or "")


def _is_near(host: str) -> bool:
    """Whether plain http to this host stays on the machine or its own network, as to a stand-in."""
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False
