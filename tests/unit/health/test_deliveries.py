"""Messages that do not come out as they should, told by the place where it stands."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.stack import Stack
from tests.support.health import found, look
from tests.support.provider import read_secret, write_secret

GOOD = {"subject": "Your code", "html": "<p>{{code}}</p>", "text": "{{code}}"}
INVITATION = {"subject": "Come", "html": "{{link}} {{organization.name}}"}


@pytest.fixture(autouse=True)
def _as_before(stack: Stack) -> Iterator[None]:
    before = read_secret(stack, "MailgunSecret")
    yield
    write_secret(stack, "MailgunSecret", before)


def write(stack: Stack, deliveries: dict[str, Any]) -> None:
    write_secret(stack, "MailgunSecret", read_secret(stack, "MailgunSecret") | {"deliveries": deliveries})


def test_ready_made_messages_are_well(stack: Stack) -> None:
    assert (look("deliveries").outcome, found("deliveries")) == ("ok", [])
    assert stack.mailgun is not None
    assert stack.mailgun.accepted == []


@pytest.mark.parametrize(
    ("deliveries", "codes"),
    [
        ({"Generic": GOOD, "OrganizationInvitation": INVITATION}, []),
        (
            {"Generic": GOOD},
            ["message_without_link deliveries.Generic.html", "message_without_link deliveries.Generic.text"],
        ),
        (
            {"Generic": GOOD | {"html": "<p>code</p>"}, "OrganizationInvitation": INVITATION},
            ["message_without_code deliveries.Generic.html"],
        ),
        (
            {"Generic": GOOD | {"text": "see the other part"}, "OrganizationInvitation": INVITATION},
            ["text_without_code deliveries.Generic.text"],
        ),
        (
            {
                "Generic": GOOD
                | {"locales": {"fr": {"subject": "{{code}}"}, "de": {"html": "<p>{{ Code }}</p>"}}},
                "OrganizationInvitation": INVITATION,
            },
            [
                "message_without_code deliveries.Generic.locales.de.html",
                "code_in_subject deliveries.Generic.locales.fr.subject",
            ],
        ),
        (
            {
                "Generic": GOOD | {"html": "{{code}} {{application.name}} {{brand}}"},
                "OrganizationInvitation": INVITATION,
            },
            ["placeholder_unfilled deliveries.Generic.html"],
        ),
        (
            {
                "Generic": GOOD | {"html": "{{code}} {{organization.name}}"},
                "OrganizationInvitation": INVITATION,
            },
            [],
        ),
    ],
)
def test_messages(stack: Stack, deliveries: dict[str, Any], codes: list[str]) -> None:
    write(stack, deliveries)
    assert found("deliveries") == codes


def test_a_sender_without_an_address(stack: Stack) -> None:
    write_secret(stack, "MailgunSecret", read_secret(stack, "MailgunSecret") | {"from": "Example"})
    assert found("deliveries") == ["sender_invalid"]


def test_types_without_a_delivery(stack: Stack) -> None:
    write(stack, {"SignIn": GOOD})
    others = "BindMfa, BindNewIdentifier, ForgotPassword, MfaVerification, OrganizationInvitation"
    assert found("deliveries") == [
        "delivery_missing Register",
        f"delivery_incomplete {others}, UserPermissionValidation",
    ]
