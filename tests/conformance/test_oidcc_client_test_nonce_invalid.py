"""`oidcc-client-test-nonce-invalid`: an ID token with another `nonce` is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


def test_an_id_token_with_another_nonce_is_refused(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = changed(nonce="of another attempt")
    browser.sign_in()
    assert_refused(browser, "nonce_mismatch")
