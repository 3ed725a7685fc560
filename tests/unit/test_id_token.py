"""An ID token is taken when all of Core 3.1.3.7 holds, and refused by the name of the rule that does not."""

from typing import Any

import pytest

from passerelle.errors import SignInRefused
from passerelle.oidc.id_token import LEEWAY_SECONDS, MAX_AGE_SECONDS, Expected, verified_claims
from passerelle.oidc.jws import KeyNotFound
from passerelle.settings import ASYMMETRIC_ALGORITHMS
from tests.support.doubles import CLIENT, ISSUER, NOW
from tests.unit.signing import ACCESS_TOKEN, IssuerKey, at_hash, good_claims

KEY = IssuerKey("ES384")
EXPECTED = Expected(
    issuer=ISSUER,
    client_id=CLIENT.client_id,
    nonce="the-nonce",
    algorithms=tuple(ASYMMETRIC_ALGORITHMS),
    access_token=ACCESS_TOKEN,
    max_age=None,
)
BIG = pytest.param(10**400, id="an integer beyond floats")


def verify(expected: Expected = EXPECTED, now: float = NOW, **changed: Any) -> dict[str, Any]:
    return verified_claims(KEY.sign(good_claims(**changed)), [KEY.jwk], expected, now)


def refusal_of(expected: Expected = EXPECTED, now: float = NOW, **changed: Any) -> str:
    with pytest.raises(SignInRefused) as refusal:
        verify(expected, now, **changed)
    return refusal.value.code


def test_takes_what_logto_sends() -> None:
    assert verify() == good_claims()


@pytest.mark.parametrize(
    "value", [..., None, "", f"{ISSUER}/", ISSUER.upper(), [ISSUER], "https://evil.example"]
)
def test_the_issuer_is_compared_to_the_letter(value: object) -> None:
    assert refusal_of(iss=value) == "id_token_issuer_mismatch"


@pytest.mark.parametrize(
    "value",
    [
        ...,
        None,
        "",
        "other",
        [],
        ["other"],
        [CLIENT.client_id, "other"],
        [CLIENT.client_id] * 2,
        {CLIENT.client_id: 1},
    ],
)
def test_the_audience_is_this_client_and_nobody_else(value: object) -> None:
    assert refusal_of(aud=value) == "id_token_audience_mismatch"


def test_the_audience_may_be_a_list_of_one() -> None:
    assert verify(aud=[CLIENT.client_id])


@pytest.mark.parametrize("value", [None, "", "other", [CLIENT.client_id]])
def test_an_authorized_party_is_this_client(value: object) -> None:
    assert refusal_of(azp=value) == "id_token_audience_mismatch"
    assert verify(azp=CLIENT.client_id)


@pytest.mark.parametrize("value", [..., None, "", "a" * 256, "é", "\ud800", 5, True, ["x"], {}])
def test_the_subject_is_usable(value: object) -> None:
    assert refusal_of(sub=value) == "id_token_subject_invalid"


def test_the_subject_may_have_255_characters() -> None:
    assert verify(sub="a" * 255)["sub"] == "a" * 255


@pytest.mark.parametrize("value", [..., None, "", "other", "the-nonce ", 5, ["the-nonce"], "nöncé", "\ud800"])
def test_the_nonce_is_this_attempt_s(value: object) -> None:
    assert refusal_of(nonce=value) == "nonce_mismatch"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"exp": NOW - LEEWAY_SECONDS}, "id_token_expired"),
        ({"exp": NOW - 3600}, "id_token_expired"),
        ({"exp": 0}, "id_token_expired"),
        ({"iat": NOW + LEEWAY_SECONDS + 1}, "id_token_issued_at_invalid"),
        ({"iat": NOW - MAX_AGE_SECONDS - 1}, "id_token_issued_at_invalid"),
        ({"iat": NOW * 1000}, "id_token_invalid"),
        ({"nbf": NOW + LEEWAY_SECONDS + 1}, "id_token_not_yet_valid"),
    ],
)
def test_times_that_do_not_hold_are_refused(changed: dict[str, Any], code: str) -> None:
    assert refusal_of(**changed) == code


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": NOW - LEEWAY_SECONDS + 1},
        {"iat": NOW + LEEWAY_SECONDS},
        {"iat": NOW - MAX_AGE_SECONDS},
        {"nbf": NOW + LEEWAY_SECONDS},
        {"exp": NOW + 3600.5, "iat": NOW + 0.5},
    ],
)
def test_times_are_taken_with_leeway(changed: dict[str, Any]) -> None:
    assert verify(**changed)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
@pytest.mark.parametrize(
    "value", [None, "", str(NOW), True, False, [], {}, float("nan"), float("inf"), -float("inf"), BIG]
)
def test_a_time_is_a_finite_number(name: str, value: object) -> None:
    assert refusal_of(
        EXPECTED._replace(max_age=60), **dict[str, Any]({"auth_time": NOW, name: value})
    ).startswith("id_token_")


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_exp_and_iat_are_required(name: str) -> None:
    assert refusal_of(**dict[str, Any]({name: ...})) == "id_token_invalid"


def test_with_max_age_the_authentication_is_recent_enough() -> None:
    expected = EXPECTED._replace(max_age=100)
    assert verify(expected, auth_time=NOW - 100 - LEEWAY_SECONDS)
    assert refusal_of(expected, auth_time=NOW - 101 - LEEWAY_SECONDS) == "authentication_too_old"
    assert refusal_of(expected, auth_time=...) == "id_token_invalid"
    assert refusal_of(EXPECTED._replace(max_age=0), auth_time=NOW - 61) == "authentication_too_old"


def test_without_max_age_nobody_asks_for_auth_time() -> None:
    assert verify(auth_time="whenever")


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [("ES384", "sha384"), ("RS256", "sha256"), ("PS256", "sha256"), ("ES512", "sha512"), ("ES256", "sha256")],
)
def test_an_access_token_hash_that_is_there_fits(algorithm: str, digest: str) -> None:
    key = IssuerKey(algorithm)
    right = key.sign(good_claims(at_hash=at_hash(ACCESS_TOKEN, digest)))
    assert verified_claims(right, [key.jwk], EXPECTED, NOW)
    wrong: list[object] = [at_hash("other", digest), "", None, 5, at_hash(ACCESS_TOKEN, digest) + "="]
    for value in wrong:
        with pytest.raises(SignInRefused, match="access_token_hash_mismatch"):
            verified_claims(key.sign(good_claims(at_hash=value)), [key.jwk], EXPECTED, NOW)


@pytest.mark.parametrize("payload", [b"", b"[]", b"5", b'"x"', b"null", b"{", b"\xff", b"[" * 90_000])
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(SignInRefused) as refusal:
        verified_claims(KEY.sign(payload), [KEY.jwk], EXPECTED, NOW)
    assert refusal.value.code.startswith("id_token_")


def test_a_refusal_does_not_quote_the_token() -> None:
    token = KEY.sign(good_claims(nonce="other"))
    with pytest.raises(SignInRefused) as refusal:
        verified_claims(token, [KEY.jwk], EXPECTED, NOW)
    assert not isinstance(refusal.value, KeyNotFound)
    assert "other" not in f"{refusal.value}{refusal.value.reason}"


def test_a_large_token_is_taken_as_long_as_it_fits_an_answer() -> None:
    assert verify(custom_data="x" * 60_000)
