"""Fifty at once on one session, over HTTP and DynamoDB, with delays, outages and deaths."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local.logto import EmbeddedLogto
from local.stack import Stack
from passerelle.refresh import AGAIN_SECONDS, LEASE_SECONDS
from tests.fault.aws_proxy import AwsProxy, fails_inside, loses_the_answer
from tests.fault.conftest import LetPass
from tests.support.browser import Browser
from tests.support.provider import logto_of, stored_sessions

TOKEN = ("POST", "/oidc/token")


@pytest.fixture(params=[False, True], ids=["same token", "another token"])
def logto(request: pytest.FixtureRequest, stack: Stack) -> Iterator[EmbeddedLogto]:
    """A Logto that gives the same refresh token again, or another one each time."""
    logto = logto_of(stack)
    logto.misbehave.rotate_always = request.param
    logto.access_token_ttl = 1
    yield logto
    logto.access_token_ttl = 3600


@pytest.fixture
def browser(logto: EmbeddedLogto, browser: Browser) -> Browser:
    """Signed in, and due."""
    browser.sign_in()
    logto.access_token_ttl = 3600
    logto.requests.clear()
    return browser


def at_once(browser: Browser, times: int) -> list[httpx.Response]:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers, url = {"cookie": cookies, "accept": "application/json"}, f"{browser.stack.app_url}/session"
    barrier = threading.Barrier(times)

    def one(_: int) -> httpx.Response:
        barrier.wait()
        return httpx.get(url, headers=headers, timeout=60, trust_env=False)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.parametrize("delay", [0.0, 1.0])
def test_fifty_at_once_make_one_token_request(logto: EmbeddedLogto, browser: Browser, delay: float) -> None:
    logto.misbehave.delay["/oidc/token"] = delay
    answers = at_once(browser, 50)
    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert logto.requests.count(TOKEN) == 1
    assert browser.session().status_code == 200


def test_while_logto_is_down_all_live_on_and_few_ask_it(
    logto: EmbeddedLogto, browser: Browser, let_pass: LetPass
) -> None:
    logto.misbehave.fail["/oidc/token"] = 503
    answers = at_once(browser, 20)
    assert Counter(answer.status_code for answer in answers) == {200: 20}
    assert logto.requests.count(TOKEN) == 1
    del logto.misbehave.fail["/oidc/token"]
    let_pass(AGAIN_SECONDS + 1)
    assert browser.session().status_code == 200
    assert logto.requests.count(TOKEN) == 2


def test_an_answer_of_the_table_that_is_lost_loses_no_token(
    stack: Stack, logto: EmbeddedLogto, browser: Browser, proxy: AwsProxy
) -> None:
    proxy.script["UpdateItem"] = [loses_the_answer, loses_the_answer]
    assert browser.session().status_code == 200
    assert logto.requests.count(TOKEN) == 1
    [session] = stored_sessions(stack)
    assert session["generation"]["N"] == "1"


def test_who_dies_after_logto_answered_costs_at_most_one_new_sign_in(
    stack: Stack, logto: EmbeddedLogto, browser: Browser, proxy: AwsProxy, let_pass: LetPass
) -> None:
    # The lease is written, and what Logto gave is not: as if the function had been killed between them.
    renewed = iter([False])

    def dies(forward):  # type: ignore[no-untyped-def]
        return forward() if next(renewed, None) is False else fails_inside(forward)

    proxy.always["UpdateItem"] = dies
    assert browser.session().status_code == 503
    proxy.always.clear()
    let_pass(LEASE_SECONDS + 1)
    rotated = logto.misbehave.rotate_always
    if rotated:
        time.sleep(3.2)  # for so long Logto bears with a replaced one
    assert browser.session().status_code == (401 if rotated else 200)
    if rotated:
        asked = logto.requests.count(TOKEN)
        assert browser.session().status_code == 401
        assert logto.requests.count(TOKEN) == asked, "no loop"
        browser.sign_in()
    assert browser.session().status_code == 200


def test_an_answer_of_logto_s_that_is_lost_after_it_took_effect_is_followed(
    logto: EmbeddedLogto, browser: Browser, let_pass: LetPass
) -> None:
    logto.misbehave.drop_answer.add("/oidc/token")
    assert browser.session().status_code == 200, "it lives on"
    logto.misbehave.drop_answer.clear()
    let_pass(AGAIN_SECONDS + 1)
    assert browser.session().status_code in (200, 401)
    if browser.session().status_code == 401:
        browser.sign_in()
    assert browser.session().status_code == 200
