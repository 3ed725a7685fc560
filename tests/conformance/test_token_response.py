"""RFC 6749 5, Core 3.1.3.3: what the token endpoint may answer, and what it may not."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, assert_signed_in, changed, logto_of


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id_token": None}, "id_token_missing"),
        ({"id_token": ["x"]}, "id_token_missing"),
        ({"access_token": None}, "token_response_invalid"),
        ({"access_token": ""}, "token_response_invalid"),
        ({"token_type": None}, "token_response_invalid"),
        ({"token_type": "mac"}, "token_response_invalid"),
        ({"token_type": "DPoP"}, "token_response_invalid"),
    ],
    ids=str,
)
def test_a_response_that_lacks_something_is_refused(
    stack: Stack, browser: Browser, change: Json, code: str
) -> None:
    logto_of(stack).misbehave.token_response = lambda status, body: (status, changed(**change)(body))
    browser.sign_in()
    assert_refused(browser, code)


@pytest.mark.parametrize("change", [{"token_type": "bearer"}, {"expires_in": None}, {"expires_in": "soon"}])
def test_a_response_that_is_merely_unusual_is_accepted(stack: Stack, browser: Browser, change: Json) -> None:
    logto_of(stack).misbehave.token_response = lambda status, body: (status, changed(**change)(body))
    browser.sign_in()
    assert_signed_in(browser)


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "", "[]", '"id_token"', "{", "\xff"])
def test_a_response_that_is_no_json_object_is_refused(stack: Stack, browser: Browser, body: str) -> None:
    logto_of(stack).misbehave.token_response = lambda status, _: (status, body)
    browser.sign_in()
    assert_refused(browser, "token_response_invalid")


@pytest.mark.parametrize(
    ("status", "error", "code", "shown"),
    [
        (400, "invalid_grant", "code_refused", 400),
        (400, "invalid_client", "client_refused", 500),
        (401, "invalid_client", "client_refused", 500),
        (400, "unauthorized_client", "client_refused", 500),
        (400, "invalid_request", "provider_unavailable", 503),
        (429, "slow_down", "provider_unavailable", 503),
        (500, "server_error", "provider_unavailable", 503),
        (302, "found", "provider_unavailable", 503),
    ],
)
def test_an_error_is_told_by_whose_fault_it_is(
    stack: Stack, browser: Browser, status: int, error: str, code: str, shown: int
) -> None:
    logto_of(stack).misbehave.token_response = lambda *_: (status, {"error": error, "message": "<secret>"})
    browser.sign_in()
    assert_refused(browser, code, shown)
    assert "secret" not in browser.page.text


def test_a_refused_code_is_not_sent_again(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.token_response = lambda *_: (400, {"error": "invalid_grant"})
    callback = browser.stop_at_callback()
    browser.get(callback)
    browser.get(callback)
    assert_refused(browser, "code_refused")
    assert logto_of(stack).requests.count(("POST", "/oidc/token")) == 1
