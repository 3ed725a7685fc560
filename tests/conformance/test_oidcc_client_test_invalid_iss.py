"""`oidcc-client-test-invalid-iss`: an ID token of another issuer is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


def test_an_id_token_of_another_issuer_is_refused(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = changed(iss=f"{suite.issuer}/")
    browser.sign_in()
    assert_refused(browser, "id_token_issuer_mismatch")
