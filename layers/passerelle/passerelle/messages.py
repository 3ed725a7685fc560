"""What Logto asks us to send, and how it is sent: both checked by pydantic before anything is done."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from passerelle.deliveries import DEFAULT_DELIVERIES
from passerelle.errors import InvalidRequest, Misconfigured

MessageType = Literal[
    "SignIn",
    "Register",
    "ForgotPassword",
    "Generic",
    "OrganizationInvitation",
    "UserPermissionValidation",
    "BindNewIdentifier",
    "MfaVerification",
    "BindMfa",
]
"""The types of message that Logto knows."""


def _printable(value: str) -> str:
    if not value.isprintable() or set(value) & set("\uff0c\u3001\uff1b\u201a"):
        raise ValueError("has characters that an address does not have")
    return value


# Mailgun reads a comma as a second recipient, and angle brackets as a name before the address.
Address = Annotated[
    str,
    StringConstraints(
        pattern=r"""^[^\s\x00-\x1f@,;:<>()\[\]\\"]+@\w([\w.-]*\w)?$""",
        max_length=320,
    ),
    AfterValidator(_printable),
]
Header = Annotated[str, StringConstraints(pattern=r"^[^\r\n]+$", max_length=998)]


class Message(BaseModel):
    """The request of Logto's HTTP e-mail connector; members that we do not know are let pass."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    to: Address = Field(repr=False)
    type: MessageType
    payload: dict[str, Any] = Field(repr=False)
    ip: str | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _has_what_it_is_sent_for(self) -> "Message":
        name = "link" if self.type == "OrganizationInvitation" else "code"
        value = self.payload.get(name)
        if not isinstance(value, str) or not value:
            raise ValueError(f"payload.{name} is missing")
        return self


class Delivery(BaseModel):
    """How messages of one type are sent: `html`, or a `template` stored at Mailgun; `html` wins."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    subject: Header | None = None
    reply_to: Header | None = Field(None, alias="replyTo")
    html: str | None = None
    text: str | None = None
    template: Header | None = None
    variables: dict[str, Any] = {}

    @model_validator(mode="after")
    def _has_a_body(self) -> "Delivery":
        if self.html is None and self.template is None:
            raise ValueError('needs "html", or "template" with the name of one stored at Mailgun')
        return self


def _checked_endpoint(value: str) -> str:
    parts = urlsplit(value)
    if (
        parts.scheme == "https"
        and parts.hostname
        or parts.scheme == "http"
        and _is_near(parts.hostname or "")
    ):
        return value
    raise ValueError("must be an https URL such as https://api.eu.mailgun.net")


def _is_near(host: str) -> bool:
    """Whether plain http to this host stays on the machine or its own network, as to a stand-in."""
    try:
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False


def _default_deliveries() -> dict[MessageType, Delivery]:
    return TypeAdapter(dict[MessageType, Delivery]).validate_python(DEFAULT_DELIVERIES)


class MailgunConfig(BaseModel):
    """The JSON of Logto's own Mailgun connector, as a user has it; `deliveries` may be left out."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    endpoint: Annotated[str, AfterValidator(_checked_endpoint)] = "https://api.mailgun.net"
    domain: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$", min_length=1)]
    api_key: Annotated[str, StringConstraints(pattern=r"^\S+$")] = Field(alias="apiKey", repr=False)
    sender: Header = Field(alias="from")
    deliveries: dict[MessageType, Delivery] = Field(default_factory=_default_deliveries)

    def delivery(self, message_type: MessageType) -> Delivery:
        """Pick the delivery for a type, else `Generic`; raises `Misconfigured` when there is neither."""
        delivery = self.deliveries.get(message_type) or self.deliveries.get("Generic")
        if delivery is None:
            raise Misconfigured(
                "delivery_missing", reason=f"neither {message_type} nor Generic in deliveries"
            )
        return delivery


def parse_message(body: bytes) -> Message:
    """Read the connector's request; raises `InvalidRequest` naming the wrong members, not their values."""
    try:
        return Message.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequest("message_invalid", reason=_problems(error)) from None


def parse_mailgun_config(secret: Mapping[str, Any]) -> MailgunConfig:
    """Read the Mailgun secret; raises `Misconfigured` naming the members that are wrong, not their values."""
    try:
        return MailgunConfig.model_validate(secret)
    except ValidationError as error:
        raise Misconfigured("secret_invalid", reason=f"the Mailgun secret: {_problems(error)}") from None


def _problems(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg']}" for detail in details[:5]
    )
