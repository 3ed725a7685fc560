"""RFC 8725 3.11, RFC 7515 4.1.11, Core 3.1.3.7, rule 1: what may be well made, but is no ID token."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from local.logto.keys import SigningKey, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, assert_signed_in, compact, logto_of


def signed(header: Json, claims: Json, key: SigningKey) -> str:
    """Sign honestly, whatever the header says."""
    assert isinstance(key, ECKey)
    return compact(header, claims, lambda content: _es384(content, key))


def _es384(content: bytes, key: ECKey) -> bytes:
    from joserfc.jws import JWSRegistry

    return JWSRegistry.algorithms["ES384"].sign(content, key)


@pytest.mark.parametrize(
    "more",
    [
        {"typ": "at+jwt"},
        {"typ": "application/at+jwt"},
        {"typ": "logout+jwt"},
        {"typ": None},
        {"typ": ["JWT"]},
        {"crit": ["b64"], "b64": False},
        {"crit": ["exp"]},
        {"crit": []},
    ],
    ids=str,
)
def test_a_header_of_another_kind_is_refused(stack: Stack, browser: Browser, more: Json) -> None:
    logto_of(stack).misbehave.id_token = lambda header, claims, key: signed(header | more, claims, key)
    browser.sign_in()
    assert_refused(browser, "id_token_invalid")


def test_a_header_that_says_jwt_is_accepted(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.id_token = lambda header, claims, key: sign(
        header | {"typ": "JWT"}, claims, key
    )
    browser.sign_in()
    assert_signed_in(browser)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: f"{token}.AAAA.AAAA",
        lambda token: token.rpartition(".")[0],
        lambda token: f".{token.partition('.')[2]}",
        lambda token: f"!{token[1:]}",
        lambda token: f"W10.{token.partition('.')[2]}",
        lambda token: "é" + token,
        lambda token: "",
    ],
    ids=["encrypted", "two parts", "no header", "no base64url", "a list", "not ASCII", "empty"],
)
def test_what_is_no_signed_token_is_refused(
    stack: Stack, browser: Browser, change: Callable[[str], str]
) -> None:
    logto_of(stack).misbehave.id_token = lambda header, claims, key: change(sign(header, claims, key))
    browser.sign_in()
    assert_refused(browser, "id_token_invalid")


@pytest.mark.parametrize("payload", [[], "claims", 1, None], ids=str)
def test_a_payload_that_is_no_object_is_refused(stack: Stack, browser: Browser, payload: Any) -> None:
    logto_of(stack).misbehave.id_token = lambda header, claims, key: signed(header, payload, key)
    browser.sign_in()
    assert_refused(browser, "id_token_signature_invalid")


def test_a_key_that_comes_with_the_token_is_not_used(stack: Stack, browser: Browser) -> None:
    own = ECKey.generate_key("P-384")

    def forge(header: Json, claims: Json, _: SigningKey) -> str:
        brought = {"jwk": own.as_dict(private=False), "jku": "https://attacker.example/jwks"}
        return signed(header | brought, claims, own)

    logto_of(stack).misbehave.id_token = forge
    browser.sign_in()
    assert_refused(browser, "id_token_signature_invalid")
