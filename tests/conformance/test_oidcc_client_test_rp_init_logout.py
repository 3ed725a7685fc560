"""`oidcc-client-test-rp-init-logout`: the hint is an ID token of theirs, the way back a registered one."""

from urllib.parse import parse_qs

from local.logto.keys import SigningKey, sign
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done
from tests.support.provider import Json, logto_of, stored_sessions


def test_signing_out_leads_to_the_end_session_endpoint_and_back(suite: Stack, browser: Browser) -> None:
    issued = []

    def noted(header: Json, claims: Json, key: SigningKey) -> str:
        issued.append(sign(header, claims, key))
        return issued[-1]

    logto_of(suite).misbehave.id_token = noted
    browser.sign_in()
    browser.get("/logout")
    browser.submit()
    asked = parse_qs(browser.page.url.query.decode())
    assert asked["id_token_hint"] == issued
    assert asked["post_logout_redirect_uri"] == [f"{suite.app_url}/logged-out"]
    assert len(asked["state"][0]) >= 22
    assert logto_of(suite).backchannel == [], "the session ends before the provider says so"
    assert browser.session().status_code == 401
    assert stored_sessions(suite) == []
    browser.submit({"logout": "yes"})
    assert "signed out here and at Logto" in browser.page.text
    [delivery] = logto_of(suite).backchannel
    assert_done(delivery)
