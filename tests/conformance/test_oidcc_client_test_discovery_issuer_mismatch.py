"""`oidcc-client-test-discovery-issuer-mismatch`: a discovery document of another issuer is refused."""

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import error_code, logto_of, stored_items


@pytest.mark.parametrize("change", ["{}/", "{}x", "https://attacker.example/oidc", None])
def test_metadata_of_another_issuer_is_refused(suite: Stack, browser: Browser, change: str | None) -> None:
    other = change and change.format(suite.issuer)
    logto_of(suite).misbehave.discovery = lambda given: given | {"issuer": other}
    page = browser.get("/login")
    assert (page.status_code, error_code(page.text)) == (500, "issuer_mismatch")
    assert browser.cookies == {}
    assert stored_items(suite) == []
    assert {path for _, path in logto_of(suite).requests} == {"/oidc/.well-known/openid-configuration"}
