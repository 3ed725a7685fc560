"""RFC 9207 2.4: `iss` is missing although the provider says that it sends it."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, logto_of, replaced


def test_a_response_without_issuer_is_refused(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.authorization_response = replaced("iss", None)
    browser.sign_in()
    assert_refused(browser, "issuer_missing")
    assert ("POST", "/oidc/token") not in logto_of(stack).requests


def test_a_provider_that_does_not_promise_the_issuer_may_leave_it_out(stack: Stack, browser: Browser) -> None:
    misbehave = logto_of(stack).misbehave
    misbehave.discovery = lambda given: given | {"authorization_response_iss_parameter_supported": False}
    misbehave.authorization_response = replaced("iss", None)
    browser.sign_in()
    assert_signed_in(browser)
