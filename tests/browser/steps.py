"""What people do in a browser. `BROWSER_SCREENSHOTS=DIR` keeps a picture of each page."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from local.stack import Stack

EMAIL = "ada@example.com"


def sign_in(stack: Stack, context: BrowserContext, page: Page, email: str = EMAIL) -> None:
    """Sign in with the code from the mailbox."""
    page.goto(f"{stack.app_url}/login")
    prove_address(stack, context, page, email)
    expect(page).to_have_url(f"{stack.app_url}/")


def prove_address(stack: Stack, context: BrowserContext, page: Page, email: str = EMAIL) -> None:
    """Give address and code on Logto's pages."""
    page.fill("input[name=email]", email)
    page.get_by_role("button", name="Continue").click()
    page.fill("input[name=code]", code_in_mailbox(stack, context))
    page.get_by_role("button", name="Continue").click()


def code_in_mailbox(stack: Stack, context: BrowserContext) -> str:
    """Read the newest message as a person does: in the mailbox's page, in the message's own frame."""
    mailbox = context.new_page()
    mailbox.goto(stack.mailgun_url)
    text = mailbox.frame_locator("iframe").locator("body").inner_text()
    picture(mailbox, "4-mailbox")
    mailbox.close()
    match = re.search(r"\b[0-9]{6}\b", text)
    assert match, text
    return match[0]


def picture(page: Page, name: str) -> None:
    """Keep a picture, where somebody wants them."""
    if folder := os.environ.get("BROWSER_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        try:
            page.screenshot(path=str(Path(folder) / f"{name}.png"))
        except Error as error:
            pytest.fail(f"no picture of {name}: {error}")
