"""The answer of the token endpoint is judged before anything in it is used."""

from typing import Any

import pytest

from passerelle.errors import Misconfigured, PasserelleError, ProviderUnavailable, SignInRefused
from passerelle.oidc.token import Tokens, checked_tokens, code_exchange, is_client_refused
from passerelle.ports import Reply

GOOD: dict[str, Any] = {
    "access_token": "at",
    "id_token": "a.b.c",
    "refresh_token": "rt",
    "expires_in": 3600,
    "token_type": "Bearer",
    "scope": "openid",
}


def without(*names: str, **changed: Any) -> Reply:
    return Reply(200, {name: value for name, value in (GOOD | changed).items() if name not in names})


def test_exchanges_a_code_with_its_verifier() -> None:
    assert code_exchange("c", "https://app.example/callback", "v") == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "https://app.example/callback",
        "code_verifier": "v",
    }


def test_takes_a_good_answer() -> None:
    assert checked_tokens(Reply(200, GOOD)) == Tokens("at", "a.b.c", "rt", 3600)


@pytest.mark.parametrize("name", ["Bearer", "bearer", "BEARER"])
def test_the_token_type_has_no_case(name: str) -> None:
    assert checked_tokens(without(token_type=name)).access_token == "at"


@pytest.mark.parametrize("value", [None, ""])
def test_does_without_a_refresh_token(value: object) -> None:
    assert checked_tokens(without("refresh_token")).refresh_token == ""
    assert checked_tokens(without(refresh_token=value)).refresh_token == ""


@pytest.mark.parametrize("value", [None, "3600", -1, 0, True, 1.5, [], ...])
def test_a_lifetime_that_is_no_number_of_seconds_counts_as_an_hour(value: object) -> None:
    reply = without("expires_in") if value is ... else without(expires_in=value)
    assert checked_tokens(reply).expires_in == 3600


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (without("token_type"), SignInRefused, "token_response_invalid"),
        (without(token_type="DPoP"), SignInRefused, "token_response_invalid"),
        (without(token_type=None), SignInRefused, "token_response_invalid"),
        (without("access_token"), SignInRefused, "token_response_invalid"),
        (without(access_token=""), SignInRefused, "token_response_invalid"),
        (Reply(200, None), PasserelleError, "token_response_invalid"),
        (without("id_token"), SignInRefused, "id_token_missing"),
        (without(id_token=None), SignInRefused, "id_token_missing"),
        (without(id_token=["a.b.c"]), SignInRefused, "id_token_missing"),
        (Reply(400, {"error": "invalid_grant"}), SignInRefused, "code_refused"),
        (Reply(400, {"error": "invalid_client"}), Misconfigured, "client_refused"),
        (Reply(401, {"error": "invalid_client"}), Misconfigured, "client_refused"),
        (
            Reply(400, {"error": "invalid_request", "error_description": "client secret has expired"}),
            Misconfigured,
            "client_refused",
        ),
        (Reply(400, {"error": "unauthorized_client"}), Misconfigured, "client_refused"),
        (Reply(400, {"error": "invalid_request"}), ProviderUnavailable, "provider_unavailable"),
        (Reply(400, None), ProviderUnavailable, "provider_unavailable"),
        (Reply(302, None), ProviderUnavailable, "provider_unavailable"),
        (Reply(201, GOOD), ProviderUnavailable, "provider_unavailable"),
        (Reply(429, {"error": "invalid_grant"}), ProviderUnavailable, "provider_unavailable"),
        (Reply(500, GOOD), ProviderUnavailable, "provider_unavailable"),
        (Reply(503, {"error": "invalid_grant"}), ProviderUnavailable, "provider_unavailable"),
    ],
)
def test_says_whose_fault_an_unusable_answer_is(reply: Reply, kind: type, code: str) -> None:
    with pytest.raises(PasserelleError) as refusal:
        checked_tokens(reply)
    assert isinstance(refusal.value, kind)
    assert refusal.value.code == code


@pytest.mark.parametrize("body", [{"error": "invalid_grant", "error_description": "the-code"}, GOOD])
def test_nothing_of_the_answer_is_in_the_reason(body: dict[str, Any]) -> None:
    with pytest.raises(PasserelleError) as refusal:
        checked_tokens(Reply(400, body))
    assert "the-code" not in str(refusal.value)
    assert "a.b.c" not in str(refusal.value)


@pytest.mark.parametrize(
    ("reply", "refused"),
    [
        (Reply(401, {"error": "invalid_client"}), True),
        (Reply(400, {"error": "invalid_client"}), True),
        (Reply(400, {"error": "invalid_request", "error_description": "client secret has expired"}), True),
        (Reply(400, {"error": "invalid_request", "error_description": "missing grant_type"}), False),
        (Reply(401, {"error": "invalid_grant"}), False),
        (Reply(401, None), False),
        (Reply(200, {"error": "invalid_client"}), False),
        (Reply(500, {"error": "invalid_client"}), False),
    ],
)
def test_knows_when_the_client_itself_is_refused(reply: Reply, refused: bool) -> None:
    assert is_client_refused(reply) is refused


def test_tokens_do_not_show_themselves() -> None:
    assert f"{Tokens('at', 'idt', 'rt', 1)!r}" == "Tokens(...)"
