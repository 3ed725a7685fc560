"""What the local Logto tells the app of its own accord: by the back channel, and by its webhook."""

import dataclasses

import pytest

from local.config import Config
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.provider import logto_of, read_secret, stored_sessions


def test_a_sign_out_comes_back_by_the_back_channel_and_is_done_already(
    stack: Stack, browser: Browser
) -> None:
    logto_of(stack).backchannel.clear()
    browser.sign_in()
    assert "signed out here and at Logto" in browser.sign_out().text
    assert [(told.url, told.status) for told in logto_of(stack).backchannel] == [
        (f"{stack.app_url}/backchannel-logout", 200)
    ]


def test_whoever_signs_out_at_logto_itself_is_signed_out_here(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    browser.get(f"{stack.issuer}/session/end")
    browser.submit({"logout": "yes"})
    assert browser.session().status_code == 401
    assert stored_sessions(stack) == []


@pytest.mark.parametrize("what", ["suspend", "delete_user", "reset_password"])
def test_what_an_administrator_does_ends_sessions(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    logto = logto_of(stack)
    monkeypatch.setattr(logto, "webhook_url", f"{stack.app_url}/webhooks/logto")
    browser.sign_in(f"{what}@example.com")
    getattr(logto, what)(f"{what}@example.com")
    assert [told.status for told in logto.webhooks[-1:]] == [200]
    assert browser.session().status_code == 401


def test_make_run_has_the_webhook_and_tests_have_not(stack: Stack) -> None:
    assert logto_of(stack).webhook_url is None
    assert read_secret(stack, "LogtoSecret")["webhookSigningKey"] == logto_of(stack).webhook_signing_key


def test_the_webhook_of_make_run_leads_to_the_app() -> None:
    runtime.forget()
    with Stack(dataclasses.replace(Config.ephemeral(), webhooks=True)) as stack, Browser(stack) as browser:
        assert logto_of(stack).webhook_url == f"{stack.app_url}/webhooks/logto"
        browser.sign_in()
        logto_of(stack).suspend("ada@example.com")
        assert browser.session().status_code == 401
