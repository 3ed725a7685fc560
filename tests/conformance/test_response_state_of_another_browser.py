"""RFC 9700 4.7: an attacker has the victim open the response to his own sign-in."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, logto_of


def test_a_response_to_another_browser_is_refused(stack: Stack, browser: Browser) -> None:
    with Browser(stack) as attacker:
        callback = attacker.stop_at_callback("mallory@example.com")
        browser.get(callback)
        assert_refused(browser, "attempt_unknown")


def test_a_browser_under_way_itself_does_not_take_it_either(stack: Stack, browser: Browser) -> None:
    own = browser.stop_at_callback("ada@example.com")
    with Browser(stack) as attacker:
        browser.get(attacker.stop_at_callback("mallory@example.com"))
    assert_refused(browser, "attempt_unknown")
    assert ("POST", "/oidc/token") not in logto_of(stack).requests
    browser.get(own)
    assert_signed_in(browser, "ada@example.com")


def test_a_session_stays_whose_it_was(stack: Stack, browser: Browser) -> None:
    browser.sign_in("ada@example.com")
    with Browser(stack) as attacker:
        browser.get(attacker.stop_at_callback("mallory@example.com"))
    assert_signed_in(browser, "ada@example.com")
