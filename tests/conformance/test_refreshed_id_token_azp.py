"""Core 12.2: `azp` of a refreshed ID token, where there is one, still is this client."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import assert_signed_in, changed, logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


@pytest.mark.parametrize("azp", ["another", "", ["passerelle"]], ids=str)
def test_another_authorized_party_is_refused(
    stack: Stack, browser: Browser, journal: list[Json], azp: object
) -> None:
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = changed(azp=azp)
    assert_refresh_refused(browser, journal, "id_token_audience_mismatch")


def test_this_client_is_accepted(stack: Stack, browser: Browser) -> None:
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = changed(azp="passerelle")
    assert_signed_in(browser)
