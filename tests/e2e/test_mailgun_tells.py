"""What the local Mailgun tells the app of its own accord: what became of a message."""

import pytest

from local.stack import Stack
from tests.support.connector import ask
from tests.support.provider import stored_items


def told(stack: Stack) -> list[list[str]]:
    """What the table knows of each message, by the names of its times."""
    messages = [item for item in stored_items(stack) if item["sk"]["S"] == "message"]
    return sorted(sorted(name for name in item if name.endswith("_at")) for item in messages)


def test_mailgun_tells_that_a_code_was_delivered_or_bounced(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.mailgun is not None
    monkeypatch.setattr(stack.mailgun, "webhook_url", f"{stack.app_url}/webhooks/mailgun")
    for address in ("ada@example.com", "full@example.com", "bounce@example.com"):
        assert ask(stack, address).status_code == 200
    stack.mailgun.settle(20)
    both = ["claimed_at", "settled_at"]
    assert told(stack) == [
        ["bounced_at", *both],
        ["claimed_at", "deferred_at", "delivered_at", "settled_at"],
        ["claimed_at", "delivered_at", "settled_at"],
    ]
    assert ask(stack, "bounce@example.com", code="2").json()["code"] == "message_refused"
    assert ask(stack, "full@example.com", code="2").status_code == 200
