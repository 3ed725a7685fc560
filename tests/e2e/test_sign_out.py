"""Signing out: who may ask for it, what it ends, and what the pages say."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.stack import Stack
from tests.support.browser import Browser

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "ORIGIN"},
    ],
)
def test_another_site_cannot_sign_anybody_out(browser: Browser, headers: dict[str, str]) -> None:
    browser.sign_in()
    ours = {name: value.replace("ORIGIN", browser.stack.app_url) for name, value in headers.items()}
    answer = browser.http.post(f"{browser.stack.app_url}/logout", headers=ours)
    assert answer.status_code == 403
    assert browser.session().status_code == 200


@pytest.mark.parametrize("headers", [{"origin": "ORIGIN"}, SAME_ORIGIN, SAME_ORIGIN | {"origin": "null"}])
def test_our_own_page_can(browser: Browser, headers: dict[str, str]) -> None:
    browser.sign_in()
    ours = {name: value.replace("ORIGIN", browser.stack.app_url) for name, value in headers.items()}
    answer = browser.http.post(f"{browser.stack.app_url}/logout", headers=ours)
    assert answer.status_code == 303
    assert browser.session().status_code == 401


def test_a_get_signs_nobody_out(browser: Browser) -> None:
    browser.sign_in()
    page = browser.get("/logout")
    assert "<form method=post" in page.text
    assert browser.session().status_code == 200


def test_the_tokens_at_logto_die_with_the_session(browser: Browser, stack: Stack) -> None:
    browser.sign_in()
    browser.sign_out()
    assert stack.logto is not None
    assert ("POST", "/oidc/token/revocation") in stack.logto.requests


def test_no_token_is_in_the_logout_url(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.http.post(f"{browser.stack.app_url}/logout", headers=SAME_ORIGIN)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query.keys() == {"client_id", "post_logout_redirect_uri", "state"}


@pytest.mark.in_process
def test_the_hint_is_sent_where_the_setting_says_so(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGOUT_ID_TOKEN_HINT", "true")
    browser.sign_in()
    answer = browser.http.post(f"{browser.stack.app_url}/logout", headers=SAME_ORIGIN)
    assert parse_qs(urlsplit(answer.headers["location"]).query)["id_token_hint"][0].count(".") == 2


def test_a_program_gets_the_address_instead_of_a_redirect(browser: Browser) -> None:
    browser.sign_in()
    headers = SAME_ORIGIN | {"accept": "application/json"}
    answer = browser.http.post(f"{browser.stack.app_url}/logout", headers=headers)
    assert answer.status_code == 200
    assert "/oidc/session/end?" in answer.json()["redirect"]


@pytest.mark.parametrize("query", ["", "?state=other", "?state=a&state=b", "?state=%ff", "?" + "x=1&" * 80])
def test_the_page_after_never_breaks_and_believes_no_other_state(browser: Browser, query: str) -> None:
    browser.sign_in()
    browser.http.post(f"{browser.stack.app_url}/logout", headers=SAME_ORIGIN)
    page = browser.get(f"/logged-out{query}")
    assert page.status_code == 200
    assert "Not confirmed" in page.text


def test_pages_allow_the_way_to_logto_and_no_script(browser: Browser, stack: Stack) -> None:
    browser.sign_in()
    headers = browser.page.headers
    assert f"form-action 'self' {stack.logto_url};" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


def test_signing_out_without_a_session_still_ends_the_one_at_logto(stack: Stack) -> None:
    answer = httpx.post(f"{stack.app_url}/logout", headers=SAME_ORIGIN)
    assert answer.status_code == 303
    assert "/oidc/session/end?" in answer.headers["location"]
