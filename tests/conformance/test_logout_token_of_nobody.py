"""Back-Channel Logout 2.6, step 5: a logout token that names neither a user nor a session is refused."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_ends_nothing, assert_not_done, tell


@pytest.mark.parametrize("empty", [None, ""], ids=["absent", "empty"])
def test_a_logout_token_of_nobody_is_refused(stack: Stack, browser: Browser, empty: str | None) -> None:
    assert_ends_nothing(browser, "logout_token_aimless", sub=empty, sid=empty)


@pytest.mark.parametrize("name", ["sub", "sid", "jti"])
@pytest.mark.parametrize("value", [12, True, ["x"], {}, "x" * 256], ids=lambda value: str(value)[:9])
def test_a_name_that_is_no_text_is_refused(stack: Stack, browser: Browser, name: str, value: object) -> None:
    assert_ends_nothing(browser, "logout_token_invalid", **{name: value})


def test_a_user_who_was_never_here_has_no_session(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert tell(stack, sub="never-here").status == 200
    assert browser.session().status_code == 200
    assert_not_done(tell(stack), "logout_token_aimless")
