"""Core 12.2: a refreshed ID token is signed like the first one: by the provider, with what is registered."""

from local.logto.keys import generate, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import assert_signed_in, compact, logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


def test_an_unsigned_one_is_refused(suite: Stack, browser: Browser, journal: list[Json]) -> None:
    sign_in_for_a_moment(browser)
    logto_of(suite).misbehave.id_token = lambda header, claims, key: compact(
        {"alg": "none"}, claims, lambda _: b""
    )
    assert_refresh_refused(browser, journal, "id_token_algorithm_refused")


def test_one_that_a_stranger_signed_is_refused(suite: Stack, browser: Browser, journal: list[Json]) -> None:
    sign_in_for_a_moment(browser)
    logto_of(suite).misbehave.id_token = lambda header, claims, key: sign(header, claims, generate("RSA"))
    assert_refresh_refused(browser, journal, "id_token_signature_invalid")


def test_a_key_rotated_since_the_sign_in_is_fetched_at_once(suite: Stack, browser: Browser) -> None:
    sign_in_for_a_moment(browser)
    logto_of(suite).rotate_signing_key("RSA")
    assert_signed_in(browser)
    assert logto_of(suite).requests.count(("GET", "/oidc/jwks")) == 2
