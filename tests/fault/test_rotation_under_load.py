"""Every secret is rotated while people sign in, and not one request fails.

Functions keep secrets for a second here instead of five minutes, and what may be looked at on request is as
rare as ever. Three environments answer, each with what it has read by itself.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from cli import waiting
from cli.__main__ import main
from local.logto import Secret, backchannel
from local.stack import Stack
from passerelle import secrets
from passerelle.kept import Kept
from tests.fault.places import ask_for_delivery
from tests.support.browser import Browser
from tests.support.cloudformation import STACK, operated
from tests.support.load import Load, spread
from tests.support.provider import (
    Json,
    assert_signed_in,
    error_code,
    logto_of,
    read_secret,
    stored_sessions,
    write_secret,
)

pytestmark = pytest.mark.usefixtures("put_back")

NEW = "n" * 48
Action = Callable[[], None]


@pytest.fixture(autouse=True)
def _quick(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(secrets, "KEPT_SECONDS", 1)
    monkeypatch.setattr(waiting, "MARGIN_SECONDS", 1)
    monkeypatch.setattr(waiting, "_SHOWN_EVERY", 0.1)
    monkeypatch.setattr(backchannel, "TIMEOUT", 30)
    spread(monkeypatch)
    with operated(monkeypatch, stack):
        yield


@pytest.fixture
def only_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read again on request: what the steps of a rotation leave open is not saved by that."""
    monkeypatch.setattr(Kept, "again", lambda *_: None)


@pytest.fixture
def people(stack: Stack) -> Iterator[Load]:
    """They sign in and out, stay signed in, and are sent codes."""
    with Browser(stack) as stays:
        stays.sign_in("stays@example.com")
        with Load(comes_and_goes(stack), still_there(stays), is_sent_a_code(stack)) as load:
            yield load


def comes_and_goes(stack: Stack) -> Action:
    numbers = itertools.count()

    def sign_in_and_out() -> None:
        email = f"number-{next(numbers)}@example.com"
        with Browser(stack) as browser:
            browser.sign_in(email)
            assert_signed_in(browser, email)
            browser.sign_out()
            assert "signed out here and at Logto" in browser.page.text

    return sign_in_and_out


def still_there(browser: Browser) -> Action:
    def check_session() -> None:
        assert browser.session().status_code == 200

    return check_session


def is_sent_a_code(stack: Stack) -> Action:
    def send_code() -> None:
        token = str(logto_of(stack).connector_authorization).removeprefix("Bearer ")
        assert ask_for_delivery(stack, token).status_code == 200

    return send_code


def post_event(stack: Stack, event: Json) -> int:
    """Post an event as Mailgun does, which repeats it unless the answer is 200 or 406."""
    url = f"{stack.app_url}/webhooks/mailgun"
    return httpx.post(url, json=event, timeout=30, trust_env=False).status_code


def rotate(*arguments: str) -> None:
    assert main(["rotate", *arguments, "--stack", STACK]) == 0


def wait_for_all() -> None:
    """Wait as the operator is told to."""
    time.sleep(waiting.spread_seconds())


def changes_their_mind(browser: Browser) -> Action:
    """Quick, so that many come back to another environment than the one that sent them away."""
    stack = browser.stack

    def cancel() -> None:
        away = browser.http.get(f"{stack.app_url}/login").headers["location"]
        state = parse_qs(urlsplit(away).query)["state"][0]
        answer = {"error": "access_denied", "state": state, "iss": stack.issuer}
        assert error_code(browser.get(f"/callback?{urlencode(answer)}").text) == "access_denied"

    return cancel


@pytest.mark.usefixtures("only_steps")
def test_encryption_keys(stack: Stack, people: Load) -> None:
    with Browser(stack) as one, Load(changes_their_mind(one)) as load:
        for keys in (2, 3):
            rotate("keys")
            assert len(read_secret(stack, "KeysSecret")["keys"]) == keys
            people.go_on()
            wait_for_all()
    assert load.failures == []
    with Browser(stack) as browser:
        browser.sign_in()
        newest = read_secret(stack, "KeysSecret")["keys"][-1]["kid"]
        sealed = [item["contents"]["S"].partition(".")[0] for item in stored_sessions(stack)]
        assert {"0", newest} <= set(sealed)
    assert people.failures == []


