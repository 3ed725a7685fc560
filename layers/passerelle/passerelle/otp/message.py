"""The request of Logto's HTTP e-mail connector."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from passerelle.errors import InvalidRequest
from passerelle.log import discreet
from passerelle.otp.fields import Fields, json_object

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

CONNECTOR_TEST_CODE = "000000"
"""What Logto's own test of the connector always sends, as a `Generic` message."""

# Mailgun reads a comma as a second recipient, and angle brackets as a name before the address.
_ADDRESS = re.compile(r"""[^\s@,;:<>()\[\]\\"\uff0c\u3001\uff1b\u201a]+@\w([\w.-]*\w)?""")

_LINK = re.compile(r"https?://\S", re.IGNORECASE)


@discreet
class Message(NamedTuple):
    """What is to be sent to whom; members that we do not know are let pass."""

    to: str
    type: str
    payload: Mapping[str, Any]
    ip: str | None
    """Address of whoever asked Logto for the message, as Logto sees it; not there for every type."""

    @property
    def once(self) -> str | None:
        """The code, when the message is one that is sent only once.

        None for the connector's test, which is the same each time, and for messages without a code: an
        invitation that is sent again has the same link.
        """
        code = self.payload.get("code")
        is_test = self.type == "Generic" and code == CONNECTOR_TEST_CODE
        return code if isinstance(code, str) and not is_test else None


def parse_message(body: bytes) -> Message:
    """Read the connector's request; raises `InvalidRequest` naming the wrong members, not their values."""
    value = json_object(body)
    if value is None:
        raise InvalidRequest("message_invalid", reason="body: is not a JSON object")
    fields = Fields(value)
    kind = fields.text("type", MESSAGE_TYPES.__contains__, "is not a type of message that Logto knows")
    message = Message(
        to=fields.text("to", is_address, "is not one plain address"),
        type=kind,
        payload=fields.object("payload"),
        ip=_text_or_none(value.get("ip")),
    )
    payload = fields.inside("payload", message.payload)
    if kind == "OrganizationInvitation":
        payload.text("link", _LINK.match, "is missing or not an http or https URL")
    else:
        payload.text("code")
    if fields.problems:
        raise InvalidRequest("message_invalid", reason="; ".join(fields.problems))
    return message


def _text_or_none(value: object) -> str | None:
    # It only tells clients apart: a message is not refused for it.
    return value if isinstance(value, str) else None


def is_address(value: str) -> bool:
    """Whether a text is one address, and stays one when letters that look alike are read as one."""
    if len(value) > 320 or not value.isprintable() or not _ADDRESS.fullmatch(value):
        return False
    return value.isascii() or bool(_ADDRESS.fullmatch(_plain(value)))


def _plain(value: str) -> str:
    from unicodedata import normalize

    return normalize("NFKC", value)
