"""A provider on https, with a certificate of a private authority, which SSL_CERT_FILE alone makes trusted."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.config import Config
from local.logto import FOUNDATION, Client, EmbeddedLogto
from local.serving import Server
from local.stack import Stack
from local.tls import PrivateCA
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.journal import Json, refusal
from tests.support.provider import error_code

TOKEN = "a-bearer-of-the-operator"


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> PrivateCA:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    runtime.forget()
    return PrivateCA()


@contextmanager
def started(authority: PrivateCA) -> Iterator[tuple[Stack, EmbeddedLogto]]:
    """The app before a provider that plays the OpenID Foundation's suite, slash at the end and all."""
    server = Server(lambda *_: [], "localhost", 0, tls=authority.server())
    try:
        issuer = f"{server.url}/test/a/passerelle/"
        variables = {
            "PORT": "0",
            "MAILGUN_PORT": "0",
            "AUTH_LOGTO_ISSUER": issuer,
            "AUTH_LOGTO_ID": "passerelle",
            "AUTH_LOGTO_SECRET": "the secret",
            "SEND_OTP_TOKEN": TOKEN,
            "ID_TOKEN_ALGORITHMS": "RS256",
            "USERINFO": "true",
            "LOGOUT_ID_TOKEN_HINT": "true",
            "LOGOUT_TOKEN_TYP_REQUIRED": "false",
        }
        with Stack(Config.read(variables)) as stack:
            logto = _provider(stack, issuer)
            server.app = logto.app
            server.start()
            yield stack, logto
    finally:
        server.close()


def _provider(stack: Stack, issuer: str) -> EmbeddedLogto:
    client = Client(
        id="passerelle",
        secret="the secret",
        name="Passerelle",
        redirect_uris=(f"{stack.app_url}/callback",),
        post_logout_redirect_uris=(f"{stack.app_url}/logged-out",),
        backchannel_logout_uri=f"{stack.app_url}/backchannel-logout",
        backchannel_logout_session_required=True,
    )
    logto = EmbeddedLogto(
        issuer=issuer,
        clients=[client],
        connector_endpoint=f"{stack.app_url}/send-otp",
        connector_authorization=f"Bearer {TOKEN}",
    )
    logto.speak(FOUNDATION)
    return logto


def trusting(authority: PrivateCA) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.pem.decode())


def test_signing_in_and_out_works_with_the_settings_of_the_suite(
    authority: PrivateCA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "authority.pem")))
    with started(authority) as (stack, logto), Browser(stack, trusting(authority)) as browser:
        assert stack.issuer.startswith("https://")
        assert "ada@example.com" in browser.sign_in("ada@example.com").text
        assert browser.session().json()["user"]["email"] == "ada@example.com"
        assert "signed out here and at Logto" in browser.sign_out().text
        assert [told.status for told in logto.backchannel] == [200]


@pytest.mark.parametrize("trusted", ["the system's", "another private one"])
def test_an_unknown_authority_is_refused(
    authority: PrivateCA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    journal: list[Json],
    trusted: str,
) -> None:
    if trusted == "another private one":
        monkeypatch.setenv("SSL_CERT_FILE", str(PrivateCA().write(tmp_path / "another.pem")))
    with started(authority) as (stack, logto), Browser(stack, trusting(authority)) as browser:
        page = browser.get("/login")
        assert (page.status_code, error_code(page.text)) == (503, "provider_unavailable")
        assert "SSLCertVerificationError" in refusal(journal)["reason"]
        assert logto.requests == []
