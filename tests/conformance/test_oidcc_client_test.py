"""`oidcc-client-test`: the whole sign-in succeeds with every answer as it should be."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_signed_in


def test_a_provider_without_fault_signs_its_user_in(suite: Stack, browser: Browser) -> None:
    browser.sign_in("ada@example.com")
    assert_signed_in(browser, "ada@example.com")


def test_two_people_are_told_apart(suite: Stack, browser: Browser) -> None:
    with Browser(suite) as other:
        other.sign_in("grace@example.com")
        browser.sign_in("ada@example.com")
        assert_signed_in(browser, "ada@example.com")
        assert_signed_in(other, "grace@example.com")
