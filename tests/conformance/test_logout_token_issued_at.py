"""Back-Channel Logout 2.6, step 4: a logout token from the future, or of long ago, is refused."""

import time

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, assert_ends_nothing, sid_of, tell


@pytest.mark.parametrize("seconds", [75, -601], ids=["in the future", "long ago"])
def test_a_logout_token_issued_at_the_wrong_time_is_refused(
    stack: Stack, browser: Browser, seconds: int
) -> None:
    assert_ends_nothing(browser, "logout_token_issued_at_invalid", iat=int(time.time()) + seconds)


@pytest.mark.parametrize("claim", ["iat", "exp"])
@pytest.mark.parametrize("value", [None, "1700000000", True, float("nan"), -1], ids=str)
def test_a_time_that_is_no_number_is_refused(
    stack: Stack, browser: Browser, claim: str, value: object
) -> None:
    assert_ends_nothing(browser, "id_token_invalid", **{claim: value})


@pytest.mark.parametrize("seconds", [55, -580])
def test_clocks_may_differ_a_little(stack: Stack, browser: Browser, seconds: int) -> None:
    browser.sign_in()
    assert_done(tell(stack, sid=sid_of(browser), iat=int(time.time()) + seconds))
    assert browser.session().status_code == 401
