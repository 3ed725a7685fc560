"""Core 3.1.3.7, rule 7; RFC 7518 3.1: the algorithm is one of those accepted, and it fits the key."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from local.logto.keys import SigningKey, sign
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, assert_signed_in, compact, logto_of


def test_a_genuine_key_of_an_algorithm_that_is_not_registered_is_refused(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ID_TOKEN_ALGORITHMS", "RS256")
    runtime.forget()
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")


def test_an_algorithm_that_discovery_does_not_name_is_refused(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.discovery = lambda given: (
        given | {"id_token_signing_alg_values_supported": ["RS256"]}
    )
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")


@pytest.mark.parametrize("algorithm", ["ES256", "ES512", "RS256", "PS256", "EdDSA"])
def test_an_algorithm_for_another_key_type_or_curve_is_refused(
    stack: Stack, browser: Browser, algorithm: str
) -> None:
    misbehave = logto_of(stack).misbehave
    misbehave.discovery = lambda given: given | {"id_token_signing_alg_values_supported": [algorithm]}
    misbehave.jwks = lambda given: {
        "keys": [_without_alg(key) for key in given["keys"] if key["kty"] == "EC"]
    }
    misbehave.id_token = lambda header, claims, key: compact(
        header | {"alg": algorithm}, claims, lambda content: bytes(96)
    )
    browser.sign_in()
    assert_refused(browser, "id_token_key_unknown")


def test_an_algorithm_other_than_the_one_the_key_is_published_for_is_refused(
    suite: Stack, browser: Browser
) -> None:
    logto_of(suite).misbehave.jwks = lambda given: {"keys": [key | {"alg": "PS256"} for key in given["keys"]]}
    browser.sign_in()
    assert_refused(browser, "id_token_key_unknown")


def test_a_key_published_for_encryption_is_not_used(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.jwks = lambda given: {"keys": [key | {"use": "enc"} for key in given["keys"]]}
    browser.sign_in()
    assert_refused(browser, "id_token_key_unknown")


def test_an_unknown_key_is_refused_after_one_more_look(stack: Stack, browser: Browser) -> None:
    stranger = ECKey.generate_key("P-384", auto_kid=True)

    def forge(header: Json, claims: Json, _: SigningKey) -> str:
        return sign(header | {"kid": stranger.kid}, claims, stranger)

    logto_of(stack).misbehave.id_token = forge
    browser.sign_in()
    assert_refused(browser, "id_token_key_unknown")
    assert logto_of(stack).requests.count(("GET", "/oidc/jwks")) == 2


@pytest.mark.parametrize("algorithm", [None, 1, ["ES384"], {}, "es384", "ES384 "], ids=str)
def test_an_algorithm_that_is_none_is_refused(stack: Stack, browser: Browser, algorithm: object) -> None:
    logto_of(stack).misbehave.id_token = lambda header, claims, key: compact(
        header | {"alg": algorithm}, claims, lambda content: bytes(96)
    )
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")


def test_a_padding_that_the_key_could_do_as_well_is_accepted(stack: Stack, browser: Browser) -> None:
    logto_of(stack).rotate_signing_key("RSA")
    assert isinstance(logto_of(stack).keys.current, RSAKey)
    logto_of(stack).misbehave.id_token = lambda header, claims, key: sign(
        header | {"alg": "PS256"}, claims, key
    )
    browser.sign_in()
    assert_signed_in(browser)


@pytest.mark.parametrize(
    "odd", [{"kty": "XYZ"}, {}, {"kty": "EC", "crv": "P-384"}, "text", None, {"kty": ["EC"]}], ids=str
)
def test_a_published_key_that_is_none_does_not_disturb(stack: Stack, browser: Browser, odd: object) -> None:
    logto_of(stack).misbehave.jwks = lambda given: {"keys": [odd, *given["keys"]]}
    browser.sign_in()
    assert_signed_in(browser)


def _without_alg(key: Json) -> Json:
    return {name: value for name, value in key.items() if name != "alg"}
