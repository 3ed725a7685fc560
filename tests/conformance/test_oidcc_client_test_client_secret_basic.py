"""`oidcc-client-test-client-secret-basic`: the client authenticates by HTTP Basic at the token endpoint."""

import base64
import dataclasses
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Front, assert_signed_in, logto_of, read_secret, write_secret


@pytest.fixture
def client_secret(suite: Stack) -> Iterator[str]:
    """A secret in which nothing has to be encoded."""
    before = read_secret(suite, "LogtoSecret")
    client = logto_of(suite).clients[before["clientId"]]
    write_secret(suite, "LogtoSecret", before | {"clientSecret": "correct-horse"})
    logto_of(suite).clients[client.id] = dataclasses.replace(client, secret="correct-horse")
    yield "correct-horse"
    logto_of(suite).clients[client.id] = client
    write_secret(suite, "LogtoSecret", before)


def test_the_secret_is_in_the_authorization_header_alone(
    client_secret: str, browser: Browser, front: Front
) -> None:
    browser.sign_in()
    assert_signed_in(browser)
    [request] = front.requests("/oidc/token")
    assert basic(request.authorization) == ["passerelle", client_secret]
    assert set(request.form) == {"grant_type", "code", "redirect_uri", "code_verifier"}


def test_a_secret_of_any_characters_is_form_encoded_first(
    suite: Stack, browser: Browser, front: Front, client_secret: str
) -> None:
    odd = "50% of: a+b/c=d&e é"
    write_secret(suite, "LogtoSecret", {"clientId": "passerelle", "clientSecret": odd})
    browser.sign_in()
    # The embedded provider does not decode (RFC 6749 2.3.1) and refuses; what was sent is what counts here.
    assert {tuple(basic(request.authorization)) for request in front.requests("/oidc/token")} == {
        ("passerelle", odd)
    }


def basic(authorization: str) -> list[str]:
    """Read an `authorization` header for HTTP Basic, both parts form-encoded."""
    scheme, _, value = authorization.partition(" ")
    assert scheme == "Basic"
    return [unquote_plus(part) for part in base64.b64decode(value).decode("ascii").split(":")]
