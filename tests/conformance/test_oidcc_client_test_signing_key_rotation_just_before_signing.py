"""`oidcc-client-test-signing-key-rotation-just-before-signing`: a key as new as the token is fetched."""

import pytest

from local.logto.keys import KeyKind
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_signed_in, logto_of


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_key_that_is_newer_than_the_fetched_ones_is_accepted_at_once(
    stack: Stack, browser: Browser, kind: KeyKind
) -> None:
    browser.sign_in("ada@example.com")
    browser.sign_out()
    logto_of(stack).misbehave.before_signing = lambda: logto_of(stack).rotate_signing_key(kind)
    browser.sign_in("grace@example.com")
    assert_signed_in(browser, "grace@example.com")


def test_a_newer_key_of_the_registered_algorithm_is_accepted_at_once(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.before_signing = lambda: logto_of(suite).rotate_signing_key("RSA")
    browser.sign_in()
    assert_signed_in(browser)
    assert logto_of(suite).requests.count(("GET", "/oidc/jwks")) == 2
