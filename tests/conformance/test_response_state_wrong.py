"""RFC 6749 10.12: the response has a `state` that nobody was sent away with."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, logto_of, replaced


@pytest.mark.parametrize("state", ["A" * 43, "é", "%00", "x" * 4000])
def test_a_response_with_an_invented_state_is_refused(stack: Stack, browser: Browser, state: str) -> None:
    logto_of(stack).misbehave.authorization_response = replaced("state", state)
    browser.sign_in()
    assert_refused(browser, "attempt_unknown")
    assert ("POST", "/oidc/token") not in logto_of(stack).requests
