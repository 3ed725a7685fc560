"""The authorization request says what it must, and its response is judged in order."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import InvalidRequest, SignInDeclined, SignInRefused
from passerelle.oidc.authorization import (
    PASSED_ON,
    authorization_code,
    authorization_request,
    checked_extras,
    single_parameters,
)
from passerelle.oidc.metadata import checked_metadata
from tests.support.doubles import ISSUER, METADATA

PROMISED = checked_metadata(METADATA, ISSUER)
UNPROMISED = PROMISED._replace(authorization_response_iss_parameter_supported=False)
STATE = "the-state"
ANSWER = {"state": STATE, "iss": ISSUER, "code": "the-code"}


def request(**changed: Any) -> dict[str, str]:
    arguments: dict[str, Any] = {
        "client_id": "c",
        "redirect_uri": "https://app.example/callback",
        "scopes": ("openid", "email"),
        "state": "s",
        "nonce": "n",
        "verifier": "v",
        "extras": {},
    }
    return authorization_request(**arguments | changed)


def test_asks_for_a_code_with_state_nonce_and_challenge() -> None:
    asked = request()
    challenge = asked.pop("code_challenge")
    assert asked == {
        "client_id": "c",
        "redirect_uri": "https://app.example/callback",
        "response_type": "code",
        "scope": "openid email",
        "state": "s",
        "nonce": "n",
        "code_challenge_method": "S256",
    }
    assert "v" not in (challenge, *asked.values())


def test_computes_the_challenge_of_rfc_7636_appendix_b() -> None:
    asked = request(verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert asked["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("scopes", "prompt", "sent"),
    [
        (("openid",), None, None),
        (("openid",), "login", "login"),
        (("openid", "offline_access"), None, "consent"),
        (("openid", "offline_access"), "login", "login consent"),
        (("openid", "offline_access"), "consent", "consent"),
        (("openid", "offline_access"), "consent login", "consent login"),
    ],
)
def test_offline_access_brings_consent_into_the_prompt(
    scopes: tuple[str, ...], prompt: str | None, sent: str | None
) -> None:
    extras = {"prompt": prompt} if prompt else {}
    assert request(scopes=scopes, extras=extras).get("prompt") == sent


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("first_screen", screen) for screen in PASSED_ON["first_screen"].pattern.split("|")),
        ("identifier", "email"),
        ("identifier", "email phone username"),
        ("login_hint", "ada+x@example.com"),
        ("login_hint", "Adä Ö"),
        ("ui_locales", "fr-FR de"),
        ("direct_sign_in", "social:google"),
        ("direct_sign_in", "sso:a.b-c_1"),
        ("organization_id", "lx3ujoip8g52"),
        ("prompt", "login"),
        ("prompt", "consent login"),
        ("max_age", "0"),
        ("max_age", "3600"),
    ],
)
def test_passes_on_what_logto_takes(name: str, value: str) -> None:
    assert checked_extras({name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first_screen", "signup"),
        ("first_screen", "register "),
        ("first_screen", "register\n"),
        ("first_screen", "REGISTER"),
        ("identifier", "email email email email"),
        ("identifier", "mail"),
        ("identifier", "email\tphone"),
        ("login_hint", "a" * 321),
        ("login_hint", "a\r\nb"),
        ("login_hint", "a\x00"),
        ("ui_locales", "fr_FR"),
        ("ui_locales", "fr  de"),
        ("ui_locales", " ".join(["fr"] * 11)),
        ("direct_sign_in", "google"),
        ("direct_sign_in", "social:"),
        ("direct_sign_in", "social:../x"),
        ("organization_id", "a b"),
        ("organization_id", "a" * 129),
        ("prompt", "none"),
        ("prompt", "login none"),
        ("prompt", "select_account"),
        ("prompt", "create"),
        ("max_age", "-1"),
        ("max_age", "1.5"),
        ("max_age", "٣"),
        ("max_age", "123456789"),
    ],
)
def test_refuses_what_logto_would_not_take(name: str, value: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        checked_extras({name: value})
    assert refusal.value.code == "parameter_refused"
    assert name in refusal.value.reason
    assert value not in refusal.value.reason


@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "claims",
     "code_challenge_method", "response_mode", "request", "request_uri", "resource", "return_to"],
)  # fmt: skip
def test_passes_on_nothing_else(name: str) -> None:
    assert checked_extras({name: "x"}) == {}


def test_returns_the_code_of_a_good_answer() -> None:
    assert authorization_code(ANSWER, state=STATE, metadata=PROMISED) == "the-code"
    assert authorization_code(ANSWER, state=STATE, metadata=UNPROMISED) == "the-code"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"state": None}, "state_mismatch"),
        ({"state": ""}, "state_mismatch"),
        ({"state": "the-state "}, "state_mismatch"),
        ({"state": "étât"}, "state_mismatch"),
        ({"state": "x", "iss": "x", "error": "x"}, "state_mismatch"),
        ({"iss": None}, "issuer_missing"),
        ({"iss": None, "error": "access_denied"}, "issuer_missing"),
        ({"iss": ""}, "issuer_mismatch"),
        ({"iss": f"{ISSUER}/"}, "issuer_mismatch"),
        ({"iss": "https://evil.example", "error": "access_denied"}, "issuer_mismatch"),
        ({"code": None}, "code_missing"),
        ({"code": ""}, "code_missing"),
    ],
)
def test_judges_state_then_issuer_then_error_then_code(changed: dict[str, str | None], code: str) -> None:
    answer = {name: value for name, value in (ANSWER | changed).items() if value is not None}
    with pytest.raises(SignInRefused) as refusal:
        authorization_code(answer, state=STATE, metadata=PROMISED)
    assert refusal.value.code == code
    assert not isinstance(refusal.value, SignInDeclined)


def test_an_issuer_that_was_not_promised_is_compared_all_the_same() -> None:
    with pytest.raises(SignInRefused, match="issuer_mismatch"):
        authorization_code(ANSWER | {"iss": "https://evil"}, state=STATE, metadata=UNPROMISED)
    without = {"state": STATE, "code": "c"}
    assert authorization_code(without, state=STATE, metadata=UNPROMISED) == "c"


@pytest.mark.parametrize("error", ["access_denied", "login_required", "server_error", "some_new_error"])
def test_an_error_wins_over_a_code_and_keeps_its_name(error: str) -> None:
    with pytest.raises(SignInDeclined) as refusal:
        authorization_code(ANSWER | {"error": error}, state=STATE, metadata=PROMISED)
    assert refusal.value.code == error


@pytest.mark.parametrize("error", ["", "<script>", "Access Denied", "a" * 65, "access_denied\n"])
def test_an_error_of_another_form_is_not_repeated(error: str) -> None:
    with pytest.raises(SignInDeclined) as refusal:
        authorization_code(ANSWER | {"error": error}, state=STATE, metadata=PROMISED)
    assert refusal.value.code == "unknown_error"


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=8))
def test_reads_what_browsers_send(parameters: dict[str, str]) -> None:
    assert single_parameters(urlencode(parameters)) == parameters


@pytest.mark.parametrize(
    "query", ["state=a&state=b", "code=a&code=a", "x=&x=", "a=1&%61=2", "return_to=/&return_to=//e"]
)
def test_refuses_a_parameter_that_comes_twice(query: str) -> None:
    with pytest.raises(InvalidRequest, match="duplicate_parameter"):
        single_parameters(query)


@pytest.mark.parametrize("query", ["a=%ff", "&".join(f"a{n}=" for n in range(51))])
def test_refuses_a_query_that_cannot_be_read(query: str) -> None:
    with pytest.raises(InvalidRequest):
        single_parameters(query)
