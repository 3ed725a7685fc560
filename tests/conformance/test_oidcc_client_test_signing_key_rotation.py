"""`oidcc-client-test-signing-key-rotation`: a rotated key delays nobody, not even twice in a row."""

import pytest

from local.logto.keys import KeyKind, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_signed_in, logto_of


@pytest.mark.parametrize("kinds", [("RSA", "RSA"), ("RSA", "EC"), ("EC", "RSA"), ("EC", "EC")])
def test_two_rotations_in_a_row_delay_nobody(
    stack: Stack, browser: Browser, kinds: tuple[KeyKind, KeyKind]
) -> None:
    browser.sign_in("ada@example.com")
    for email, kind in zip(("grace@example.com", "joan@example.com"), kinds, strict=True):
        logto_of(stack).rotate_signing_key(kind)
        with Browser(stack) as another:
            another.sign_in(email)
            assert_signed_in(another, email)
    assert_signed_in(browser, "ada@example.com")


def test_the_registered_algorithm_stays_while_its_key_changes(suite: Stack, browser: Browser) -> None:
    browser.sign_in("ada@example.com")
    logto_of(suite).rotate_signing_key("RSA")
    with Browser(suite) as another:
        another.sign_in("grace@example.com")
        assert_signed_in(another, "grace@example.com")


def test_the_previous_key_is_good_while_it_is_published(suite: Stack, browser: Browser) -> None:
    logto = logto_of(suite)
    previous = logto.keys.current
    logto.rotate_signing_key("RSA")
    logto.misbehave.id_token = lambda header, claims, key: sign(
        header | {"kid": previous.kid}, claims, previous
    )
    browser.sign_in()
    assert_signed_in(browser)
