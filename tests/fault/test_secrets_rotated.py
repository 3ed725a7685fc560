"""Secrets are rotated while the functions run: they notice by themselves, and no request fails for it."""

import dataclasses

import pytest

from local.logto.models import RefreshToken
from local.stack import Stack
from passerelle import runtime
from passerelle.kept import AGAIN_SECONDS
from tests.fault.conftest import LetPass
from tests.fault.places import ask_for_delivery
from tests.support.browser import Browser
from tests.support.provider import assert_signed_in, error_code, logto_of, read_secret, write_secret

NEW = "n" * 48
pytestmark = pytest.mark.usefixtures("put_back")


@pytest.fixture
def warm(stack: Stack, browser: Browser, let_pass: LetPass) -> None:
    """Functions that have read every secret, a little while ago."""
    with Browser(stack) as somebody:
        somebody.sign_in("grace@example.com")
    let_pass(AGAIN_SECONDS + 1)


def rotate_client_secret(stack: Stack) -> None:
    """Give the client a new secret at Logto, and at AWS."""
    logto = logto_of(stack)
    [client] = logto.clients.values()
    logto.clients = {client.id: dataclasses.replace(client, secret=NEW)}
    write_secret(stack, "LogtoSecret", {"clientId": client.id, "clientSecret": NEW})


@pytest.mark.usefixtures("warm")
def test_a_new_client_secret_is_taken_up_during_a_sign_in(stack: Stack, browser: Browser) -> None:
    rotate_client_secret(stack)
    browser.sign_in()
    assert_signed_in(browser)
    assert logto_of(stack).requests[-2:].count(("POST", "/oidc/token")) == 2


@pytest.mark.usefixtures("warm")
def test_a_new_client_secret_is_taken_up_during_a_sign_out(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    rotate_client_secret(stack)
    browser.sign_out()
    assert "signed out here and at Logto" in browser.page.text
    assert newest_refresh_token(stack).grant.revoked


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("new", [{"token": NEW}, {"tokens": ["of-before-rotation", NEW]}], ids=["one", "two"])
def test_a_new_connector_token_is_taken_up(stack: Stack, browser: Browser, new: dict[str, object]) -> None:
    write_secret(stack, "ConnectorSecret", new)
    logto_of(stack).connector_authorization = f"Bearer {NEW}"
    browser.sign_in()
    assert_signed_in(browser)
    assert ask_for_delivery(stack, stack.send_otp_token).status_code == 401


@pytest.mark.usefixtures("warm")
def test_both_connector_tokens_are_good_meanwhile(stack: Stack) -> None:
    write_secret(stack, "ConnectorSecret", {"tokens": [stack.send_otp_token, NEW]})
    assert [ask_for_delivery(stack, token).status_code for token in (NEW, stack.send_otp_token)] == [200, 200]


@pytest.mark.usefixtures("warm")
def test_a_new_mailgun_key_is_taken_up(stack: Stack, browser: Browser) -> None:
    assert stack.mailgun is not None
    stack.mailgun.api_key = NEW
    write_secret(stack, "MailgunSecret", read_secret(stack, "MailgunSecret") | {"apiKey": NEW})
    browser.sign_in()
    assert_signed_in(browser)
    assert len(stack.mailgun.messages) == len({message.id for message in stack.mailgun.messages})


def rotate_keys(stack: Stack) -> None:
    """Put a new sealing key behind the old one, the index key staying."""
    old = read_secret(stack, "KeysSecret")["key"]
    keys = [{"kid": "0", "key": old}, {"kid": "1", "key": NEW}]
    write_secret(stack, "KeysSecret", {"keys": keys, "index": old})


def test_keys_rotated_between_login_and_callback_do_not_break_the_sign_in(
    stack: Stack, browser: Browser
) -> None:
    callback = browser.stop_at_callback()
    rotate_keys(stack)
    runtime.forget()
    browser.get(callback)
    assert_signed_in(browser)


def test_a_callback_function_with_the_old_keys_reads_the_new_ones(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, let_pass: LetPass
) -> None:
    with Browser(stack) as somebody:
        somebody.sign_in("grace@example.com")
    old = runtime.services()
    rotate_keys(stack)
    runtime.forget()
    callback = browser.stop_at_callback()
    let_pass(AGAIN_SECONDS + 1)
    monkeypatch.setattr(runtime, "services", lambda: old)
    browser.get(callback)
    assert_signed_in(browser)


@pytest.mark.usefixtures("warm")
def test_sessions_outlive_a_rotation_of_keys(stack: Stack, browser: Browser, let_pass: LetPass) -> None:
    browser.sign_in()
    rotate_keys(stack)
    runtime.forget()
    assert_signed_in(browser)
    browser.sign_out()
    assert newest_refresh_token(stack).grant.revoked


def test_a_key_taken_away_ends_the_sign_ins_under_way_and_no_more(stack: Stack, browser: Browser) -> None:
    callback = browser.stop_at_callback()
    write_secret(stack, "KeysSecret", {"keys": [{"kid": "9", "key": NEW}], "index": NEW})
    runtime.forget()
    assert error_code(browser.get(callback).text) == "attempt_unknown"
    browser.sign_in()
    assert_signed_in(browser)


def newest_refresh_token(stack: Stack) -> RefreshToken:
    tokens = [token for token in logto_of(stack).tokens.values() if isinstance(token, RefreshToken)]
    return tokens[-1]
