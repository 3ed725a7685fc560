"""`oidcc-client-test-kid-absent-single-jwks`: a token without `kid` is accepted with the only fitting key."""

from local.logto.keys import sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_signed_in, logto_of


def test_a_token_without_kid_is_accepted_with_the_only_key(suite: Stack, browser: Browser) -> None:
    def only_the_first(jwks: Json) -> Json:
        return {"keys": jwks["keys"][:1]}

    logto_of(suite).misbehave.jwks = only_the_first
    logto_of(suite).misbehave.id_token = lambda header, claims, key: sign({"alg": header["alg"]}, claims, key)
    browser.sign_in()
    assert_signed_in(browser)
