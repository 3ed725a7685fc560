"""Core 3.1.3.7, rule 8; RFC 8725 3.1: a token "signed" with something that others know."""

import hmac

import pytest

from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, compact, logto_of, read_secret


@pytest.fixture(autouse=True)
def _advertised(stack: Stack) -> None:
    logto_of(stack).misbehave.discovery = lambda given: (
        given | {"id_token_signing_alg_values_supported": ["HS256", "RS256", "ES384"]}
    )


def sign_with(stack: Stack, key: bytes, **header: object) -> None:
    def forge(given: Json, claims: Json, _: object) -> str:
        return compact(
            given | {"alg": "HS256"} | header, claims, lambda signed: hmac.digest(key, signed, "sha256")
        )

    logto_of(stack).misbehave.id_token = forge


def test_the_client_secret_is_no_signing_key(stack: Stack, browser: Browser) -> None:
    sign_with(stack, read_secret(stack, "LogtoSecret")["clientSecret"].encode())
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")


@pytest.mark.parametrize("algorithms", ["", "RS256"])
def test_a_public_key_is_no_secret(
    suite: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, algorithms: str
) -> None:
    monkeypatch.setenv("ID_TOKEN_ALGORITHMS", algorithms)
    runtime.forget()
    sign_with(suite, logto_of(suite).keys.current.as_pem(private=False))
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")


def test_a_published_symmetric_key_is_not_used(stack: Stack, browser: Browser) -> None:
    published = {"kty": "oct", "kid": "shared", "alg": "HS256", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}
    logto_of(stack).misbehave.jwks = lambda given: {"keys": [published, *given["keys"]]}
    sign_with(stack, b"secret-secret-secret-secret", kid="shared")
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")
