"""`oidcc-client-test-discovery-jwks-uri-keys`: the keys are fetched from the `jwks_uri` of the metadata."""

import secrets

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Front, assert_signed_in, logto_of


def test_the_keys_come_from_wherever_the_metadata_says(suite: Stack, browser: Browser, front: Front) -> None:
    path = f"/{secrets.token_hex(8)}/keys"
    front.names[path] = "/oidc/jwks"
    logto_of(suite).misbehave.discovery = lambda given: given | {"jwks_uri": f"{suite.logto_url}{path}"}
    browser.sign_in()
    assert_signed_in(browser)
    assert len(front.requests(path)) == 1
    assert front.requests("/oidc/jwks") == []
