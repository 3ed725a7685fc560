"""Core 3.1.3.7, rule 11: a genuine token is replayed into another sign-in."""

from local.logto.keys import SigningKey, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Json, assert_refused, logto_of


def test_a_replayed_token_is_refused(stack: Stack, browser: Browser) -> None:
    made = []

    def first_one_again(header: Json, claims: Json, key: SigningKey) -> str:
        made.append(sign(header, claims, key))
        return made[0]

    logto_of(stack).misbehave.id_token = first_one_again
    with Browser(stack) as victim:
        victim.sign_in("ada@example.com")
        victim.sign_out()
    browser.sign_in("mallory@example.com")
    assert_refused(browser, "nonce_mismatch")
    assert len(made) == 2
