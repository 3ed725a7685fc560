"""`oidcc-client-test-idtoken-sig-rs256`: an ID token signed with RS256 is accepted."""

from local.logto.keys import SigningKey, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_signed_in, logto_of


def test_rs256_is_accepted(suite: Stack, browser: Browser) -> None:
    algorithms = []

    def noted(header: Json, claims: Json, key: SigningKey) -> str:
        algorithms.append(header["alg"])
        return sign(header, claims, key)

    logto_of(suite).misbehave.id_token = noted
    browser.sign_in()
    assert_signed_in(browser)
    assert algorithms == ["RS256"]
