"""Core 12.2: `aud` of a refreshed ID token still is this client alone."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import changed, logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


@pytest.mark.parametrize("aud", ["another", ["passerelle", "another"], [], None, ""], ids=str)
def test_another_audience_is_refused(
    stack: Stack, browser: Browser, journal: list[Json], aud: object
) -> None:
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = changed(aud=aud)
    assert_refresh_refused(browser, journal, "id_token_audience_mismatch")
