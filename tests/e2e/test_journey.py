"""The journey over HTTP, through the local gateway, the real handlers and the real adapters."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.stack import Stack
from tests.support.browser import Browser, newest_code

REQUEST_OF_LOGTO = {
    "to": "ada@example.com",
    "type": "SignIn",
    "payload": {"code": "123456", "locale": "en", "application": {"id": "app", "name": "An application"}},
    "ip": "::ffff:127.0.0.1",
}


def test_signs_in_has_a_session_and_signs_out_everywhere(browser: Browser) -> None:
    assert 'href="/login"' in browser.get("/").text
    page = browser.sign_in("ada@example.com")
    assert page.url.path == "/"
    assert "ada@example.com" in page.text
    assert browser.session().json()["user"]["email"] == "ada@example.com"
    assert "signed out here and at Logto" in browser.sign_out().text
    assert browser.session().status_code == 401
    browser.get("/login")
    assert browser.page.url.path == "/sign-in", "Logto remembers somebody who signed out"


def test_the_answer_of_session_holds_the_profile_and_no_token(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.session()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"user", "expires_at"}
    assert answer.json()["user"].keys() == {"id", "name", "email", "image"}
    assert answer.json()["user"]["name"] is None  # Logto sends null for what the user has not filled in


def test_the_session_cookie_is_small_host_bound_and_hidden_from_scripts(browser: Browser) -> None:
    answer = browser.http.get(browser.stop_at_callback())
    cookie = next(
        line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-session=")
    )
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
    assert len(cookie.split(";")[0]) < 100
    assert answer.status_code == 303


def test_goes_back_to_where_the_sign_in_began(browser: Browser) -> None:
    page = browser.sign_in(login="/login?return_to=%2F%3Fpage%3D2")
    assert str(page.url) == f"{browser.stack.app_url}/?page=2"


def test_refuses_to_return_to_another_site(browser: Browser) -> None:
    answer = browser.get("/login?return_to=https%3A%2F%2Fevil.example")
    assert answer.status_code == 400
    assert "return_to_refused" in answer.text


def test_parameters_on_the_allow_list_reach_logto(browser: Browser) -> None:
    browser.get("/login?first_screen=register&login_hint=eve%40example.com&ui_locales=fr&unknown=1")
    assert browser.page.url.path == "/register"
    assert "eve@example.com" in browser.page.text


def test_a_first_screen_that_logto_does_not_know_is_refused_here(browser: Browser) -> None:
    answer = browser.get("/login?first_screen=no_such&login_hint=eve%40example.com")
    assert answer.status_code == 400


def test_two_tabs_that_sign_in_at_once_do_not_disturb_each_other(browser: Browser) -> None:
    first = browser.stop_at_callback()
    second = browser.stop_at_callback(login="/login?return_to=/%3Fsecond")
    assert browser.get(first).status_code == 200
    assert str(browser.get(second).url).endswith("/?second")


def test_never_more_than_five_attempts_in_a_browser(browser: Browser) -> None:
    for _ in range(8):
        browser.http.get(f"{browser.stack.app_url}/login")
    assert len([name for name in browser.cookies if "login" in name]) == 5


def test_a_double_click_lands_signed_in_twice_with_one_exchange(browser: Browser, stack: Stack) -> None:
    callback = browser.stop_at_callback()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    def open_it(_: int) -> httpx.Response:
        return httpx.get(callback, headers={"cookie": cookies, "accept": "text/html"}, timeout=30)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(open_it, range(10)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.cookies["__Host-session"] for answer in answers}) == 1
    assert stack.logto is not None
    assert stack.logto.requests.count(("POST", "/oidc/token")) == 1


def test_a_reload_of_the_callback_lands_signed_in(browser: Browser) -> None:
    callback = browser.stop_at_callback()
    browser.get(callback)
    assert browser.get(callback).status_code == 200
    assert browser.session().status_code == 200


def test_a_callback_opened_again_after_sign_out_signs_nobody_in(browser: Browser) -> None:
    callback = browser.stop_at_callback()
    browser.get(callback)
    browser.sign_out()
    assert browser.get(callback).status_code == 400
    assert browser.session().status_code == 401


def test_a_new_sign_in_replaces_the_session_of_this_browser_and_no_other(stack: Stack) -> None:
    with Browser(stack) as here, Browser(stack) as elsewhere:
        here.sign_in()
        elsewhere.sign_in()
        old = here.cookies["__Host-session"]
        here.sign_in()
        assert here.cookies["__Host-session"] != old
        reply = httpx.get(f"{stack.app_url}/session", headers={"cookie": f"__Host-session={old}"})
        assert reply.status_code == 401
        assert here.session().status_code == elsewhere.session().status_code == 200
        assert stack.logto is not None
        assert ("POST", "/oidc/token/revocation") not in stack.logto.requests


def test_cancelling_at_logto_says_so_and_offers_to_try_again(browser: Browser) -> None:
    browser.get("/login?return_to=/%3Fpage%3D2")
    cancel = browser.page.text.partition('class="cancel"><a href="')[2].partition('"')[0]
    page = browser.get(str(browser.page.url.join(cancel)))
    assert page.status_code == 400
    assert "access_denied" in page.text
    assert "/login?return_to=%2F%3Fpage%3D2" in page.text


@pytest.mark.in_process
def test_pushed_authorization_requests_keep_the_parameters_out_of_the_browser(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHED_AUTHORIZATION_REQUESTS", "true")
    answer = browser.http.get(f"{browser.stack.app_url}/login?login_hint=eve%40example.com")
    assert parse_qs(urlsplit(answer.headers["location"]).query).keys() == {"client_id", "request_uri"}
    assert browser.sign_in().status_code == 200


def test_login_makes_no_network_call_when_warm(browser: Browser, stack: Stack) -> None:
    assert stack.logto is not None
    browser.http.get(f"{stack.app_url}/login")
    stack.logto.requests.clear()
    for _ in range(3):
        browser.http.get(f"{stack.app_url}/login")
    assert stack.logto.requests == []


def test_logto_is_answered_in_the_way_it_asks(stack: Stack) -> None:
    headers = {
        "authorization": f"Bearer {stack.send_otp_token}",
        "user-agent": "got (https://github.com/sindresorhus/got)",
        "content-type": "application/json",
    }
    answer = httpx.post(f"{stack.app_url}/send-otp", headers=headers, content=json.dumps(REQUEST_OF_LOGTO))
    assert answer.status_code == 200
    assert newest_code(stack, "ada@example.com") == "123456"


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer wrong", "Basic wrong", "wrong"])
def test_a_caller_without_the_bearer_sends_nothing(stack: Stack, authorization: str | None) -> None:
    headers = {"authorization": authorization} if authorization else {}
    answer = httpx.post(f"{stack.app_url}/send-otp", headers=headers, json=REQUEST_OF_LOGTO)
    assert answer.status_code == 401
    assert stack.mailgun is not None
    assert stack.mailgun.requests == []
