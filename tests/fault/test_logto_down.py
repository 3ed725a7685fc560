"""Logto refuses connections, drops them, fails, or hangs, at each step of a sign-in."""

import time
from collections.abc import Callable

import pytest

from local.logto import Misbehaviour
from local.stack import Stack
from passerelle import discovery, kept, runtime
from passerelle.kept import FAILURE_SECONDS
from tests.fault.conftest import LetPass
from tests.fault.places import closed_url
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import assert_refused, assert_signed_in, error_code, logto_of

PATHS = {
    "discovery": "/oidc/.well-known/openid-configuration",
    "jwks_uri": "/oidc/jwks",
    "token_endpoint": "/oidc/token",
}

Commit = Callable[[Stack, pytest.MonkeyPatch, str], None]


def refuses(stack: Stack, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    nowhere = closed_url()
    if step == "discovery":
        monkeypatch.setenv("LOGTO_ISSUER", f"{nowhere}/oidc")
    logto_of(stack).misbehave.discovery = lambda given: given | {step: f"{nowhere}{PATHS[step]}"}


def drops(stack: Stack, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    logto_of(stack).misbehave.drop.add(PATHS[step])


def fails(stack: Stack, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    logto_of(stack).misbehave.fail[PATHS[step]] = 500


def hangs(stack: Stack, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    logto_of(stack).misbehave.delay[PATHS[step]] = 1.5


every_way = pytest.mark.parametrize("commit", [refuses, drops, fails, hangs])


@every_way
def test_a_sign_in_that_cannot_begin_says_so(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, short_timeout: float, commit: Commit
) -> None:
    commit(stack, monkeypatch, "discovery")
    started = time.monotonic()
    page = browser.get("/login")
    assert time.monotonic() - started < short_timeout
    assert (page.status_code, error_code(page.text)) == (503, "provider_unavailable")
    assert "The sign-in service does not answer" in page.text
    assert browser.cookies == {}


@every_way
@pytest.mark.parametrize("step", PATHS)
def test_a_sign_in_that_cannot_end_offers_another_try(
    stack: Stack,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    short_timeout: float,
    commit: Commit,
    step: str,
) -> None:
    callback = browser.stop_at_callback(login="/login?return_to=/session")
    runtime.forget()
    with monkeypatch.context() as patch:
        commit(stack, patch, step)
        started = time.monotonic()
        browser.get(callback)
        assert time.monotonic() - started < short_timeout
        assert_refused(browser, "provider_unavailable", 503)
        assert 'href="/login?return_to=%2Fsession">Try again' in browser.page.text
    logto_of(stack).misbehave = Misbehaviour()
    runtime.forget()
    browser.sign_in(login="/login?return_to=/")
    assert_signed_in(browser)


def test_a_response_that_came_while_discovery_was_down_can_be_opened_again(
    stack: Stack, browser: Browser, let_pass: LetPass
) -> None:
    callback = browser.stop_at_callback()
    runtime.forget()
    logto_of(stack).misbehave.fail[PATHS["discovery"]] = 503
    browser.get(callback)
    assert_refused(browser, "provider_unavailable", 503)
    logto_of(stack).misbehave.fail.clear()
    let_pass(FAILURE_SECONDS)
    browser.get(callback)
    assert_signed_in(browser)


@pytest.mark.parametrize("document", ["discovery", "jwks_uri"])
def test_a_document_fetched_before_goes_on_being_used(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    for constant in (discovery, "KEPT_SECONDS"), (kept, "AGAIN_SECONDS"):
        monkeypatch.setattr(*constant, 0)
    with Browser(stack) as first:
        first.sign_in("grace@example.com")
    logto_of(stack).requests.clear()
    logto_of(stack).misbehave.fail[PATHS[document]] = 503
    browser.sign_in("ada@example.com")
    assert_signed_in(browser, "ada@example.com")
    assert ("GET", PATHS[document]) in logto_of(stack).requests


@pytest.mark.parametrize(
    "change",
    [
        {"token_endpoint": None},
        {"jwks_uri": "ftp://localhost/keys"},
        {"authorization_endpoint": ["https://x"]},
        {"end_session_endpoint": 1},
        {"token_endpoint": "http://[bad"},
        {"jwks_uri": "https:///keys"},
    ],
    ids=str,
)
def test_metadata_that_cannot_be_used_says_so(stack: Stack, browser: Browser, change: Json) -> None:
    logto_of(stack).misbehave.discovery = lambda given: given | change
    page = browser.get("/login")
    assert (page.status_code, error_code(page.text)) == (503, "metadata_invalid")


@pytest.mark.parametrize("keys", [None, {}, "keys", 1], ids=str)
def test_a_key_set_without_keys_says_so(stack: Stack, browser: Browser, keys: object) -> None:
    logto_of(stack).misbehave.jwks = lambda given: {"keys": keys}
    browser.sign_in()
    assert_refused(browser, "provider_unavailable", 503)


def test_the_signed_in_notice_nothing(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    runtime.forget()
    logto_of(stack).misbehave.drop.update(PATHS.values())
    browser.get("/")
    assert_signed_in(browser)
