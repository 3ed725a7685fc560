"""The embedded Logto in the part of the provider of the OpenID Foundation's suite."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from local.logto import FOUNDATION, LOGTO
from tests.unit.local.test_logto_backchannel import register
from tests.unit.local.test_logto_journey import Lab, decode, serving
from tests.unit.local.test_logto_logout import log_out
from tests.unit.local.test_logto_webhooks import Receiver

DISCOVERY = "/oidc/.well-known/openid-configuration"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        lab.logto.speak(FOUNDATION)
        yield lab


def verify(lab: Lab, token: str, alg: str) -> None:
    keys = KeySet.import_key_set(lab.http.get("/oidc/jwks").json())
    jws.deserialize_compact(token, keys, algorithms=[alg])


def test_it_signs_with_rs256_and_has_an_es256_key_too(lab: Lab) -> None:
    rsa, ec = lab.http.get("/oidc/jwks").json()["keys"]
    assert (rsa["kty"], ec["crv"]) == ("RSA", "P-256")
    assert not {"alg"} & (rsa.keys() | ec.keys())
    id_token = lab.tokens()["id_token"]
    assert decode(id_token)[0] == {"alg": "RS256", "kid": rsa["kid"]}
    verify(lab, id_token, "RS256")
    wrong = lab.logto.logout_token("web", "u1", alg="ES256")
    assert decode(wrong)[0]["kid"] == ec["kid"]
    verify(lab, wrong, "ES256")


def test_discovery_names_rs256_and_all_the_others(lab: Lab) -> None:
    listed = lab.http.get(DISCOVERY).json()["id_token_signing_alg_values_supported"]
    assert {"none", "RS256", "ES256"} <= set(listed)


def test_the_id_token_has_no_profile_and_userinfo_no_nulls(lab: Lab) -> None:
    tokens = lab.tokens()
    _, claims = decode(tokens["id_token"])
    assert claims.keys() == {"sub", "nonce", "aud", "exp", "iat", "iss"}
    lab.logto.users[claims["sub"]].username = "ada"
    assert lab.userinfo(tokens["access_token"]).json() == {
        "sub": claims["sub"],
        "updated_at": 1_800_000_000,
        "email": "ada@example.com",
        "email_verified": True,
    }
    lab.logto.users[claims["sub"]].name = "Ada"
    assert lab.userinfo(tokens["access_token"]).json()["name"] == "Ada"


def test_logout_tokens_have_no_type_and_company(lab: Lab) -> None:
    register(lab, lab.stack.enter_context(serving(Receiver())))
    browser = lab.browser()
    lab.sign_in(browser)
    log_out(browser)
    form = lab.logto.backchannel[0].form
    assert form.keys() == {"logout_token", "ignored_parameter"}
    assert decode(form["logout_token"])[0] == {"alg": "RS256", "kid": lab.logto.keys.current.kid}
    verify(lab, form["logout_token"], "RS256")


def test_the_ways_can_be_mixed(lab: Lab) -> None:
    lab.logto.speak(replace(FOUNDATION, profile_in_id_token=True))
    assert decode(lab.tokens()["id_token"])[1]["email"] == "ada@example.com"


def test_it_goes_back_to_logtos_ways(lab: Lab) -> None:
    lab.logto.speak(LOGTO)
    (key,) = lab.http.get("/oidc/jwks").json()["keys"]
    assert key["crv"] == "P-384"
    assert lab.http.get(DISCOVERY).json()["id_token_signing_alg_values_supported"] == ["ES384"]
    assert decode(lab.tokens()["id_token"])[1]["username"] is None
    assert decode(lab.logto.logout_token("web"))[0]["typ"] == "logout+jwt"
