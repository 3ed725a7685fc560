"""Core 12.2: a refresh may bring no ID token at all; the session goes on with the new access token."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import Front, assert_signed_in, logto_of
from tests.support.refreshes import refreshes, sign_in_for_a_moment


def test_a_refresh_without_an_id_token_is_accepted(
    stack: Stack, browser: Browser, front: Front, journal: list[Json]
) -> None:
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = lambda given: None
    assert_signed_in(browser)
    assert_signed_in(browser)
    assert len(refreshes(front)) == 1
    assert [line["event"] for line in journal].count("session_renewed") == 1
