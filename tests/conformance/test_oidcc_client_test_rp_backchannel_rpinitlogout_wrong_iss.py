"""`oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss`: a logout token of another issuer is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out


def test_a_logout_token_of_another_issuer_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "logout_token_issuer_mismatch", iss=f"{suite.issuer}INVALID")
