"""`oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event`: a token of another event is refused."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_refused_at_sign_out

ANOTHER: dict[str, object] = {"http://schemas.openid.net/event/foobar": {}}


def test_a_token_of_another_event_is_refused(suite: Stack, browser: Browser) -> None:
    assert_refused_at_sign_out(browser, "logout_token_event_missing", events=ANOTHER)
