"""Webhooks that a test makes up."""

import hashlib
import hmac
from typing import Any

import pytest

from local.mailgun import EmbeddedMailgun, Message

NOW = 1_700_000_000.5


@pytest.fixture
def mailgun() -> EmbeddedMailgun:
    return EmbeddedMailgun(
        domain="mg.example.com", api_key="key", webhook_signing_key="signing-key", clock=lambda: NOW
    )


def signature(body: dict[str, Any], key: str) -> str:
    text = (body["signature"]["timestamp"] + body["signature"]["token"]).encode()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("name", "event", "failure"),
    [
        ("delivered", "delivered", None),
        ("complained", "complained", None),
        ("failed", "failed", ("permanent", "bounce", 550)),
        ("deferred", "failed", ("temporary", "generic", 452)),
    ],
)
def test_each_event(mailgun: EmbeddedMailgun, name: str, event: str, failure: Any) -> None:
    body = mailgun.webhook_body(name, "ada@example.com")
    data = body["event-data"]
    assert (data["event"], data["recipient"], data["timestamp"]) == (event, "ada@example.com", NOW)
    assert body["signature"]["signature"] == signature(body, "signing-key")
    if failure:
        assert (data["severity"], data["reason"], data["delivery-status"]["code"]) == failure
    else:
        assert not {"severity", "reason"} & data.keys()
    assert ("delivery-status" in data) == (name != "complained")


def test_about_a_message(mailgun: EmbeddedMailgun) -> None:
    fields = [("to", "Ada <ada@example.com>"), ("o:tag", "otp"), ("v:delivery-id", "7")]
    data = mailgun.webhook_body("failed", Message("<1@mg.example.com>", 0, fields))["event-data"]
    assert (data["recipient"], data["tags"]) == ("ada@example.com", ["otp"])
    assert data["user-variables"] == {"delivery-id": "7"}
    assert data["message"]["headers"]["message-id"] == "1@mg.example.com"


def test_with_another_time_token_and_key(mailgun: EmbeddedMailgun) -> None:
    body = mailgun.webhook_body("failed", "ada@example.com", timestamp=1_600_000_000, token="t", key="wrong")
    assert (body["signature"]["timestamp"], body["signature"]["token"]) == ("1600000000", "t")
    assert body["signature"]["signature"] == signature(body, "wrong")
    assert body["event-data"]["timestamp"] == 1_600_000_000


def test_an_empty_key_and_the_year_1970_are_taken_at_their_word(mailgun: EmbeddedMailgun) -> None:
    body = mailgun.webhook_body("failed", "ada@example.com", timestamp=0, key="")
    assert body["signature"]["timestamp"] == "0"
    assert body["signature"]["signature"] == signature(body, "")


def test_with_other_fields(mailgun: EmbeddedMailgun) -> None:
    variables = {"delivery-id": "7"}
    data = mailgun.webhook_body(
        "failed", "ada@example.com", reason="old", user_variables=variables, id="event-1"
    )["event-data"]
    assert (data["reason"], data["user-variables"], data["id"]) == ("old", variables, "event-1")
    assert "user_variables" not in data


def test_no_two_are_the_same(mailgun: EmbeddedMailgun) -> None:
    one, other = (mailgun.webhook_body("failed", "ada@example.com") for _ in range(2))
    assert one["signature"]["token"] != other["signature"]["token"]
    assert one["event-data"]["id"] != other["event-data"]["id"]


def test_nothing_is_posted_or_suppressed(mailgun: EmbeddedMailgun) -> None:
    mailgun.webhook_body("failed", "ada@example.com")
    assert (mailgun.posted, mailgun.accepted, mailgun.suppressions.all("bounces")) == ([], [], [])
