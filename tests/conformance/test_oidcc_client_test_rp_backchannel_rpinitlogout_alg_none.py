"""`oidcc-client-test-rp-backchannel-rpinitlogout-alg-none`: a logout token that nobody signed is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out


def test_an_unsigned_logout_token_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "id_token_algorithm_refused", alg="none", kid=None)
