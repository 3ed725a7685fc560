"""The faults that the embedded Logto commits on demand."""

import time
from collections.abc import Iterator

import httpx
import pytest

from local.logto import Misbehaviour
from tests.unit.local.test_logto_journey import CALLBACK, Lab, answer, decode


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_documents_can_lie(lab: Lab) -> None:
    lab.logto.misbehave.discovery = lambda document: document | {"issuer": "https://evil.example"}
    lab.logto.misbehave.jwks = lambda _: {"keys": []}
    assert lab.http.get("/oidc/.well-known/openid-configuration").json()["issuer"] == "https://evil.example"
    assert lab.http.get("/oidc/jwks").json() == {"keys": []}
    lab.logto.misbehave = Misbehaviour()
    assert len(lab.http.get("/oidc/jwks").json()["keys"]) == 1


def test_the_authorization_response_can_repeat_and_replace(lab: Lab) -> None:
    lab.logto.misbehave.authorization_response = lambda pairs: [("state", "x"), *pairs[:1], ("state", "y")]
    got = lab.authorize(lab.http, prompt="none").headers["location"]
    assert got == f"{CALLBACK}?state=x&error=login_required&state=y"


def test_id_token_claims_can_be_changed(lab: Lab) -> None:
    lab.logto.misbehave.id_token_claims = lambda claims: claims | {"nonce": "other"}
    assert decode(lab.tokens()["id_token"])[1]["nonce"] == "other"


def test_the_whole_id_token_can_be_made_elsewhere(lab: Lab) -> None:
    lab.logto.misbehave.id_token = lambda header, claims, key: f"{header['alg']}.{claims['aud']}.{key.kid}"
    assert lab.tokens()["id_token"] == f"ES384.web.{lab.logto.keys.current.kid}"


def test_the_key_can_be_rotated_just_before_signing(lab: Lab) -> None:
    lab.logto.misbehave.before_signing = lambda: lab.logto.rotate_signing_key("RSA")
    assert decode(lab.tokens()["id_token"])[0]["alg"] == "RS256"


def test_the_token_response_can_be_anything(lab: Lab) -> None:
    lab.logto.misbehave.token_response = lambda status, body: (502, "<html>no</html>")
    got = lab.exchange(lab.sign_in(lab.browser())["code"])
    assert (got.status_code, got.text) == (502, "<html>no</html>")
    lab.logto.misbehave.token_response = lambda status, body: (status, {"error": body["error"].upper()})
    assert lab.exchange("unknown").json() == {"error": "INVALID_GRANT"}


def test_a_path_can_fail_with_an_empty_answer(lab: Lab) -> None:
    lab.logto.misbehave.fail["/oidc/token"] = 503
    got = lab.exchange("unknown")
    assert (got.status_code, got.content) == (503, b"")
    assert lab.http.get("/oidc/jwks").status_code == 200


def test_a_path_can_close_the_connection(lab: Lab) -> None:
    lab.logto.misbehave.drop.add("/oidc/token")
    with pytest.raises((httpx.NetworkError, httpx.RemoteProtocolError)):
        lab.exchange("unknown")
    assert lab.logto.requests[-1] == ("POST", "/oidc/token")


def test_a_path_can_be_slow(lab: Lab) -> None:
    lab.logto.misbehave.delay["/oidc/jwks"] = 0.1
    start = time.monotonic()
    lab.http.get("/oidc/jwks")
    assert time.monotonic() - start >= 0.1


def test_by_default_nothing_is_wrong(lab: Lab) -> None:
    assert lab.logto.misbehave == Misbehaviour()
    assert "code" in lab.sign_in(lab.browser())
    assert answer(lab.authorize(lab.http, prompt="none"))["error"] == "login_required"
