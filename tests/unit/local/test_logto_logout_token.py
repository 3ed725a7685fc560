"""Logout tokens made to order: right ones, and such as break one rule."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64decode

from local.logto.keys import generate
from tests.unit.local.test_logto_backchannel import EVENTS
from tests.unit.local.test_logto_journey import WEB, Lab, decode, serving
from tests.unit.local.test_logto_webhooks import Receiver


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def verify(lab: Lab, token: str) -> None:
    """Check the signature with the published key that the header names."""
    keys = lab.http.get("/oidc/jwks").json()["keys"]
    header, _ = decode(token)
    named = [key for key in keys if key["kid"] == header["kid"]]
    jws.deserialize_compact(token, KeySet.import_key_set({"keys": named}), algorithms=[header["alg"]])


def test_a_right_one(lab: Lab) -> None:
    token = lab.logto.logout_token("web", "u1", "s1")
    header, claims = decode(token)
    verify(lab, token)
    assert header == {"alg": "ES384", "typ": "logout+jwt", "kid": lab.logto.keys.current.kid}
    now = int(lab.clock())
    right = {"sub": "u1", "sid": "s1", "aud": "web", "iss": lab.issuer, "iat": now, "exp": now + 120}
    assert claims.pop("jti") != decode(lab.logto.logout_token("web"))[1]["jti"]
    assert claims == {"events": EVENTS, **right}


def test_neither_subject_nor_session_unless_told(lab: Lab) -> None:
    assert not {"sub", "sid"} & decode(lab.logto.logout_token("web"))[1].keys()


@pytest.mark.parametrize(
    "changes",
    [
        {"events": None},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"aud": "another"},
        {"iss": "https://evil.example/oidc"},
        {"exp": 1},
        {"iat": 9_999_999_999},
        {"sub": 1},
        {"jti": "seen"},
        {"jti": None},
    ],
    ids=str,
)
def test_claims_change_and_the_signature_holds(lab: Lab, changes: dict[str, Any]) -> None:
    plain = decode(lab.logto.logout_token("web", None, "s1", jti="seen"))[1]
    sub = changes.pop("sub", None)
    token = lab.logto.logout_token("web", sub, "s1", **({"jti": "seen"} | changes))
    verify(lab, token)
    wanted = plain | changes | {"sub": sub}
    assert decode(token)[1] == {name: value for name, value in wanted.items() if value is not None}


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "LOGOUT+JWT", 1, None])
def test_the_type_changes_and_the_signature_holds(lab: Lab, typ: object) -> None:
    token = lab.logto.logout_token("web", "u1", typ=typ)
    assert decode(token)[0].get("typ") == typ
    if not isinstance(typ, int):
        verify(lab, token)


@pytest.mark.parametrize("alg", ["none", "None", "", None, 1, ["ES384"], "EdDSA"], ids=str)
def test_an_algorithm_that_is_none_signs_nothing(lab: Lab, alg: object) -> None:
    token = lab.logto.logout_token("web", "u1", alg=alg)
    assert token.endswith(".")
    assert decode(token)[0].get("alg") == alg


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_a_symmetric_algorithm_signs_with_the_clients_secret(lab: Lab, alg: str) -> None:
    signed, _, signature = lab.logto.logout_token("web", "u1", alg=alg).rpartition(".")
    right = hmac.digest(WEB.secret.encode(), signed.encode(), f"sha{alg[2:]}")
    assert _decoded(signature) == right


def test_a_public_key_can_be_the_secret(lab: Lab) -> None:
    public = lab.logto.keys.current.as_pem(private=False)
    signed, _, signature = lab.logto.logout_token("web", "u1", alg="HS256", key=public).rpartition(".")
    assert _decoded(signature) == hmac.new(public, signed.encode(), hashlib.sha256).digest()


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "ES512"])
def test_another_algorithm_is_a_real_keys(lab: Lab, alg: str) -> None:
    token = lab.logto.logout_token("web", "u1", alg=alg)
    assert decode(token)[0]["kid"] != lab.logto.keys.current.kid
    verify(lab, token)
    lab.logto.logout_token("web", "u2", alg=alg)
    assert len(lab.logto.keys.jwks()["keys"]) == 2


def test_a_key_that_signs_already_is_not_made_anew(lab: Lab) -> None:
    lab.logto.rotate_signing_key("RSA")
    token = lab.logto.logout_token("web", "u1", alg="PS256")
    assert decode(token)[0]["kid"] == lab.logto.keys.current.kid
    verify(lab, token)
    assert len(lab.logto.keys.jwks()["keys"]) == 2


def test_a_wrong_key_goes_by_its_own_name_or_by_the_right_ones(lab: Lab) -> None:
    stranger, kid = generate("EC"), lab.logto.keys.current.kid
    assert decode(lab.logto.logout_token("web", "u1", key=stranger))[0]["kid"] == stranger.kid
    forged = lab.logto.logout_token("web", "u1", key=stranger, kid=kid)
    with pytest.raises(BadSignatureError):
        verify(lab, forged)


def test_it_is_posted_as_at_a_sign_out(lab: Lab) -> None:
    receiver = Receiver(status="400 Bad Request")
    url = lab.stack.enter_context(serving(receiver))
    lab.logto.clients["web"] = replace(WEB, backchannel_logout_uri=f"{url}/web")
    delivery = lab.logto.send_logout_token("web", "any.thing.else")
    assert (receiver.bodies, delivery.status) == ([b"logout_token=any.thing.else"], 400)
    assert lab.logto.backchannel == [delivery]
    with pytest.raises(ValueError, match="other"):
        lab.logto.send_logout_token("other", "x")


def _decoded(signature: str) -> bytes:
    return urlsafe_b64decode(signature.encode())
