"""Core 12.2: a refreshed ID token has no `nonce`, or the one of the sign-in."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import assert_signed_in, changed, logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


@pytest.mark.parametrize("nonce", ["another", "", 0, "é"], ids=ascii)
def test_another_nonce_is_refused(stack: Stack, browser: Browser, journal: list[Json], nonce: object) -> None:
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = changed(nonce=nonce)
    assert_refresh_refused(browser, journal, "nonce_mismatch")


def test_none_is_accepted(stack: Stack, browser: Browser) -> None:
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = changed(nonce=None)
    assert_signed_in(browser)
    assert_signed_in(browser)


def test_the_one_of_the_sign_in_is_accepted(stack: Stack, browser: Browser) -> None:
    seen: list[str] = []

    def noted(given: Json) -> Json:
        seen.append(given["nonce"])
        return given

    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = noted
    assert_signed_in(browser)
    assert len(seen) == 1
