"""The embedded provider as the tests of the OpenID Foundation's suite want it."""

from collections.abc import Iterator

import pytest

from local.logto import FOUNDATION, LOGTO, backchannel
from local.stack import Stack
from passerelle import runtime
from tests.support.provider import Front, empty_table, logto_of

SUITE_SETTINGS = {
    "ID_TOKEN_ALGORITHMS": "RS256",
    "USERINFO": "true",
    "LOGOUT_ID_TOKEN_HINT": "true",
    "LOGOUT_TOKEN_TYP_REQUIRED": "false",
}
"""What docs/conformance.md says to set for the suite itself."""


@pytest.fixture(autouse=True)
def _as_new(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    logto = logto_of(stack)
    empty_table(stack)
    logto.speak(LOGTO)
    logto.backchannel.clear()
    # Nothing here is about this limit, and a machine under load answers late.
    monkeypatch.setattr(backchannel, "TIMEOUT", 20)
    clients = dict(logto.clients)
    yield
    logto.clients.clear()
    logto.clients.update(clients)


@pytest.fixture
def suite(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The suite's provider and settings: RS256 is registered, and claims are at userinfo alone."""
    logto_of(stack).speak(FOUNDATION)
    for name, value in SUITE_SETTINGS.items():
        monkeypatch.setenv(name, value)
    runtime.forget()
    return stack


@pytest.fixture
def front(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Front:
    """What stands before the provider."""
    app = logto_of(stack).app
    front = Front(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", front)
    return front
