"""`oidcc-client-test-invalid-aud`: an ID token for another client is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


def test_an_id_token_for_another_client_is_refused(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = changed(aud="passerelle-of-somebody-else")
    browser.sign_in()
    assert_refused(browser, "id_token_audience_mismatch")
