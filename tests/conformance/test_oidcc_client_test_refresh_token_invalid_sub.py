"""`oidcc-client-test-refresh-token-invalid-sub`: so is refused what a refresh brings."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


def test_a_refreshed_id_token_of_another_user_is_refused(
    suite: Stack, browser: Browser, journal: list[Json]
) -> None:
    sign_in_for_a_moment(browser)
    logto_of(suite).misbehave.refreshed_id_token_claims = lambda given: given | {"sub": f"{given['sub']}1"}
    assert_refresh_refused(browser, journal, "id_token_subject_changed")
