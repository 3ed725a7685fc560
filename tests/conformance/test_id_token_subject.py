"""Core 2: `sub` is a string of 1 to 255 ASCII characters."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, changed, logto_of


@pytest.mark.parametrize("subject", ["", 12, True, ["ada"], "é", "x" * 256], ids=ascii)
def test_a_subject_that_is_none_is_refused(stack: Stack, browser: Browser, subject: object) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(sub=subject)
    browser.sign_in()
    assert_refused(browser, "id_token_subject_invalid")


def test_a_subject_of_255_characters_is_accepted(stack: Stack, browser: Browser) -> None:
    logto_of(stack).misbehave.id_token_claims = changed(sub="x" * 255)
    browser.sign_in()
    assert browser.session().json()["user"]["id"] == "x" * 255
