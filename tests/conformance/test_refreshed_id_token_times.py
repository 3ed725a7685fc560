"""Core 12.2: `iat` of a refreshed ID token is when it was issued, and its time is not over."""

import time

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import changed, logto_of
from tests.support.refreshes import assert_refresh_refused, sign_in_for_a_moment


@pytest.mark.parametrize(
    ("claim", "seconds", "code"),
    [
        ("iat", None, "id_token_invalid"),
        ("iat", -601, "id_token_issued_at_invalid"),
        ("iat", 75, "id_token_issued_at_invalid"),
        ("exp", -61, "id_token_expired"),
        ("exp", None, "id_token_invalid"),
        ("nbf", 75, "id_token_not_yet_valid"),
    ],
)
def test_another_time_is_refused(
    stack: Stack, browser: Browser, journal: list[Json], claim: str, seconds: int | None, code: str
) -> None:
    at = None if seconds is None else int(time.time()) + seconds
    sign_in_for_a_moment(browser)
    logto_of(stack).misbehave.refreshed_id_token_claims = changed(**{claim: at})
    assert_refresh_refused(browser, journal, code)
