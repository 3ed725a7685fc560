"""DynamoDB fails: who is signed in stays so, and nobody is told otherwise."""

import pytest

from local.stack import Stack
from tests.fault.aws_proxy import (
    AwsProxy,
    Fault,
    breaks,
    denies,
    exceeds,
    fails_inside,
    has_no_table,
    leaves_keys_unprocessed,
    loses_the_answer,
    throttles,
)
from tests.fault.conftest import LetPass
from tests.fault.places import closed_url
from tests.support.browser import Browser
from tests.support.journal import Json, refusal
from tests.support.provider import (
    SESSION_COOKIE,
    assert_refused,
    assert_signed_in,
    error_code,
    logto_of,
    stored_sessions,
)

REVOCATION = ("POST", "/oidc/token/revocation")


@pytest.mark.parametrize(
    "fault",
    [breaks, throttles, exceeds, fails_inside, denies, has_no_table, leaves_keys_unprocessed],
)
def test_a_session_that_cannot_be_looked_up_has_not_ended(
    proxy: AwsProxy, browser: Browser, journal: list[Json], fault: Fault
) -> None:
    browser.sign_in()
    proxy.always["BatchGetItem"] = fault
    answer = browser.session()
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert set(answer.json()) == {"title", "status", "code", "correlation_id"}
    assert "set-cookie" not in answer.headers
    assert refusal(journal)["code"] == "store_unavailable"
    assert refusal(journal)["correlation_id"] == answer.json()["correlation_id"]
    page = browser.get("/")
    assert (page.status_code, error_code(page.text)) == (503, "store_unavailable")
    assert "id=sign-in" not in page.text
    proxy.always.clear()
    browser.get("/")
    assert_signed_in(browser)


@pytest.mark.parametrize("fault", [breaks, throttles, fails_inside])
def test_one_failure_that_passes_is_not_noticed(proxy: AwsProxy, browser: Browser, fault: Fault) -> None:
    browser.sign_in()
    proxy.script["BatchGetItem"] = [fault, fault]
    assert browser.session().status_code == 200


def test_a_session_whose_use_cannot_be_noted_is_one_all_the_same(
    proxy: AwsProxy, browser: Browser, let_pass: LetPass
) -> None:
    browser.sign_in()
    let_pass(301)
    proxy.always["UpdateItem"] = throttles
    assert browser.session().status_code == 200
    assert proxy.calls[-1][0] == "UpdateItem"


@pytest.mark.parametrize("fault", [breaks, throttles, exceeds, fails_inside, denies, has_no_table])
def test_a_sign_out_that_could_not_end_the_session_says_so(
    stack: Stack, proxy: AwsProxy, browser: Browser, fault: Fault
) -> None:
    browser.sign_in()
    cookie = browser.cookies[SESSION_COOKIE]
    proxy.always["UpdateItem"] = fault
    browser.get("/logout")
    page = browser.submit()
    assert (page.status_code, error_code(page.text)) == (503, "store_unavailable")
    assert "set-cookie" not in page.headers
    assert browser.cookies[SESSION_COOKIE] == cookie
    assert REVOCATION not in logto_of(stack).requests
    assert browser.session().status_code == 200
    proxy.always.clear()
    browser.sign_out()
    assert "You are signed out here and at Logto" in browser.page.text
    assert REVOCATION in logto_of(stack).requests
    assert stored_sessions(stack) == []


def test_tokens_are_revoked_even_if_the_answer_that_held_them_was_lost(
    stack: Stack, proxy: AwsProxy, browser: Browser
) -> None:
    browser.sign_in()
    proxy.script["UpdateItem"] = [loses_the_answer]
    browser.sign_out()
    assert stored_sessions(stack) == []
    assert REVOCATION in logto_of(stack).requests


@pytest.mark.parametrize("fault", [breaks, throttles, exceeds, fails_inside, denies, has_no_table])
def test_a_callback_that_cannot_take_its_attempt_can_be_opened_again(
    stack: Stack, proxy: AwsProxy, browser: Browser, fault: Fault
) -> None:
    callback = browser.stop_at_callback(login="/login?return_to=/session")
    proxy.always["PutItem"] = fault
    browser.get(callback)
    assert_refused(browser, "store_unavailable", 503)
    assert 'href="/login?return_to=%2Fsession">Try again' in browser.page.text
    assert ("POST", "/oidc/token") not in logto_of(stack).requests
    proxy.always.clear()
    browser.get(callback)
    browser.get("/")
    assert_signed_in(browser)


@pytest.mark.parametrize("fault", [breaks, throttles, exceeds, fails_inside, denies, has_no_table])
def test_a_session_that_cannot_be_stored_leads_to_another_try(
    stack: Stack, proxy: AwsProxy, browser: Browser, fault: Fault
) -> None:
    callback = browser.stop_at_callback(login="/login?return_to=/session")
    proxy.always["TransactWriteItems"] = fault
    browser.get(callback)
    assert_refused(browser, "store_unavailable", 503)
    assert 'href="/login?return_to=%2Fsession">Try again' in browser.page.text
    proxy.always.clear()
    browser.sign_in()
    assert_signed_in(browser)
    assert len(stored_sessions(stack)) == 1


def test_a_failure_that_cannot_be_noted_gives_the_same_answer(
    stack: Stack, proxy: AwsProxy, browser: Browser, journal: list[Json]
) -> None:
    logto_of(stack).misbehave.id_token_claims = lambda claims: claims | {"nonce": "another"}
    proxy.always = {"UpdateItem": fails_inside}
    browser.sign_in()
    assert_refused(browser, "nonce_mismatch")
    assert "attempt_failure_not_noted" in [line["event"] for line in journal]


def test_a_table_that_fails_is_not_asked_to_note_that_it_failed(proxy: AwsProxy, browser: Browser) -> None:
    callback = browser.stop_at_callback()
    proxy.calls.clear()
    proxy.always["TransactWriteItems"] = fails_inside
    browser.get(callback)
    assert_refused(browser, "store_unavailable", 503)
    assert proxy.count("UpdateItem") == 0


@pytest.mark.usefixtures("proxy")
def test_an_address_where_nothing_listens_is_an_outage_and_no_crash(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in()
    monkeypatch.setenv("AWS_ENDPOINT_URL", closed_url())
    answer = browser.session()
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    for path, code in (("/", "store_unavailable"), ("/login", "secrets_unavailable")):
        page = browser.get(path)
        assert (page.status_code, error_code(page.text)) == (503, code)
    assert SESSION_COOKIE in browser.cookies
