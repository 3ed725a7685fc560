"""Core 3.1.2.6: the person cancels, and may think better of it."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, error_code, logto_of, replaced

CANCELLED = [("error", "access_denied"), ("error_description", "<b>End-User aborted interaction</b>")]


def test_the_page_says_so_and_leads_to_the_same_place_again(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.authorization_response = lambda pairs: [
        *CANCELLED,
        *(pair for pair in pairs if pair[0] != "code"),
    ]
    browser.sign_in(login="/login?return_to=/session%3Ffrom%3Dhere")
    assert_refused(browser, "access_denied")
    assert "cancelled or not allowed" in browser.page.text
    assert "End-User" not in browser.page.text
    assert 'href="/login?return_to=%2Fsession%3Ffrom%3Dhere">Try again' in browser.page.text
    assert ("POST", "/oidc/token") not in logto_of(stack).requests


def test_trying_again_works(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.authorization_response = lambda pairs: [*CANCELLED, *pairs[1:]]
    browser.sign_in()
    assert error_code(browser.page.text) == "access_denied"
    logto_of(stack).misbehave.authorization_response = None
    browser.sign_in()
    assert_signed_in(browser)


def test_an_error_beats_a_code_that_comes_with_it(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.authorization_response = lambda pairs: [*pairs, *CANCELLED]
    browser.sign_in()
    assert_refused(browser, "access_denied")


@pytest.mark.parametrize("issuer", ["https://attacker.example/oidc", None])
def test_an_error_of_another_issuer_is_not_believed(
    stack: Stack, browser: Browser, issuer: str | None
) -> None:
    forged = replaced("iss", issuer)
    logto_of(stack).misbehave.authorization_response = lambda pairs: [*CANCELLED, *forged(pairs)[1:]]
    browser.sign_in()
    assert_refused(browser, "issuer_mismatch" if issuer else "issuer_missing")
    assert "cancelled" not in browser.page.text


@pytest.mark.parametrize("code", ["<script>alert(1)</script>", "", "ACCESS_DENIED", "x" * 65, "a\r\nb: c"])
def test_a_code_that_is_none_does_not_reach_the_page(stack: Stack, browser: Browser, code: str) -> None:
    logto_of(stack).misbehave.authorization_response = lambda pairs: [("error", code), *pairs[1:]]
    browser.sign_in()
    assert_refused(browser, "unknown_error")
    assert "<script" not in browser.page.text
