"""Calls to DynamoDB that were done and repeated, or that ran into another writer."""

import pytest

from local.stack import Stack
from tests.fault.aws_proxy import (
    AwsProxy,
    Fault,
    conflicts,
    fails_inside,
    lacks_capacity,
    loses_the_answer,
    throttles,
)
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, logto_of, stored_sessions

TOKEN = ("POST", "/oidc/token")


def test_the_taker_of_an_attempt_knows_its_own_mark_when_the_answer_was_lost(
    stack: Stack, proxy: AwsProxy, browser: Browser
) -> None:
    proxy.script["PutItem"] = [loses_the_answer]
    browser.sign_in()
    assert_signed_in(browser)
    assert proxy.count("PutItem") == 2
    assert logto_of(stack).requests.count(TOKEN) == 1


def test_a_mark_of_somebody_else_is_no_mark_of_ours(stack: Stack, proxy: AwsProxy, browser: Browser) -> None:
    callback = browser.stop_at_callback()
    first = browser.get(callback)
    second = browser.get(callback)
    assert first.url == second.url
    assert logto_of(stack).requests.count(TOKEN) == 1
    assert len(stored_sessions(stack)) == 1


def test_a_transaction_is_repeated_under_the_same_token(proxy: AwsProxy, browser: Browser) -> None:
    # DynamoDB does such a transaction once (ClientRequestToken); the stand-in does not know that.
    callback = browser.stop_at_callback()
    proxy.calls.clear()
    proxy.script["TransactWriteItems"] = [fails_inside]
    browser.get(callback)
    assert_signed_in(browser)
    tokens = [call["ClientRequestToken"] for name, call in proxy.calls if name == "TransactWriteItems"]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


@pytest.mark.parametrize(
    "faults", [[conflicts, conflicts], [throttles], [conflicts, throttles], [lacks_capacity]]
)
def test_a_transaction_that_meets_another_writer_is_tried_again(
    stack: Stack, proxy: AwsProxy, browser: Browser, faults: list[Fault]
) -> None:
    callback = browser.stop_at_callback()
    proxy.script["TransactWriteItems"] = faults
    browser.get(callback)
    assert_signed_in(browser)
    assert len(stored_sessions(stack)) == 1


def test_a_conflict_without_end_is_an_outage(proxy: AwsProxy, browser: Browser) -> None:
    callback = browser.stop_at_callback()
    proxy.calls.clear()
    proxy.always["TransactWriteItems"] = conflicts
    browser.get(callback)
    assert_refused(browser, "store_unavailable", 503)
    assert 1 < proxy.count("TransactWriteItems") < 10


def test_a_session_stored_by_a_transaction_whose_answers_were_all_lost_is_found_on_reload(
    stack: Stack, proxy: AwsProxy, browser: Browser
) -> None:
    callback = browser.stop_at_callback()
    proxy.script["TransactWriteItems"] = [loses_the_answer] * 3
    assert browser.get(callback).status_code == 503
    browser.get(callback)
    assert_signed_in(browser)
    assert logto_of(stack).requests.count(TOKEN) == 1
    assert len(stored_sessions(stack)) == 1
