"""`oidcc-client-test-rp-backchannel-rpinitlogout`: the answer is 200, though all is over."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, sid_of, sign_out_with, tell
from tests.support.provider import stored_sessions


def test_the_session_that_is_over_already_is_a_success(suite: Stack, browser: Browser) -> None:
    assert_done(sign_out_with(browser, ignored_claim="MUST be ignored"))


def test_the_session_that_stands_is_ended(suite: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert_done(tell(suite, sid=sid_of(browser)))
    assert browser.session().status_code == 401
    assert stored_sessions(suite) == []
