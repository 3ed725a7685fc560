"""The same authorization response arrives many times at once: a double click, a proxy, a prefetch."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local.stack import Stack
from passerelle import callback as use_case
from passerelle.adapters.dynamodb import DynamoDBStore
from passerelle.errors import StoreUnavailable
from tests.support.browser import Browser
from tests.support.provider import (
    SESSION_COOKIE,
    assert_signed_in,
    error_code,
    logto_of,
    stored_sessions,
)

TOKEN = ("POST", "/oidc/token")


@pytest.fixture
def requests_at_once() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(50) as pool:
        yield pool


def open_at_once(pool: ThreadPoolExecutor, browser: Browser, url: str, times: int) -> list[httpx.Response]:
    """Open an address many times with the browser's cookies, without following."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"accept": "text/html", "cookie": cookies}
    return list(
        pool.map(
            lambda _: httpx.get(url, headers=headers, timeout=30, trust_env=False, follow_redirects=False),
            range(times),
        )
    )


def test_one_exchanges_the_code_and_all_land_signed_in(
    stack: Stack, browser: Browser, requests_at_once: ThreadPoolExecutor
) -> None:
    url = browser.stop_at_callback(login="/login?return_to=/session")
    answers = open_at_once(requests_at_once, browser, url, 50)
    assert {(answer.status_code, answer.headers.get("location")) for answer in answers} == {(303, "/session")}
    assert len({answer.cookies[SESSION_COOKIE] for answer in answers}) == 1
    assert logto_of(stack).requests.count(TOKEN) == 1
    assert len(stored_sessions(stack)) == 1
    browser.http.cookies.set(
        SESSION_COOKIE, answers[-1].cookies[SESSION_COOKIE], domain="localhost.local", path="/"
    )
    browser.get("/")
    assert_signed_in(browser)


def test_two_sign_ins_of_one_browser_do_not_disturb_each_other(
    stack: Stack, browser: Browser, requests_at_once: ThreadPoolExecutor
) -> None:
    urls = [browser.stop_at_callback() for _ in range(4)]
    answers = [answer for url in urls for answer in open_at_once(requests_at_once, browser, url, 5)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.cookies[SESSION_COOKIE] for answer in answers}) == 4
    assert logto_of(stack).requests.count(TOKEN) == 4


def test_a_winner_that_fails_tells_those_who_wait(
    stack: Stack,
    browser: Browser,
    requests_at_once: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(DynamoDBStore, "finish_attempt", dies)
    url = browser.stop_at_callback(login="/login?return_to=/session")
    started = time.monotonic()
    answers = open_at_once(requests_at_once, browser, url, 10)
    assert time.monotonic() - started < use_case.WAIT_SECONDS / 2
    assert {error_code(answer.text) for answer in answers} == {"internal_error"}
    assert sum('href="/login?return_to=%2Fsession">Try again' in answer.text for answer in answers) >= 9
    assert logto_of(stack).requests.count(TOKEN) == 1
    assert stored_sessions(stack) == []


def test_those_who_wait_get_the_status_of_the_fault(
    stack: Stack, browser: Browser, requests_at_once: ThreadPoolExecutor
) -> None:
    url = browser.stop_at_callback()
    logto_of(stack).misbehave.fail["/oidc/token"] = 503
    logto_of(stack).misbehave.delay["/oidc/token"] = 0.3
    answers = open_at_once(requests_at_once, browser, url, 5)
    assert {error_code(answer.text) for answer in answers} == {"provider_unavailable"}
    assert {answer.status_code for answer in answers} == {503}


def test_a_winner_that_vanishes_does_not_keep_the_others_waiting_for_ever(
    stack: Stack,
    browser: Browser,
    requests_at_once: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def vanishes(*_: object, **__: object) -> None:
        raise StoreUnavailable

    # Neither the end nor the failure is noted: as if the winner's environment were gone.
    monkeypatch.setattr(DynamoDBStore, "finish_attempt", vanishes)
    monkeypatch.setattr(DynamoDBStore, "fail_attempt", vanishes)
    monkeypatch.setattr(use_case, "WAIT_SECONDS", 0.5)
    url = browser.stop_at_callback(login="/login?return_to=/session")
    started = time.monotonic()
    assert browser.get(url).status_code == 503
    answers = open_at_once(requests_at_once, browser, url, 10)
    assert time.monotonic() - started < 5
    assert {(answer.status_code, error_code(answer.text)) for answer in answers} == {
        (503, "sign_in_unfinished")
    }
    assert all('href="/login?return_to=%2Fsession">Try again' in answer.text for answer in answers)
    assert logto_of(stack).requests.count(TOKEN) == 1
