"""The journey in a real Chromium. `BROWSER_SCREENSHOTS=DIR` keeps a picture of each page."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

from local.stack import Stack

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EMAIL = "ada@example.com"


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    """A Chromium that has never been used."""
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 900, "height": 700},
        )
        context.set_default_timeout(15_000)
        yield context
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def test_signs_in_with_the_code_from_the_mailbox_and_out_again(
    stack: Stack, context: BrowserContext, page: Page
) -> None:
    page.goto(stack.app_url)
    _picture(page, "1-home")
    page.click("#sign-in")
    expect(page).to_have_url(re.compile("/sign-in"))
    _picture(page, "2-address")
    page.fill("input[name=email]", EMAIL)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("verification-code"))
    page.fill("input[name=code]", _code_in_mailbox(stack, context))
    _picture(page, "3-code")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{stack.app_url}/")
    expect(page.locator("dl")).to_contain_text(EMAIL)
    _picture(page, "5-profile")
    names = {cookie["name"] for cookie in context.cookies()}
    assert "__Host-session" in names
    page.click("#sign-out")
    expect(page).to_have_url(re.compile(re.escape(stack.app_url) + "/logged-out"))
    expect(page.locator("main")).to_contain_text("signed out here and at Logto")
    _picture(page, "6-signed-out")
    page.goto(stack.app_url)
    page.click("#sign-in")
    expect(page.locator("input[name=email]")).to_be_visible()


def test_double_click_and_reload_land_signed_in(stack: Stack, context: BrowserContext, page: Page) -> None:
    _sign_in(stack, context, page)
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
    _picture(page, "7-cancelled")
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("input[name=email]")).to_be_visible()


def test_another_site_cannot_sign_the_user_out(stack: Stack, context: BrowserContext, page: Page) -> None:
    _sign_in(stack, context, page)
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
    _sign_in(stack, context, page)
    _picture(page, "8-narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [text for text in errors if "favicon" not in text and "404" not in text] == []


def _sign_in(stack: Stack, context: BrowserContext, page: Page) -> None:
    page.goto(f"{stack.app_url}/login")
    page.fill("input[name=email]", EMAIL)
    page.get_by_role("button", name="Continue").click()
    page.fill("input[name=code]", _code_in_mailbox(stack, context))
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{stack.app_url}/")


def _code_in_mailbox(stack: Stack, context: BrowserContext) -> str:
    """Read the newest message as a person does: in the mailbox's page, in the message's own frame."""
    mailbox = context.new_page()
    mailbox.goto(stack.mailgun_url)
    text = mailbox.frame_locator("iframe").locator("body").inner_text()
    _picture(mailbox, "4-mailbox")
    mailbox.close()
    match = re.search(r"\b[0-9]{6}\b", text)
    assert match, text
    return match[0]


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("BROWSER_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        try:
            page.screenshot(path=str(Path(folder) / f"{name}.png"))
        except Error as error:
            pytest.fail(f"no picture of {name}: {error}")
