"""The embedded Logto's discovery document and keys."""

from collections.abc import Iterator

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.unit.local.test_logto_journey import Lab, decode


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_discovery_is_below_the_issuer_and_nowhere_else(lab: Lab) -> None:
    document = lab.http.get("/oidc/.well-known/openid-configuration").json()
    assert document["issuer"] == lab.issuer
    assert document["token_endpoint"] == f"{lab.issuer}/token"
    assert document["id_token_signing_alg_values_supported"] == ["ES384"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert lab.http.get("/oidc/.well-known/oauth-authorization-server").json() == document
    assert lab.http.get("/.well-known/openid-configuration").status_code == 404
    assert lab.http.get("/.well-known/oauth-authorization-server").status_code == 404


def test_the_key_set_is_public_and_revalidated(lab: Lab) -> None:
    got = lab.http.get("/oidc/jwks")
    assert got.headers["content-type"] == "application/jwk-set+json"
    assert got.headers["cache-control"] == "no-cache, max-age=0, must-revalidate"
    (key,) = got.json()["keys"]
    assert key.keys() == {"kty", "use", "kid", "alg", "crv", "x", "y"}
    assert (key["kty"], key["alg"], key["crv"]) == ("EC", "ES384", "P-384")
    again = lab.http.get("/oidc/jwks", headers={"If-None-Match": got.headers["etag"]})
    assert again.status_code == 304


def test_after_a_rotation_to_rsa(lab: Lab) -> None:
    before = lab.tokens()["id_token"]
    lab.logto.rotate_signing_key("RSA")
    after = lab.tokens()["id_token"]
    keys = lab.http.get("/oidc/jwks").json()["keys"]
    assert [key["kty"] for key in keys] == ["RSA", "EC"]
    assert keys[0].keys() == {"kty", "use", "kid", "n", "e"}
    assert decode(after)[0] == {"alg": "RS256", "kid": keys[0]["kid"]}
    listed = lab.http.get("/oidc/.well-known/openid-configuration").json()
    assert listed["id_token_signing_alg_values_supported"] == ["PS256", "RS256", "ES384"]
    key_set = KeySet.import_key_set({"keys": keys})
    for id_token in (before, after):
        jws.deserialize_compact(id_token, key_set, algorithms=["ES384", "RS256"])


def test_a_third_key_drops_out(lab: Lab) -> None:
    first = lab.logto.keys.current.kid
    lab.logto.rotate_signing_key("EC")
    second = lab.logto.keys.current.kid
    lab.logto.rotate_signing_key("EC")
    kids = [key["kid"] for key in lab.http.get("/oidc/jwks").json()["keys"]]
    assert kids[1] == second
    assert first not in kids
    assert len(kids) == 2
