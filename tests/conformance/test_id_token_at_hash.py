"""Core 3.1.3.6: `at_hash` binds the access token to the ID token."""

import base64
import hashlib
from collections.abc import Callable

import pytest

from local.logto.models import AccessToken
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, assert_signed_in, logto_of


def half(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def with_hash(stack: Stack, function: Callable[[bytes], str]) -> Callable[[Json], Json]:
    def add(claims: Json) -> Json:
        tokens = [token for token in logto_of(stack).tokens.values() if isinstance(token, AccessToken)]
        return claims | {"at_hash": function(tokens[-1].value.encode())}

    return add


def test_the_right_hash_is_accepted(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.id_token_claims = with_hash(stack, lambda it: half(hashlib.sha384(it).digest()))
    browser.sign_in()
    assert_signed_in(browser)


def test_the_right_hash_under_rs256_is_accepted(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = with_hash(suite, lambda it: half(hashlib.sha256(it).digest()))
    browser.sign_in()
    assert_signed_in(browser)


@pytest.mark.parametrize(
    "function",
    [
        lambda it: half(hashlib.sha384(it + b"x").digest()),
        lambda it: half(hashlib.sha256(it).digest()),
        lambda it: half(hashlib.sha384(it).digest()) + "=",
        lambda it: hashlib.sha384(it).hexdigest(),
        lambda it: "",
    ],
    ids=["another token", "another algorithm", "with padding", "in hexadecimal", "empty"],
)
def test_another_hash_is_refused(stack: Stack, browser: Browser, function: Callable[[bytes], str]) -> None:
    logto_of(stack).misbehave.id_token_claims = with_hash(stack, function)
    browser.sign_in()
    assert_refused(browser, "access_token_hash_mismatch")
