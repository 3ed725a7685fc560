"""All that functions do for a browser: sign in, be somebody, sign out."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx

from passerelle.refresh import AGAIN_SECONDS
from tests.fault.aws_proxy import conflicts, leaves_keys_unprocessed, throttles
from tests.iam.stage import Stage
from tests.support.browser import Browser
from tests.support.logout_tokens import sub_of, tell
from tests.support.provider import error_code

PROGRAM = {"sec-fetch-site": "same-origin", "accept": "application/json"}
UNTOUCHED_SECONDS = 301


def ask(browser: Browser, method: str, path: str) -> httpx.Response:
    """Ask as a program of the same origin does."""
    return browser.http.request(method, f"{browser.stack.app_url}{path}", headers=PROGRAM)


def start_page(stage: Stage) -> None:
    with stage.browser() as browser:
        assert "id=sign-in" in browser.get("/").text
    with stage.signed_in() as browser:
        stage.let_pass(UNTOUCHED_SECONDS)
        assert "Where you are signed in" in browser.get("/").text
        stage.proxy.script["BatchGetItem"] = [leaves_keys_unprocessed, throttles]
        assert browser.get("/").status_code == 200


def begin_to_sign_in(stage: Stage) -> None:
    with stage.browser() as browser:
        assert browser.get("/login?return_to=/session").url.path == "/sign-in"
        assert browser.get("/login?return_to=//evil.example").status_code == 400


def sign_in_again(stage: Stage) -> None:
    with stage.signed_in() as browser:
        before = dict(browser.cookies)
        stage.proxy.script["TransactWriteItems"] = [conflicts]
        browser.get(browser.stop_at_callback())
        assert browser.session().status_code == 200
        assert browser.cookies != before
        stage.let_pass(UNTOUCHED_SECONDS)
        assert browser.get("/callback?code=x&state=x").status_code == 200, "back button"


def come_back_twice(stage: Stage) -> None:
    with stage.browser() as browser:
        callback = browser.stop_at_callback()
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        answers = [stage.http.get(callback, headers={"cookie": cookies}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert len({answer.headers["set-cookie"] for answer in answers}) == 1


def come_back_in_vain(stage: Stage) -> None:
    with stage.browser() as browser:
        callback = browser.stop_at_callback()
        stage.logto.misbehave.fail["/oidc/token"] = 503
        assert error_code(browser.get(callback).text) == "provider_unavailable"
        assert error_code(browser.get(callback).text) == "provider_unavailable", "the noted outcome"
        assert browser.get("/callback?code=x&state=x").status_code == 400


def come_back_too_late(stage: Stage) -> None:
    with stage.signed_in() as browser, stage.browser() as late:
        [email] = [browser.session().json()["user"]["email"]]
        callback = late.stop_at_callback(email)
        stage.logto.misbehave.before_answer["/oidc/token"] = lambda: _end_all(stage, email)
        assert error_code(late.get(callback).text) == "ended_meanwhile"


def _end_all(stage: Stage, email: str) -> None:
    assert tell(stage.stack, sub=sub_of(stage.stack, email)).status == 200


def see_and_end_sessions(stage: Stage) -> None:
    with stage.signed_in() as desk, ExitStack() as phones:
        email = desk.session().json()["user"]["email"]
        for _ in range(3):
            phones.enter_context(stage.browser()).sign_in(email)
        [one, *_] = [each["id"] for each in listed(desk) if not each["current"]]
        assert ask(desk, "DELETE", f"/sessions/{one}").json() == {"ended": 1}
        desk.get("/")
        assert desk.submit(form=1).status_code == 200
        assert len(listed(desk)) == 2
        assert ask(desk, "DELETE", "/sessions").json() == {"ended": 1}
        assert ask(desk, "DELETE", "/sessions?all=true").json() == {"ended": 1}
        assert desk.session().status_code == 401


def listed(browser: Browser) -> list[dict[str, Any]]:
    """The sessions of this browser's user."""
    sessions: list[dict[str, Any]] = ask(browser, "GET", "/sessions").json()["sessions"]
    return sessions


def renew(stage: Stage) -> None:
    stage.logto.access_token_ttl = 1
    with stage.signed_in() as browser:
        stage.logto.misbehave.refreshed_id_token_claims = lambda claims: claims | {"name": "Ada King"}
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: browser.session(), range(3)))
        assert {answer.status_code for answer in answers} == {200}
        assert browser.session().json()["user"]["name"] == "Ada King"
        stage.let_pass(UNTOUCHED_SECONDS)
        assert browser.session().status_code == 200


def renew_in_vain(stage: Stage) -> None:
    stage.logto.access_token_ttl = 1
    with stage.signed_in() as browser:
        email = browser.session().json()["user"]["email"]
        stage.logto.misbehave.fail["/oidc/token"] = 503
        assert browser.session().status_code == 200
        stage.logto.misbehave.fail.clear()
        stage.let_pass(AGAIN_SECONDS + 1)
        stage.logto.suspend(email)
        assert browser.session().status_code == 401, "the grant is over"


def renew_to_somebody_else(stage: Stage) -> None:
    stage.logto.access_token_ttl = 1
    with stage.signed_in() as browser:
        stage.logto.misbehave.refreshed_id_token_claims = lambda claims: claims | {"sub": "eve"}
        assert browser.session().status_code == 401


def sign_out(stage: Stage) -> None:
    with stage.signed_in() as browser:
        assert "signed out here and at Logto" in browser.sign_out().text
        assert stage.logto.requests.count(("POST", "/oidc/token/revocation")) > 0
        browser.get("/logout")
        browser.submit()
    with stage.signed_in() as browser:
        stage.logto.misbehave.fail["/oidc/token/revocation"] = 503
        assert ask(browser, "POST", "/logout").json()["code"] == "provider_not_reached"


def be_asked_by_another_application(stage: Stage) -> None:
    example = stage.example()
    with stage.browser() as browser:
        assert example.ask(browser, "GET", "/hello").status_code == 401
        browser.sign_in("ada@example.com", login="/login?prompt=login")
        for seconds in (0, UNTOUCHED_SECONDS):
            stage.let_pass(seconds)
            assert example.ask(browser, "GET", "/hello").status_code == 200
        stage.proxy.script["BatchGetItem"] = [leaves_keys_unprocessed]
        assert example.ask(browser, "GET", "/account").status_code == 200
        elsewhere = {"sec-fetch-site": "cross-site"}
        assert example.ask(browser, "POST", "/report", elsewhere).status_code == 403
        assert example.ask(browser, "POST", "/report", PROGRAM).status_code in (200, 403)
