"""Core 12.2: `auth_time` of a refreshed ID token, where there is one, is when the user signed in."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import assert_signed_in, changed, logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


@pytest.mark.parametrize("seconds", [-60, 60])
def test_another_time_is_refused(stack: Stack, browser: Browser, journal: list[Json], seconds: int) -> None:
    sign_in_for_a_moment(browser, login="/login?max_age=600")
    logto_of(stack).misbehave.refreshed_id_token_claims = lambda given: (
        given | {"auth_time": given["auth_time"] + seconds}
    )
    assert_refresh_refused(browser, journal, "authentication_time_changed")


def test_the_same_time_or_none_is_accepted(stack: Stack, browser: Browser) -> None:
    for change in (changed(), changed(auth_time=None)):
        sign_in_for_a_moment(browser, login="/login?max_age=600")
        logto_of(stack).misbehave.refreshed_id_token_claims = change
        assert_signed_in(browser)
