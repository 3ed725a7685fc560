"""`oidcc-client-test-kid-absent-multiple-jwks`: a token without `kid` is tried with every fitting key."""

import pytest

from local.logto.keys import generate, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, assert_signed_in, logto_of


@pytest.fixture(autouse=True)
def _two_keys_and_no_kid(suite: Stack) -> None:
    logto_of(suite).rotate_signing_key("RSA")
    logto_of(suite).misbehave.id_token = lambda header, claims, key: sign({"alg": "RS256"}, claims, key)


@pytest.mark.parametrize("turn", [1, -1], ids=["signed by the first", "signed by the last"])
def test_a_token_without_kid_is_accepted_whichever_key_signed(
    suite: Stack, browser: Browser, turn: int
) -> None:
    def turned(jwks: Json) -> Json:
        fitting = [key for key in jwks["keys"] if key["kty"] == "RSA"]
        assert len(fitting) == 2
        return {"keys": fitting[::turn]}

    logto_of(suite).misbehave.jwks = turned
    browser.sign_in()
    assert_signed_in(browser)


def test_a_token_without_kid_that_no_published_key_signed_is_refused(suite: Stack, browser: Browser) -> None:
    stranger = generate("RSA")
    logto_of(suite).misbehave.id_token = lambda header, claims, key: sign({"alg": "RS256"}, claims, stranger)
    browser.sign_in()
    assert_refused(browser, "id_token_signature_invalid")
