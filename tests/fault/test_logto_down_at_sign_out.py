"""Logto does not answer while somebody signs out: the session here ends, and the page says what did not."""

import time

import pytest

from local.stack import Stack
from passerelle import runtime
from tests.fault.places import closed_url
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import logto_of, stored_sessions

DISCOVERY = "/oidc/.well-known/openid-configuration"
REVOCATION = "/oidc/token/revocation"


@pytest.fixture(params=["refuses", "drops", "fails", "hangs"])
def broken_revocation(
    request: pytest.FixtureRequest, stack: Stack, browser: Browser, short_timeout: float
) -> None:
    """Somebody is signed in, and Logto's revocation endpoint is out of order."""
    misbehave = logto_of(stack).misbehave
    if request.param == "refuses":
        misbehave.discovery = lambda given: given | {"revocation_endpoint": f"{closed_url()}/revoke"}
    browser.sign_in()
    misbehave.drop.update({REVOCATION} if request.param == "drops" else ())
    misbehave.fail.update({REVOCATION: 503} if request.param == "fails" else {})
    misbehave.delay.update({REVOCATION: 1.5} if request.param == "hangs" else {})


@pytest.mark.usefixtures("broken_revocation")
def test_the_person_is_signed_out_here_and_told_the_rest(
    stack: Stack, browser: Browser, short_timeout: float
) -> None:
    browser.get("/logout")
    started = time.monotonic()
    browser.submit()
    assert time.monotonic() - started < short_timeout
    assert browser.page.status_code == 200
    assert "<h1>Signed out here only</h1>" in browser.page.text
    assert f'href="{stack.issuer}/session/end?' in browser.page.text
    assert "__Host-session" not in browser.cookies
    assert browser.session().status_code == 401
    assert stored_sessions(stack) == []


@pytest.mark.usefixtures("broken_revocation")
def test_a_program_gets_a_code_with_the_way_out(stack: Stack, browser: Browser) -> None:
    answer = browser.http.post(
        f"{stack.app_url}/logout", headers={"accept": "application/json", "sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 200
    assert answer.json()["code"] == "provider_not_reached"
    assert answer.json()["redirect"].startswith(f"{stack.issuer}/session/end?")
    assert browser.session().status_code == 401


def test_without_discovery_there_is_no_way_out_to_offer(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    runtime.forget()
    logto_of(stack).misbehave.fail[DISCOVERY] = 503
    browser.get("/logout")
    browser.submit()
    assert "<h1>Signed out here only</h1>" in browser.page.text
    assert "session/end" not in browser.page.text
    assert browser.session().status_code == 401
    assert stored_sessions(stack) == []


@pytest.mark.parametrize("status", [400, 401, 403, 429])
def test_an_operator_learns_that_tokens_were_refused_revocation(
    stack: Stack, browser: Browser, journal: list[Json], status: int
) -> None:
    browser.sign_in()
    logto_of(stack).misbehave.fail[REVOCATION] = status
    browser.sign_out()
    said = "signed out here and at Logto" if status == 400 else "Signed out here only"
    assert said in browser.page.text
    [line] = [line for line in journal if line["event"] == "tokens_not_revoked"]
    assert (line["level"], line["status"]) == ("WARNING", status)
