"""A sign-in that the provider has ended before it comes back is refused: the token overtook the callback."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, sid_of, sub_of, tell
from tests.support.provider import assert_refused, assert_signed_in


@pytest.mark.parametrize("both", [False, True], ids=["sid alone", "sid and sub"])
def test_a_sign_in_of_an_ended_session_is_refused(stack: Stack, browser: Browser, both: bool) -> None:
    callback = browser.stop_at_callback()
    assert_done(tell(stack, sub_of(stack) if both else None, sid_of(browser)))
    browser.get(callback)
    assert_refused(browser, "ended_meanwhile")


def test_a_sign_in_of_another_session_is_not(stack: Stack, browser: Browser) -> None:
    callback = browser.stop_at_callback()
    assert_done(tell(stack, sub_of(stack), "of-another-browser"))
    browser.get(callback)
    assert_signed_in(browser)
