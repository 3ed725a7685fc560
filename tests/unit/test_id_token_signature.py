"""The signature of an ID token is made by a key of the issuer, with an algorithm that fits it."""

import json
from typing import Any

import pytest

from passerelle.errors import SignInRefused
from passerelle.keys import encode
from passerelle.oidc.id_token import Expected, verified_claims
from passerelle.oidc.jws import KeyNotFound
from passerelle.settings import ASYMMETRIC_ALGORITHMS
from tests.support.doubles import CLIENT, ISSUER, NOW
from tests.unit.signing import ACCESS_TOKEN, IssuerKey, good_claims, hmac_token

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

ALL = tuple(sorted(ASYMMETRIC_ALGORITHMS))
EC, RSA = IssuerKey("ES384", "ec"), IssuerKey("RS256", "rsa")
CLAIMS = good_claims()


def verify(token: str, *keys: dict[str, Any], algorithms: tuple[str, ...] = ALL) -> dict[str, Any]:
    expected = Expected(ISSUER, CLIENT.client_id, "the-nonce", algorithms, ACCESS_TOKEN, None)
    return verified_claims(token, keys, expected, NOW)


@pytest.mark.parametrize("algorithm", ALL)
def test_takes_every_asymmetric_algorithm(algorithm: str) -> None:
    key = IssuerKey(algorithm)
    assert verify(key.sign(CLAIMS), key.jwk)["sub"] == CLAIMS["sub"]


@pytest.mark.parametrize("algorithm", ALL)
def test_refuses_a_signature_of_anybody_else(algorithm: str) -> None:
    stranger, key = IssuerKey(algorithm, "stranger"), IssuerKey(algorithm)
    with pytest.raises(SignInRefused, match="id_token_signature_invalid"):
        verify(stranger.sign(CLAIMS, kid="key-1"), key.jwk)


@pytest.mark.parametrize("algorithm", ALL)
def test_refuses_claims_that_were_changed_after_signing(algorithm: str) -> None:
    key = IssuerKey(algorithm)
    header, _, signature = key.sign(CLAIMS).split(".")
    changed = encode(json.dumps(CLAIMS | {"sub": "somebody-else"}).encode())
    with pytest.raises(SignInRefused, match="id_token_signature_invalid"):
        verify(f"{header}.{changed}.{signature}", key.jwk)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
