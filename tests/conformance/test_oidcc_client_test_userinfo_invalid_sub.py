"""`oidcc-client-test-userinfo-invalid-sub`: claims of another user are refused, and the sign-in with them."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


@pytest.mark.parametrize("sub", ["somebody-else", "", None, 12, ["ada"]], ids=str)
def test_userinfo_of_another_user_is_refused(suite: Stack, browser: Browser, sub: object) -> None:
    logto_of(suite).misbehave.userinfo = changed(sub=sub)
    browser.sign_in()
    assert_refused(browser, "userinfo_subject_mismatch", userinfo=True)


def test_the_right_sub_with_something_behind_it_is_another(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.userinfo = lambda given: given | {"sub": f"{given['sub']}invalid"}
    browser.sign_in()
    assert_refused(browser, "userinfo_subject_mismatch", userinfo=True)
