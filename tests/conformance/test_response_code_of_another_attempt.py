"""RFC 9700 4.5: a stolen code is put into the attacker's own response, which PKCE notices."""

from urllib.parse import parse_qs, urlsplit

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, error_code, logto_of, replaced


def test_an_injected_code_is_refused(stack: Stack, browser: Browser) -> None:
    with Browser(stack) as victim:
        [stolen] = parse_qs(urlsplit(victim.stop_at_callback("ada@example.com")).query)["code"]
    logto_of(stack).misbehave.authorization_response = replaced("code", stolen)
    browser.sign_in("mallory@example.com")
    assert_refused(browser, "code_refused")


@pytest.mark.parametrize("code", ["unknown", "x" * 4000, "é&client_id=other"])
def test_an_invented_code_is_refused(stack: Stack, browser: Browser, code: str) -> None:
    logto_of(stack).misbehave.authorization_response = replaced("code", code)
    browser.sign_in()
    assert error_code(browser.page.text) == "code_refused"
    assert_refused(browser, "code_refused")
