"""Core 3.1.3.7, rule 11: a nonce was sent, so that one must come back."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


@pytest.mark.parametrize("nonce", [None, "", "é", 0, ["x"], "\ud800"], ids=ascii)
def test_a_token_without_our_nonce_is_refused(stack: Stack, browser: Browser, nonce: object) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(nonce=nonce)
    browser.sign_in()
    assert_refused(browser, "nonce_mismatch")
