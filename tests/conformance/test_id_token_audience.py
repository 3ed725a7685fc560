"""Core 3.1.3.7, rules 3 to 5: who the token is for."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, assert_signed_in, changed, logto_of


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": None},
        {"aud": ""},
        {"aud": []},
        {"aud": ["another"]},
        {"aud": ["passerelle", "another"]},
        {"aud": ["passerelle", "another"], "azp": "passerelle"},
        {"aud": "passerelle another"},
        {"aud": "Passerelle"},
        {"aud": {"passerelle": True}},
        {"azp": "another"},
        {"azp": ""},
        {"azp": ["passerelle"]},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_client_alone_is_refused(
    stack: Stack, browser: Browser, claims: dict[str, object]
) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(**claims)
    browser.sign_in()
    assert_refused(browser, "id_token_audience_mismatch")


@pytest.mark.parametrize("claims", [{"aud": ["passerelle"]}, {"azp": "passerelle"}], ids=str)
def test_a_token_that_says_so_in_another_way_is_accepted(
    stack: Stack, browser: Browser, claims: dict[str, object]
) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(**claims)
    browser.sign_in()
    assert_signed_in(browser)
