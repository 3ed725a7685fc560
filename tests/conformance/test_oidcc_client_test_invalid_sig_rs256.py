"""`oidcc-client-test-invalid-sig-rs256`: an ID token with a broken signature is refused."""

from collections.abc import Callable

import pytest

from local.logto.keys import SigningKey, generate, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, logto_of


def broken(header: Json, claims: Json, key: SigningKey) -> str:
    head, body, signature = sign(header, claims, key).split(".")
    return f"{head}.{body}.{signature[:20]}{'A' if signature[20] != 'A' else 'B'}{signature[21:]}"


def of_somebody_else(header: Json, claims: Json, key: SigningKey) -> str:
    head, body, _ = sign(header, claims | {"sub": "somebody-else"}, key).split(".")
    return f"{head}.{body}.{sign(header, claims, key).split('.')[2]}"


def by_a_stranger(header: Json, claims: Json, key: SigningKey) -> str:
    return sign(header, claims, generate("RSA"))


def without_one(header: Json, claims: Json, key: SigningKey) -> str:
    return sign(header, claims, key).rpartition(".")[0] + "."


@pytest.mark.parametrize("forgery", [broken, of_somebody_else, by_a_stranger, without_one])
def test_a_signature_that_does_not_hold_is_refused(
    suite: Stack, browser: Browser, forgery: Callable[[Json, Json, SigningKey], str]
) -> None:
    logto_of(suite).misbehave.id_token = forgery
    browser.sign_in()
    assert_refused(browser, "id_token_signature_invalid")
