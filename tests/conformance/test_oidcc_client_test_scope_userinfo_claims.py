"""`oidcc-client-test-scope-userinfo-claims`: claims asked for by scopes are read at the userinfo endpoint."""

from urllib.parse import parse_qs, urlsplit

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Front, assert_signed_in, changed, logto_of


def test_the_scopes_ask_and_the_endpoint_answers(suite: Stack, browser: Browser, front: Front) -> None:
    logto_of(suite).misbehave.userinfo = changed(name="Demo T. User", picture="https://example.com/demo.png")
    asked = parse_qs(urlsplit(browser.http.get(f"{suite.app_url}/login").headers["location"]).query)
    assert {"openid", "profile", "email"} <= set(asked["scope"][0].split())
    browser.sign_in()
    assert_signed_in(browser)
    user = browser.session().json()["user"]
    assert (user["name"], user["image"]) == ("Demo T. User", "https://example.com/demo.png")
    [request] = front.requests("/oidc/me")
    assert request.authorization.startswith("Bearer ")
    assert request.form == {}


def test_the_id_token_wins_where_both_speak(suite: Stack, browser: Browser) -> None:
    logto_of(suite).misbehave.id_token_claims = changed(name="By the ID token")
    logto_of(suite).misbehave.userinfo = changed(name="By userinfo")
    browser.sign_in()
    assert browser.session().json()["user"]["name"] == "By the ID token"
