"""Back-Channel Logout 2.7: a session that is not known, or over already, is a success."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, sid_of, sub_of, tell


@pytest.mark.parametrize("both", [False, True], ids=["sid alone", "sid and sub"])
def test_an_unknown_session_is_a_success_and_ends_no_other(
    stack: Stack, browser: Browser, both: bool
) -> None:
    browser.sign_in()
    assert_done(tell(stack, sub_of(stack) if both else None, "never-heard-of"))
    assert browser.session().status_code == 200


def test_a_session_may_be_ended_twice(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert_done(tell(stack, sid=sid_of(browser)))
    assert_done(tell(stack, sid=sid_of(browser)))
    assert browser.session().status_code == 401