@pytest.mark.usefixtures("only_steps")
def test_the_connector_s_token(stack: Stack, people: Load, capsys: pytest.CaptureFixture[str]) -> None:
    rotate("connector-token")
    authorization = f"Bearer {read_secret(stack, 'ConnectorSecret')['tokens'][-1]}"
    assert authorization in capsys.readouterr().out
    logto_of(stack).connector_authorization = authorization
    people.go_on()
    rotate("connector-token", "--finish", "--yes")
    wait_for_all()
    people.go_on()
    assert ask_for_delivery(stack, stack.send_otp_token).status_code == 401
    assert people.failures == []


def test_the_client_secret(stack: Stack, people: Load) -> None:
    logto = logto_of(stack)
    [client] = logto.clients.values()
    logto.clients = {client.id: dataclasses.replace(client, other_secrets=(Secret(NEW),))}
    people.go_on()
    write_secret(stack, "LogtoSecret", read_secret(stack, "LogtoSecret") | {"clientSecret": NEW})
    wait_for_all()
    logto.clients = {client.id: dataclasses.replace(client, secret=NEW)}
    people.go_on()
    assert people.failures == []


@pytest.mark.usefixtures("only_steps")
def test_the_key_of_logto_s_webhook(stack: Stack, people: Load) -> None:
    logto, before = logto_of(stack), read_secret(stack, "LogtoSecret")
    logto.webhook_url = f"{stack.app_url}/webhooks/logto"
    write_secret(stack, "LogtoSecret", before | {"webhookSigningKey": "of-the-first"})
    wait_for_all()
    hooks = ["of-the-first"]

    def tell() -> None:
        for key in tuple(hooks):
            sent = logto.send_webhook(logto.webhook("User.Data.Updated", signing_key=key))
            assert sent.status == 200, sent.answer

    with Load(tell) as load:
        write_secret(stack, "LogtoSecret", before | {"webhookSigningKeys": ["of-the-first", NEW]})
        wait_for_all()
        hooks.append(NEW)
        load.go_on()
        hooks.remove("of-the-first")
        load.go_on()
        write_secret(stack, "LogtoSecret", before | {"webhookSigningKey": NEW})
        wait_for_all()
        load.go_on()
    assert load.failures + people.failures == []


@pytest.mark.usefixtures("only_steps")
def test_the_key_of_mailgun_s_webhooks(stack: Stack, people: Load) -> None:
    """Mailgun has one, and replaces it before we know; what is not refused for good comes again."""
    mailgun, before = stack.mailgun, read_secret(stack, "MailgunSecret")
    assert mailgun is not None
    old = before.pop("webhookSigningKey")

    def tell() -> None:
        time.sleep(0.01)
        event = mailgun.webhook_body("delivered", "somebody@example.com")
        while (status := post_event(stack, event)) == 503:
            time.sleep(0.1)
        assert status == 200

    with Load(tell, tell) as load:
        write_secret(stack, "MailgunSecret", before | {"webhookSigningKeys": [old]})
        wait_for_all()
        load.go_on()
        mailgun.webhook_signing_key = NEW
        time.sleep(1)
        write_secret(stack, "MailgunSecret", before | {"webhookSigningKeys": [old, NEW]})
        load.go_on(10)
        write_secret(stack, "MailgunSecret", before | {"webhookSigningKey": NEW})
        wait_for_all()
        load.go_on()
        people.go_on()
    assert load.failures + people.failures == []


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_logto_s_signing_key(stack: Stack, people: Load, kind: str) -> None:
    logto = logto_of(stack)
    [client] = logto.clients.values()
    uri = f"{stack.app_url}/backchannel-logout"
    logto.clients = {client.id: dataclasses.replace(client, backchannel_logout_uri=uri)}

    def log_out() -> None:
        sent = logto.send_logout_token(client.id, logto.logout_token(client.id, sub="somebody-else"))
        assert sent.status == 200, sent.answer

    with Load(log_out) as load:
        logto.rotate_signing_key("RSA" if kind == "RSA" else "EC")
        load.go_on(10)
        people.go_on()
    assert load.failures + people.failures == []
