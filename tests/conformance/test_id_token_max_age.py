"""Core 3.1.3.7, rule 13: `max_age` was asked for, so that `auth_time` has to fit."""

import time

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, changed, logto_of


@pytest.mark.parametrize(
    ("auth_time", "code"),
    [(-300, "authentication_too_old"), (None, "id_token_invalid")],
    ids=["too old", "absent"],
)
def test_an_authentication_too_long_ago_is_refused(
    stack: Stack, browser: Browser, auth_time: int | None, code: str
) -> None:
    at = None if auth_time is None else int(time.time()) + auth_time
    logto_of(stack).misbehave.id_token_claims = changed(auth_time=at)
    browser.sign_in(login="/login?max_age=120")
    assert_refused(browser, code)


def test_a_recent_authentication_is_accepted(stack: Stack, browser: Browser) -> None:
    browser.sign_in(login="/login?max_age=120")
    assert_signed_in(browser)


def test_an_authentication_in_this_moment_can_be_asked_for(stack: Stack, browser: Browser) -> None:
    browser.sign_in(login="/login?max_age=0")
    assert_signed_in(browser)
