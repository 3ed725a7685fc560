"""Back-Channel Logout 2.7: `sid`, with or without `sub`, ends the one session that it names."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, sid_of, sub_of, tell
from tests.support.provider import stored_sessions


@pytest.mark.parametrize("both", [False, True], ids=["sid alone", "sid and sub"])
def test_one_session_of_the_user_ends(stack: Stack, browser: Browser, both: bool) -> None:
    with Browser(stack) as elsewhere:
        elsewhere.sign_in()
        browser.sign_in()
        assert_done(tell(stack, sub_of(stack) if both else None, sid_of(browser)))
        assert browser.session().status_code == 401
        assert elsewhere.session().status_code == 200
        assert len(stored_sessions(stack)) == 1


def test_two_sessions_here_of_one_at_the_provider_end_together(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    first = dict(browser.cookies)["__Host-session"]
    browser.http.cookies.delete("__Host-session")
    browser.sign_in()
    assert browser.cookies["__Host-session"] != first
    assert len(stored_sessions(stack)) == 2
    assert_done(tell(stack, sid=sid_of(browser)))
    assert stored_sessions(stack) == []
