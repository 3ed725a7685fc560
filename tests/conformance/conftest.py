"""The embedded provider as the tests of the OpenID Foundation's suite want it."""

import pytest

from local.logto.keys import SigningKeys
from local.stack import Stack
from passerelle import runtime
from tests.support.provider import Front, empty_table, logto_of


@pytest.fixture(autouse=True)
def _as_new(stack: Stack) -> None:
    empty_table(stack)
    logto_of(stack).keys = SigningKeys()


@pytest.fixture
def suite(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The suite's provider: it signs with RS256, and that algorithm is the one registered."""
    logto_of(stack).rotate_signing_key("RSA")
    monkeypatch.setenv("ID_TOKEN_ALGORITHMS", "RS256")
    runtime.forget()
    return stack


@pytest.fixture
def front(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Front:
    """What stands before the provider."""
    app = logto_of(stack).app
    front = Front(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", front)
    return front
