"""An attempt is bound to its cookie's name: renamed, it does not open."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused


def test_an_attempt_under_the_name_of_another_is_refused(stack: Stack, browser: Browser) -> None:
    first = browser.stop_at_callback("ada@example.com")
    [name] = [name for name in browser.cookies if name.startswith("__Host-passerelle-login-")]
    browser.stop_at_callback("ada@example.com")
    [other] = [
        each for each in browser.cookies if each.startswith("__Host-passerelle-login-") and each != name
    ]
    browser.http.cookies.set(name, browser.cookies[other], domain="localhost.local", path="/")
    browser.get(first)
    assert_refused(browser, "attempt_unknown")
