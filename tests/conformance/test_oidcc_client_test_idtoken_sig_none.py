"""`oidcc-client-test-idtoken-sig-none`, of the Basic and the Config plan: an unsigned ID token is refused."""

import pytest

from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.provider import assert_refused, compact, logto_of


@pytest.mark.parametrize("registered", ["RS256", ""], ids=["Basic: RS256 registered", "Config: by discovery"])
@pytest.mark.parametrize("name", ["none", "None", "nOnE", ""])
def test_an_unsigned_id_token_is_refused(
    suite: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, registered: str, name: str
) -> None:
    monkeypatch.setenv("ID_TOKEN_ALGORITHMS", registered)
    runtime.forget()
    misbehave = logto_of(suite).misbehave
    misbehave.discovery = lambda given: given | {"id_token_signing_alg_values_supported": ["RS256", name]}
    misbehave.id_token = lambda header, claims, key: compact({"alg": name}, claims, lambda _: b"")
    browser.sign_in()
    assert_refused(browser, "id_token_algorithm_refused")
