"""The journey in a real Chromium."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from local.stack import Stack
from tests.browser.steps import EMAIL, code_in_mailbox, picture, sign_in

pytestmark = pytest.mark.browser


def test_signs_in_with_the_code_from_the_mailbox_and_out_again(
    stack: Stack, context: BrowserContext, page: Page
) -> None:
    page.goto(stack.app_url)
    picture(page, "1-home")
    page.click("#sign-in")
    expect(page).to_have_url(re.compile("/sign-in"))
    picture(page, "2-address")
    page.fill("input[name=email]", EMAIL)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("verification-code"))
    page.fill("input[name=code]", code_in_mailbox(stack, context))
    picture(page, "3-code")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{stack.app_url}/")
    expect(page.locator("dl")).to_contain_text(EMAIL)
    picture(page, "5-profile")
    names = {cookie["name"] for cookie in context.cookies()}
    assert "__Host-session" in names
    page.click("#sign-out")
    expect(page).to_have_url(re.compile(re.escape(stack.app_url) + "/logged-out"))
    expect(page.locator("main")).to_contain_text("signed out here and at Logto")
    picture(page, "6-signed-out")
    page.goto(stack.app_url)
    page.click("#sign-in")
    expect(page.locator("input[name=email]")).to_be_visible()


def test_double_click_and_reload_land_signed_in(stack: Stack, context: BrowserContext, page: Page) -> None:
    sign_in(stack, context, page)
    page.go_back()
    page.goto(f"{stack.app_url}/login")  # Logto knows this browser: the code comes back at once
    expect(page).to_have_url(f"{stack.app_url}/")
    page.reload()
    expect(page.locator("dl")).to_contain_text(EMAIL)
    page.goto(f"{stack.app_url}/login", wait_until="commit")
    page.goto(f"{stack.app_url}/login")
    expect(page.locator("dl")).to_contain_text(EMAIL)


def test_cancelling_shows_what_happened_and_how_to_go_on(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.app_url}/login")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("cancelled")
    picture(page, "7-cancelled")
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("input[name=email]")).to_be_visible()


def test_another_site_cannot_sign_the_user_out(stack: Stack, context: BrowserContext, page: Page) -> None:
    sign_in(stack, context, page)
    # The embedded Mailgun is another origin of the same site; it stands for whoever would try.
    page.goto(stack.mailgun_url)
    page.evaluate(
        """address => { const form = document.createElement('form');
        form.method = 'post'; form.action = address;
        document.body.append(form); form.submit() }""",
        f"{stack.app_url}/logout",
    )
    page.wait_for_timeout(500)
    page.goto(stack.app_url)
    expect(page.locator("dl")).to_contain_text(EMAIL)


def test_pages_have_no_console_errors_in_a_narrow_dark_window(
    stack: Stack, context: BrowserContext, page: Page
) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(color_scheme="dark")
    sign_in(stack, context, page)
    picture(page, "8-narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [text for text in errors if "favicon" not in text and "404" not in text] == []
