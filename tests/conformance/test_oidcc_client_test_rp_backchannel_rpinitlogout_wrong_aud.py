"""`oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud`: a logout token for another client is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out


def test_a_logout_token_for_another_client_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "logout_token_audience_mismatch", aud="passerelleINVALID")
