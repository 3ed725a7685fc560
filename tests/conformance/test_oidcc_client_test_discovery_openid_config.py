"""`oidcc-client-test-discovery-openid-config`: the endpoints are those of the document, not guessed ones."""

import secrets
from urllib.parse import urlsplit

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Front, Json, assert_signed_in, logto_of

MOVED = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "revocation_endpoint",
    "userinfo_endpoint",
)


def test_every_endpoint_is_used_where_discovery_says(suite: Stack, browser: Browser, front: Front) -> None:
    place = secrets.token_hex(4)

    def moved(document: Json) -> Json:
        for name in MOVED:
            front.names[f"/{place}/{name}"] = urlsplit(document[name]).path
        return document | {name: f"{suite.logto_url}/{place}/{name}" for name in MOVED}

    logto_of(suite).misbehave.discovery = moved
    browser.sign_in()
    assert_signed_in(browser)
    browser.sign_out()
    assert browser.session().status_code == 401
    asked = {request.path for request in front.recorded}
    assert asked >= set(front.names), "an endpoint of the document was not used"
    assert not asked & {
        "/oidc/token",
        "/oidc/jwks",
        "/oidc/session/end",
        "/oidc/token/revocation",
        "/oidc/me",
    }
