"""Several browsers of one user, over HTTP: they see each other, end each other, and follow Logto."""

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.logto import EmbeddedLogto
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import error_code, logto_of, stored_sessions

SAME_ORIGIN = {"sec-fetch-site": "same-origin", "accept": "application/json"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def two(stack: Stack) -> Iterator[tuple[Browser, Browser]]:
    """Somebody at their desk and on the way; somebody else each time, since "all" holds for that second."""
    email = f"{secrets.token_hex(4)}@example.com"
    with Browser(stack) as desk, Browser(stack) as phone:
        desk.http.headers["user-agent"], phone.http.headers["user-agent"] = FIREFOX, IPHONE
        for browser in (desk, phone):
            browser.sign_in(email)
        yield desk, phone


def ask(browser: Browser, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {**SAME_ORIGIN, **more.pop("headers", {})}
    return browser.http.request(method, f"{browser.stack.app_url}{path}", headers=headers, **more)


def listed(browser: Browser) -> list[dict[str, Any]]:
    sessions: list[dict[str, Any]] = ask(browser, "GET", "/sessions").json()["sessions"]
    return sessions


def test_a_user_sees_where_they_are_signed_in(two: tuple[Browser, Browser]) -> None:
    desk, phone = two
    seen = {(each["browser"], each["system"], each["current"]) for each in listed(desk)}
    assert seen == {("Firefox", "Linux", True), ("Safari", "iPhone", False)}
    assert [each["browser"] for each in listed(phone) if each["current"]] == ["Safari"]
    page = desk.get("/").text
    assert "Safari on iPhone" in page
    assert page.count("End all others") == 1


def test_one_ends_the_other(two: tuple[Browser, Browser]) -> None:
    desk, phone = two
    [other] = [each["id"] for each in listed(desk) if not each["current"]]
    assert ask(desk, "DELETE", f"/sessions/{other}").json() == {"ended": 1}
    assert phone.session().status_code == 401
    assert desk.session().status_code == 200
    assert ask(desk, "DELETE", f"/sessions/{other}").status_code == 404


def test_all_others_end_or_all(two: tuple[Browser, Browser]) -> None:
    desk, phone = two
    assert ask(desk, "DELETE", "/sessions").json() == {"ended": 1}
    assert [browser.session().status_code for browser in (desk, phone)] == [200, 401]
    answer = ask(desk, "DELETE", "/sessions?all=true")
    assert answer.json() == {"ended": 1}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert desk.session().status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("POST", "/sessions", {"json": {"end": "all"}}),
        ("POST", "/sessions", {"data": {"stop": "all"}}),
        ("POST", "/sessions", {}),
        ("DELETE", "/sessions?all=True", {}),
        ("DELETE", "/sessions?small=true", {}),
    ],
)
def test_what_is_not_understood_ends_nothing(
    two: tuple[Browser, Browser], method: str, path: str, more: dict[str, Any]
) -> None:
    assert ask(two[0], method, path, **more).status_code == 400
    assert [each.session().status_code for each in two] == [200, 200]


def test_a_button_of_an_older_page_leads_back_to_the_list(two: tuple[Browser, Browser]) -> None:
    desk, phone = two
    desk.get("/")
    phone.sign_out()
    assert "Where you are signed in" in desk.submit(form=1).text
    assert desk.session().status_code == 200


def test_a_page_without_scripts_does_it_by_a_form(two: tuple[Browser, Browser]) -> None:
    desk, phone = two
    desk.get("/")
    page = desk.submit(form=1)
    assert page.status_code == 200
    assert phone.session().status_code == 401
    assert desk.session().status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/sessions"), ("DELETE", "/sessions/x"), ("POST", "/sessions")]
)
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_another_site_ends_nothing(two: tuple[Browser, Browser], method: str, path: str, site: str) -> None:
    desk, phone = two
    answer = ask(desk, method, path, headers={"sec-fetch-site": site}, data={"end": "all"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
    assert [browser.session().status_code for browser in (desk, phone)] == [200, 200]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/sessions"), ("DELETE", "/sessions"), ("POST", "/sessions")]
)
def test_nobody_sees_or_ends_anything_without_a_session(browser: Browser, method: str, path: str) -> None:
    assert ask(browser, method, path).status_code == 401


def test_nobody_ends_the_session_of_another_user(two: tuple[Browser, Browser], browser: Browser) -> None:
    browser.sign_in("eve@example.com")
    for each in listed(two[0]):
        assert ask(browser, "DELETE", f"/sessions/{each['id']}").status_code == 404
    assert ask(browser, "DELETE", "/sessions?all=true").json() == {"ended": 1}
    assert [one.session().status_code for one in two] == [200, 200]


@pytest.fixture
def logto(stack: Stack) -> Iterator[EmbeddedLogto]:
    """A Logto whose access tokens are to be renewed at once."""
    logto = logto_of(stack)
    logto.access_token_ttl = 1
    yield logto
    logto.access_token_ttl = 3600


def renewals(logto: EmbeddedLogto) -> int:
    return logto.requests.count(("POST", "/oidc/token"))


def test_a_session_follows_its_user_at_logto_though_no_webhook_came(
    stack: Stack, logto: EmbeddedLogto, browser: Browser
) -> None:
    browser.sign_in("suspended@example.com")
    assert browser.session().status_code == 200
    logto.suspend("suspended@example.com")
    assert browser.session().status_code == 401
    before = renewals(logto)
    assert browser.session().status_code == 401
    assert renewals(logto) == before, "an ended session asks nobody"
    assert not [item for item in stored_sessions(stack) if "suspended" in str(item)]


def test_a_refresh_token_that_is_replaced_each_time_never_loses_the_grant(
    logto: EmbeddedLogto, browser: Browser
) -> None:
    logto.misbehave.rotate_always = True
    browser.sign_in()
    for _ in range(5):
        assert browser.session().status_code == 200
    assert renewals(logto) == 6


def test_a_name_that_changes_at_logto_changes_here(logto: EmbeddedLogto, browser: Browser) -> None:
    browser.sign_in()
    logto.misbehave.refreshed_id_token_claims = lambda claims: claims | {"name": "Ada King"}
    assert browser.session().json()["user"]["name"] == "Ada King"


def test_a_fresh_sign_in_is_asked_for_and_shown(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert browser.get("/login?prompt=login").url.path == "/sign-in", "though signed in at Logto"
    browser.sign_in(login="/login?prompt=login&return_to=/session")
    assert browser.page.status_code == 200
    assert "max_age=0" in browser.http.get(f"{stack.app_url}/login?prompt=login").headers["location"]


@pytest.mark.parametrize("auth_time", [None, -3600])
@pytest.mark.parametrize("query", ["prompt=login", "max_age=300"])
def test_a_fresh_sign_in_that_was_none_is_refused(
    stack: Stack, browser: Browser, query: str, auth_time: int | None
) -> None:
    def changed(claims: dict[str, Any]) -> dict[str, Any]:
        old = {} if auth_time is None else {"auth_time": claims["iat"] + auth_time}
        return {name: value for name, value in claims.items() if name != "auth_time"} | old

    logto_of(stack).misbehave.id_token_claims = changed
    browser.sign_in(login=f"/login?{query}")
    refused = "id_token_invalid" if auth_time is None else "authentication_too_old"
    assert error_code(browser.page.text) == refused
