"""`oidcc-client-test-rp-backchannel-rpinitlogout-no-event`: a logout token without `events` is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out


def test_a_logout_token_without_an_event_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "logout_token_event_missing", events=None)
