"""`oidcc-client-test-missing-sub`: an ID token without `sub` is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


def test_an_id_token_about_nobody_is_refused(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = changed(sub=None)
    browser.sign_in()
    assert_refused(browser, "id_token_subject_invalid")
