"""Back-Channel Logout 2.6, step 4: a logout token whose time is over is refused."""

import time

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, assert_ends_nothing, sid_of, tell


def test_an_expired_logout_token_is_refused(stack: Stack, browser: Browser) -> None:
    assert_ends_nothing(browser, "logout_token_expired", exp=int(time.time()) - 61)


def test_clocks_may_differ_a_little(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert_done(tell(stack, sid=sid_of(browser), exp=int(time.time()) - 45))
    assert browser.session().status_code == 401
