"""Core 3.1.3.7, rules 9 and 10: the token is too old, or from the future."""

import time

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, changed, logto_of


def _short(value: object) -> str:
    return str(value)[:12]


@pytest.mark.parametrize(
    ("claim", "seconds", "code"),
    [
        ("exp", -61, "id_token_expired"),
        ("iat", 75, "id_token_issued_at_invalid"),
        ("iat", -601, "id_token_issued_at_invalid"),
        ("nbf", 75, "id_token_not_yet_valid"),
    ],
    ids=["expired", "issued in the future", "issued long ago", "not valid yet"],
)
def test_a_token_at_the_wrong_time_is_refused(
    stack: Stack, browser: Browser, claim: str, seconds: int, code: str
) -> None:
    now = int(time.time())
    logto_of(stack).misbehave.id_token_claims = changed(**{claim: now + seconds})
    browser.sign_in()
    assert_refused(browser, code)


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -45), ("iat", 55), ("iat", -580), ("nbf", 55)])
def test_clocks_may_differ_a_little(stack: Stack, browser: Browser, claim: str, seconds: int) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(**{claim: int(time.time()) + seconds})
    browser.sign_in()
    assert_signed_in(browser)


@pytest.mark.parametrize("claim", ["exp", "iat"])
@pytest.mark.parametrize(
    "value", [None, "1700000000", True, [], float("nan"), float("inf"), 10**400], ids=_short
)
def test_a_time_that_is_no_number_is_refused(
    stack: Stack, browser: Browser, claim: str, value: object
) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(**{claim: value})
    browser.sign_in()
    assert_refused(browser, "id_token_invalid")
