"""RFC 6749 3.1: a parameter comes twice, and two readers could see two values."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Pairs, assert_refused, logto_of


@pytest.mark.parametrize("name", ["code", "state", "iss", "error"])
@pytest.mark.parametrize("same", [True, False], ids=["the same value", "another value"])
def test_a_parameter_that_comes_twice_is_refused(
    stack: Stack, browser: Browser, name: str, same: bool
) -> None:
    def doubled(pairs: Pairs) -> Pairs:
        given = dict(pairs)
        first = given.setdefault(name, "access_denied")
        return [*given.items(), (name, first if same else "other")]

    logto_of(stack).misbehave.authorization_response = doubled
    browser.sign_in()
    assert_refused(browser, "duplicate_parameter")
    assert ("POST", "/oidc/token") not in logto_of(stack).requests
