"""Back-Channel Logout 2.7: `sub` without `sid` ends every session of the user, and nobody else's."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, sub_of, tell


def test_all_sessions_of_the_user_end(stack: Stack, browser: Browser) -> None:
    with Browser(stack) as elsewhere, Browser(stack) as grace:
        browser.sign_in("ada@example.com")
        elsewhere.sign_in("ada@example.com")
        grace.sign_in("grace@example.com")
        assert_done(tell(stack, sub_of(stack, "ada@example.com")))
        assert browser.session().status_code == elsewhere.session().status_code == 401
        assert grace.session().status_code == 200
