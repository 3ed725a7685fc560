"""Sessions in a real Chromium: two tabs, going back, the double click, the list."""

import re
import secrets

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from local.stack import Stack
from tests.browser.steps import code_in_mailbox, picture, prove_address, sign_in
from tests.support.browser import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def email() -> str:
    """Somebody else each time, so that the list holds the sessions of one test."""
    return f"{secrets.token_hex(4)}@example.com"


def test_two_tabs_sign_in_at_once(stack: Stack, context: BrowserContext, page: Page, email: str) -> None:
    other = context.new_page()
    for tab in (page, other):
        tab.goto(f"{stack.app_url}/login")
    prove_address(stack, context, page, email)
    expect(page.locator("dl")).to_contain_text(email)
    # Logto has one sign-in of an application at a time for each browser; the other tab begins anew.
    other.get_by_role("button", name="Continue").click()
    other.goto(f"{stack.app_url}/login")
    expect(other.locator("dl")).to_contain_text(email)
    page.reload()  # the second sign-in replaced this browser's session, and this tab goes on with it
    expect(page.locator("dl")).to_contain_text(email)
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_tabs_that_a_browser_restores_at_once_all_land_signed_in(
    stack: Stack, context: BrowserContext, page: Page, email: str
) -> None:
    sign_in(stack, context, page, email)
    context.clear_cookies(name="__Host-session")
    page.goto("about:blank")  # else it is where it is to land before it has set off
    tabs = [page, context.new_page(), context.new_page()]
    for tab in tabs:  # Logto knows this browser, so all three come back at once
        tab.evaluate("address => { location.href = address }", f"{stack.app_url}/login")
    for tab in tabs:
        expect(tab).to_have_url(f"{stack.app_url}/")
        tab.reload()
        expect(tab.locator("dl")).to_contain_text(email)


def test_a_double_click_on_the_last_button_signs_in(
    stack: Stack, context: BrowserContext, page: Page, email: str
) -> None:
    page.goto(f"{stack.app_url}/login")
    page.fill("input[name=email]", email)
    page.get_by_role("button", name="Continue").click()
    page.fill("input[name=code]", code_in_mailbox(stack, context))
    page.get_by_role("button", name="Continue").dblclick()
    expect(page.locator("dl")).to_contain_text(email)


def test_going_back_to_the_callback_lands_signed_in(
    stack: Stack, context: BrowserContext, page: Page, email: str
) -> None:
    sign_in(stack, context, page, email)
    callbacks: list[str] = []
    page.on("request", lambda request: callbacks.append(request.url) if "/callback?" in request.url else None)
    page.goto(f"{stack.app_url}/login")
    expect(page).to_have_url(f"{stack.app_url}/")
    page.goto(callbacks[0])  # as a browser does that restores its tabs
    expect(page.locator("dl")).to_contain_text(email)
    page.reload()
    expect(page.locator("dl")).to_contain_text(email)


def test_going_back_after_sign_out_shows_nothing_of_the_user(
    stack: Stack, context: BrowserContext, page: Page, email: str
) -> None:
    sign_in(stack, context, page, email)
    page.click("#sign-out")
    expect(page.locator("main")).to_contain_text("signed out here and at Logto")
    page.go_back()
    expect(page.locator("body")).not_to_contain_text(email)
    page.goto(stack.app_url)
    expect(page.locator("#sign-in")).to_be_visible()


def test_the_list_shows_a_session_elsewhere_and_ends_it(
    stack: Stack, context: BrowserContext, page: Page, email: str
) -> None:
    with Browser(stack) as elsewhere, Browser(stack) as third:
        for each in (elsewhere, third):
            each.sign_in(email)
        sign_in(stack, context, page, email)
        rows = page.get_by_role("listitem")
        expect(rows).to_have_count(3)
        expect(rows.filter(has_text="this browser")).to_contain_text("Chrome on Linux")
        picture(page, "9-sessions")
        rows.get_by_role("button", name="End").first.click()
        expect(rows).to_have_count(2)
        live = [each for each in (elsewhere, third) if each.get("/session").status_code == 200]
        assert len(live) == 1
        page.get_by_role("button", name="End all others").click()
        expect(rows).to_have_count(1)
        assert live[0].get("/session").status_code == 401
        expect(page).to_have_url(re.compile(re.escape(stack.app_url) + "/$"))


def test_the_list_fits_into_a_narrow_dark_window(
    stack: Stack, context: BrowserContext, page: Page, email: str
) -> None:
    with Browser(stack) as elsewhere:
        elsewhere.sign_in(email)
        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="dark")
        sign_in(stack, context, page, email)
        expect(page.get_by_role("listitem")).to_have_count(2)
        picture(page, "10-sessions-narrow-dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
