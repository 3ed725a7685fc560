"""Back-Channel Logout 2.5: exactly one `logout_token`, in a form; what else is in it is ignored."""

import json

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import CLIENT, assert_done, assert_not_done, post, sub_of
from tests.support.provider import logto_of

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def token(stack: Stack, browser: Browser) -> str:
    """A good one, for a session that stands."""
    browser.sign_in()
    return logto_of(stack).logout_token(CLIENT, sub_of(stack))


@pytest.mark.parametrize(
    "body",
    [
        "logout_token={token}&logout_token={token}",
        "logout_token={token}&logout_token=",
        "logout_token=&a=b",
        "logout_token",
        "LOGOUT_TOKEN={token}",
        "id_token={token}",
        "",
        "{token}",
    ],
)
def test_not_exactly_one_logout_token_is_refused(
    stack: Stack, browser: Browser, token: str, body: str
) -> None:
    assert_not_done(post(stack, body.format(token=token)), "logout_token_missing")
    assert browser.session().status_code == 200


def test_json_is_no_form(stack: Stack, browser: Browser, token: str) -> None:
    answer = post(stack, json.dumps({"logout_token": token}), **{"content-type": "application/json"})
    assert_not_done(answer, "logout_token_missing")
    assert browser.session().status_code == 200


@pytest.mark.parametrize("body", [b"logout_token=\xff\xfe", b"a=1&" * 60], ids=["not ASCII", "too many"])
def test_what_is_no_form_is_refused(stack: Stack, browser: Browser, token: str, body: bytes) -> None:
    assert_not_done(post(stack, body), "invalid_request")
    assert browser.session().status_code == 200


def test_a_body_without_end_is_refused(stack: Stack, browser: Browser, token: str) -> None:
    assert_not_done(post(stack, f"logout_token={token}&pad=" + "x" * 40_000), "body_too_large")
    assert browser.session().status_code == 200


def test_other_parameters_are_ignored(stack: Stack, browser: Browser, token: str) -> None:
    assert_done(post(stack, f"ignored=1&logout_token={token}&ignored=2&sub=another"))
    assert browser.session().status_code == 401
