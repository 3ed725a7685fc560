"""`oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg`: another algorithm than RS256."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out


def test_another_algorithm_than_the_registered_one_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "id_token_algorithm_refused", alg="ES256")
