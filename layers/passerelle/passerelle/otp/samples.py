"""What Logto sends with each type of message."""

from collections.abc import Mapping
from typing import Any

from passerelle.otp.message import CONNECTOR_TEST_CODE

_APPLICATION = {"application": {"id": "passerelle", "name": "Passerelle"}}
_ORGANIZATION = {"organization": {"id": "example", "name": "Example Ltd", "branding": {}}}
_USER: Mapping[str, Any] = {
    "id": "example",
    "avatar": None,
    "name": "Ada Lovelace",
    "primaryPhone": None,
    "username": None,
    "profile": {},
}
_OF_AN_ACCOUNT = ("UserPermissionValidation", "BindNewIdentifier")

SOMETIMES = {
    "organization": "unless the sign-in names one",
    "uiLocales": "unless the sign-in asks for languages",
    "locale": "unless whoever asks for the message names it",
}
"""Members that come with some messages of a type and not with others, and when."""


def needed(kind: str) -> str:
    """Name the member without which a message of this type is for nothing."""
    return "link" if kind == "OrganizationInvitation" else "code"


def payload_of(kind: str, address: str, locale: str) -> Mapping[str, Any]:
    """Make the payload of a message of this type, with what Logto always sends and nothing more.

    As seen with Logto 1.42; of the second factor's two types it is known only that a sign-in asks for them.
    """
    if kind == "Generic":
        return {"code": CONNECTOR_TEST_CODE, **({"locale": locale} if locale else {})}
    language = {"locale": locale or "en"}
    if kind == "OrganizationInvitation":
        return {**_ORGANIZATION, "link": "https://example.com/invitation", **language}
    user = {"user": {**_USER, "primaryEmail": address}} if kind in _OF_AN_ACCOUNT else {}
    return {"code": CONNECTOR_TEST_CODE, **language, **_APPLICATION, **user}