def test_refuses_an_unsigned_token(algorithm: str, signature: str) -> None:
    head, body = (encode(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": "ec"}, CLAIMS))
    with pytest.raises(SignInRefused, match="id_token_algorithm_refused"):
        verify(f"{head}.{body}.{signature}", EC.jwk)


@pytest.mark.parametrize(
    "secret",
    [
        CLIENT.client_secret.encode(),
        json.dumps(EC.jwk).encode(),
        json.dumps(RSA.jwk).encode(),
        RSA.jwk["n"].encode(),
        EC._key.as_pem(private=False),
        RSA._key.as_pem(private=False),
        RSA._key.as_der(private=False),
        b"",
    ],
)
@pytest.mark.parametrize("kid", [{}, {"kid": "ec"}, {"kid": "rsa"}])
def test_refuses_a_token_under_a_shared_key(secret: bytes, kid: dict[str, str]) -> None:
    with pytest.raises(SignInRefused, match="id_token_algorithm_refused"):
        verify(hmac_token(CLAIMS, secret, **kid), EC.jwk, RSA.jwk)


@pytest.mark.parametrize("algorithm", [None, 5, ["ES384"], {"ES384": 1}, "es384", " ES384"])
def test_refuses_an_algorithm_of_another_spelling(algorithm: object) -> None:
    with pytest.raises(SignInRefused):
        verify(EC.sign_parts({"alg": algorithm, "kid": "ec"}, CLAIMS), EC.jwk)


def test_refuses_a_listed_algorithm_of_the_issuer_s_that_is_not_expected() -> None:
    with pytest.raises(KeyNotFound, match="id_token_algorithm_refused"):
        verify(EC.sign(CLAIMS), EC.jwk, RSA.jwk, algorithms=("RS256",))


@pytest.mark.parametrize(
    ("signed", "published"),
    [("RS256", "ES256"), ("ES256", "ES384"), ("ES384", "ES256"), ("ES512", "ES384"), ("EdDSA", "ES256")],
)
def test_the_algorithm_fits_the_key_and_its_curve(signed: str, published: str) -> None:
    with pytest.raises(KeyNotFound, match="id_token_key_unknown"):
        verify(IssuerKey(signed).sign(CLAIMS), IssuerKey(published).jwk)


@pytest.mark.parametrize(
    "members",
    [{"alg": "RS512"}, {"alg": "PS256"}, {"use": "enc"}, {"kid": "other"}, {"kty": "oct", "k": "AA"}],
)
def test_a_key_for_something_else_is_not_used(members: dict[str, str]) -> None:
    with pytest.raises(KeyNotFound):
        verify(RSA.sign(CLAIMS), RSA.jwk | members)


def test_a_key_without_alg_serves_both_kinds_of_rsa() -> None:
    assert "alg" not in RSA.jwk
    pss = IssuerKey("PS256", "pss")
    assert verify(RSA.sign(CLAIMS), RSA.jwk, pss.jwk)
    assert verify(pss.sign(CLAIMS), RSA.jwk, pss.jwk)


def test_the_kid_chooses_among_keys() -> None:
    other = IssuerKey("ES384", "other")
    assert verify(EC.sign(CLAIMS), other.jwk, EC.jwk)
    with pytest.raises(SignInRefused, match="id_token_signature_invalid"):
        verify(EC.sign(CLAIMS, kid="other"), other.jwk, EC.jwk)


def test_an_unknown_kid_asks_for_newer_keys() -> None:
    with pytest.raises(KeyNotFound, match="id_token_key_unknown"):
        verify(EC.sign(CLAIMS, kid="newer"), EC.jwk)
    with pytest.raises(KeyNotFound):
        verify(EC.sign(CLAIMS))


def test_without_a_kid_the_only_fitting_key_is_used() -> None:
    assert verify(EC.sign(CLAIMS, kid=None), RSA.jwk, EC.jwk)


def test_without_a_kid_all_fitting_keys_are_tried() -> None:
    others = [IssuerKey("ES384", f"other-{n}").jwk for n in range(3)]
    assert verify(EC.sign(CLAIMS, kid=None), *others, EC.jwk)
    with pytest.raises(SignInRefused, match="id_token_signature_invalid"):
        verify(EC.sign(CLAIMS, kid=None), *others)


@pytest.mark.parametrize("members", [{"x": "AA"}, {"x": 5}, {"y": None}, {"x": "!"}])
def test_a_key_that_cannot_be_read_does_not_stand_in_the_way_of_a_good_one(members: dict[str, Any]) -> None:
    assert verify(EC.sign(CLAIMS, kid=None), EC.jwk | members, EC.jwk)


@pytest.mark.parametrize(
    "typ", ["at+jwt", "logout+jwt", "application/at+jwt", "secevent+jwt", "", None, 5, ["JWT"]]
)
def test_refuses_another_kind_of_token(typ: object) -> None:
    with pytest.raises(SignInRefused, match="id_token_invalid"):
        verify(EC.sign_parts({"alg": "ES384", "kid": "ec", "typ": typ}, CLAIMS), EC.jwk)


def test_takes_the_usual_type() -> None:
    assert verify(EC.sign(CLAIMS, typ="JWT"), EC.jwk)


@pytest.mark.parametrize("value", [["b64"], ["exp"], [], "x", None])
def test_refuses_an_extension_that_it_must_understand(value: object) -> None:
    with pytest.raises(SignInRefused, match="id_token_invalid"):
        verify(EC.sign_parts({"alg": "ES384", "kid": "ec", "crit": value, "b64": True}, CLAIMS), EC.jwk)


def test_keys_in_the_header_are_not_trusted() -> None:
    stranger = IssuerKey("ES384", "stranger")
    with pytest.raises(SignInRefused):
        verify(stranger.sign(CLAIMS, kid="ec", jwk=stranger.jwk), EC.jwk)
    with pytest.raises(SignInRefused):
        verify(stranger.sign(CLAIMS, kid="ec", jku="https://evil.example/jwks"), EC.jwk)


@pytest.mark.parametrize(
    "token", ["", "x", "a.b", "a.b.c.d.e", "...", "a.b.c", "é.é.é", "e30.e30.e30", " . . "]
)
def test_refuses_what_is_no_signed_token(token: str) -> None:
    with pytest.raises(SignInRefused):
        verify(token, EC.jwk)


@pytest.mark.parametrize("header", [b"[]", b"5", b"null", b"{", b"\xff\xfe", b"[" * 100_000])
def test_refuses_a_header_that_is_no_object(header: bytes) -> None:
    with pytest.raises(SignInRefused, match="id_token_invalid"):
        verify(f"{encode(header)}.{encode(b'{}')}.AA", EC.jwk)


@pytest.mark.filterwarnings("ignore:Key size")
def test_refuses_an_rsa_key_that_is_too_short() -> None:
    from joserfc.jwk import RSAKey

    short = RSAKey.generate_key(1024)
    key = IssuerKey("RS256", "short")
    key._key = short
    jwk = {name: value for name, value in short.as_dict(private=False).items() if name != "kid"}
    with pytest.raises(SignInRefused):
        verify(key.sign(CLAIMS), jwk | {"kid": "short"})
