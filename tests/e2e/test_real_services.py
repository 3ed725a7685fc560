"""A Logto and a Mailgun that somebody else runs take the place of the embedded ones, by variables alone."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from local.config import Config
from local.logto import Client, EmbeddedLogto
from local.mailgun import EmbeddedMailgun
from local.serving import Server
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser

TOKEN = "a-bearer-of-the-operator"


@pytest.fixture(autouse=True)
def cold() -> None:
    runtime.forget()


def test_a_logto_elsewhere_signs_in_and_out_and_the_embedded_one_is_not_started() -> None:
    port = _free_port()
    client = Client(
        id="their-id",
        secret="their secret with = and %",
        name="Theirs",
        redirect_uris=(f"http://localhost:{port}/callback",),
        post_logout_redirect_uris=(f"http://localhost:{port}/logged-out",),
    )
    with _served() as server:
        server.app = EmbeddedLogto(
            issuer=f"{server.url}/oidc",
            clients=[client],
            connector_endpoint=f"http://localhost:{port}/send-otp",
            connector_authorization=f"Bearer {TOKEN}",
        ).app
        variables = {
            "PORT": str(port),
            "LOGTO_PORT": "0",
            "MAILGUN_PORT": "0",
            "AUTH_LOGTO_ISSUER": f"{server.url}/oidc",
            "AUTH_LOGTO_ID": client.id,
            "AUTH_LOGTO_SECRET": client.secret,
            "SEND_OTP_TOKEN": TOKEN,
        }
        with Stack(Config.read(variables)) as stack, Browser(stack) as browser:
            assert stack.logto is None
            assert "ada@example.com" in browser.sign_in("ada@example.com").text
            assert "signed out here and at Logto" in browser.sign_out().text


def test_a_mailgun_elsewhere_delivers() -> None:
    mailgun = EmbeddedMailgun(domain="mail.theirs.example", api_key="their-key")
    with _served() as server:
        server.app = mailgun.app
        variables = {
            "PORT": "0",
            "LOGTO_PORT": "0",
            "MAILGUN_API_KEY": "their-key",
            "MAILGUN_DOMAIN": "mail.theirs.example",
            "MAILGUN_FROM": "Theirs <hello@mail.theirs.example>",
            "MAILGUN_ENDPOINT": server.url,
            "SEND_OTP_TOKEN": TOKEN,
        }
        with Stack(Config.read(variables)) as stack:
            assert stack.mailgun is None
            answer = httpx.post(
                f"{stack.app_url}/send-otp",
                headers={"authorization": f"Bearer {TOKEN}"},
                json={"to": "ada@example.com", "type": "Generic", "payload": {"code": "000000"}},
            )
    assert answer.status_code == 200
    assert [message.sender for message in mailgun.messages] == ["Theirs <hello@mail.theirs.example>"]


@contextmanager
def _served() -> Iterator[Server]:
    server = Server(lambda _environ, _start: [], "127.0.0.1", 0)
    server.start()
    yield server
    server.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
