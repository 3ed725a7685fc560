"""`oidcc-client-test-missing-iat`: an ID token without `iat` is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


def test_an_id_token_that_does_not_say_when_it_was_issued_is_refused(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = changed(iat=None)
    browser.sign_in()
    assert_refused(browser, "id_token_invalid")
