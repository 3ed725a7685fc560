"""DynamoDB fails while a code is to be sent, or Mailgun tells what became of one."""

import httpx
import pytest

from local.mailgun import EmbeddedMailgun
from local.stack import Stack
from tests.fault.aws_proxy import (
    AwsProxy,
    Fault,
    breaks,
    conflicts,
    denies,
    exceeds,
    fails_inside,
    has_no_table,
    loses_the_answer,
    throttles,
)
from tests.fault.places import ADDRESS, ask_for_delivery
from tests.support.journal import Json, refusal


@pytest.fixture
def mailgun(stack: Stack) -> EmbeddedMailgun:
    assert stack.mailgun is not None
    return stack.mailgun


def tell(stack: Stack, mailgun: EmbeddedMailgun, event: str = "delivered", token: str = "") -> httpx.Response:
    """Tell the app of a message, as Mailgun does."""
    to = mailgun.messages[0] if mailgun.messages else ADDRESS
    body = mailgun.webhook_body(event, to, token=token)
    return httpx.post(f"{stack.app_url}/webhooks/mailgun", json=body, timeout=30, trust_env=False)


@pytest.mark.parametrize("fault", [throttles, exceeds, fails_inside, denies, has_no_table, conflicts, breaks])
def test_a_message_that_cannot_be_claimed_is_not_sent(
    stack: Stack, mailgun: EmbeddedMailgun, proxy: AwsProxy, journal: list[Json], fault: Fault
) -> None:
    proxy.always["TransactWriteItems"] = fault
    answer = ask_for_delivery(stack)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert refusal(journal)["code"] == "store_unavailable"
    assert mailgun.requests == []
    proxy.always.clear()
    assert ask_for_delivery(stack).status_code == 200


def test_a_claim_whose_answer_was_lost_is_our_own(
    stack: Stack, mailgun: EmbeddedMailgun, proxy: AwsProxy
) -> None:
    proxy.script["TransactWriteItems"] = [loses_the_answer]
    assert ask_for_delivery(stack).status_code == 200
    assert proxy.count("TransactWriteItems") == 2
    assert len(mailgun.messages) == 1


@pytest.mark.parametrize("fault", [throttles, fails_inside, denies, breaks])
def test_limits_that_cannot_be_reserved_and_outcomes_that_cannot_be_noted_hold_nobody_up(
    stack: Stack, mailgun: EmbeddedMailgun, proxy: AwsProxy, journal: list[Json], fault: Fault
) -> None:
    proxy.always["UpdateItem"] = fault
    assert ask_for_delivery(stack).status_code == 200
    assert len(mailgun.messages) == 1
    events = [line["event"] for line in journal]
    assert events.count("limit_not_counted") == events.count("outcome_not_noted") == 1


@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
def test_an_event_that_cannot_be_noted_is_to_be_told_again(
    stack: Stack, mailgun: EmbeddedMailgun, proxy: AwsProxy, operation: str
) -> None:
    ask_for_delivery(stack)
    token = "t" * 50
    proxy.always[operation] = fails_inside
    assert tell(stack, mailgun, token=token).status_code == 503
    proxy.always.clear()
    proxy.calls.clear()
    assert tell(stack, mailgun, token=token).status_code == 200
    assert proxy.count("TransactWriteItems") == 1


def test_an_event_whose_mark_was_written_twice_counts_once(
    stack: Stack, mailgun: EmbeddedMailgun, proxy: AwsProxy, journal: list[Json]
) -> None:
    ask_for_delivery(stack)
    for _ in range(3):
        assert tell(stack, mailgun, token="t" * 50).status_code == 200
    assert [line.get("outcome") for line in journal].count("delivered") == 1


def test_an_address_that_bounced_gets_no_more_until_that_is_cleared_or_old(
    stack: Stack, mailgun: EmbeddedMailgun, journal: list[Json]
) -> None:
    assert tell(stack, mailgun, "failed").status_code == 200
    answer = ask_for_delivery(stack)
    assert (answer.status_code, answer.json()["code"]) == (422, "message_refused")
    assert ADDRESS not in answer.text
    assert mailgun.requests == []
    assert [line["outcome"] for line in journal if "Messages" in line] == ["bounced", "refused"]
