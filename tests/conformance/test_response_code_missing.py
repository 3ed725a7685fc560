"""RFC 6749 4.1.2: the response has neither code nor error."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_refused, logto_of, replaced


@pytest.mark.parametrize("code", [None, ""], ids=["absent", "empty"])
def test_a_response_without_code_is_refused(stack: Stack, browser: Browser, code: str | None) -> None:
    logto_of(stack).misbehave.authorization_response = replaced("code", code)
    browser.sign_in()
    assert_refused(browser, "code_missing")
