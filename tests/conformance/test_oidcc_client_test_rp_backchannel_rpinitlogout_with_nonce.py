"""`oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce`: a logout token with a `nonce` is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out


def test_a_logout_token_with_a_nonce_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "logout_token_nonce", nonce="logout_tokens_must_not_contain_a_nonce")
