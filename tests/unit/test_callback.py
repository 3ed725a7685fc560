"""`GET /callback` judges in order, exchanges once, and stores the session that the cookie names."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from passerelle.callback import Arrival, finish
from passerelle.errors import (
    InvalidRequest,
    Misconfigured,
    PasserelleError,
    ProviderUnavailable,
    SignInDeclined,
    SignInRefused,
    StoreUnavailable,
    Unavailable,
)
from passerelle.oidc.authorization import authorization_request
from passerelle.ports import Reply
from passerelle.sessions import COOKIE, live_session, parse_cookie
from tests.support.doubles import BASE_URL, CLIENT, NOW, World
from tests.unit.journey import REVOCATION, TOKEN, Logto, begin, come_back, make_signing_world, sign_in

Made = tuple[World, Logto]


@pytest.fixture
def made() -> Made:
    return make_signing_world()


def test_a_good_answer_becomes_a_session(made: Made) -> None:
    world, logto = made
    away = begin(world, logto, query="return_to=/x%3Fy")
    returned = come_back(world, away)
    assert (returned.location, returned.spent_cookie) == ("/x?y", away.cookie)
    live = live_session(world.services, returned.session_cookie, NOW)
    assert live
    assert live.profile == {"id": "mjt0ihu0vqqh", "name": None, "email": "ada@example.com", "image": None}


def test_the_code_is_exchanged_with_the_attempt_s_verifier_and_our_secret(made: Made) -> None:
    world, logto = made
    away = begin(world, logto)
    come_back(world, away, code="c/+ d")
    [call] = world.provider.to(TOKEN)
    assert call.client == CLIENT
    assert {**call.form, "code_verifier": ""} == {
        "grant_type": "authorization_code",
        "code": "c/+ d",
        "redirect_uri": f"{BASE_URL}/callback",
        "code_verifier": "",
    }
    asked = authorization_request(
        client_id="",
        redirect_uri="",
        scopes=(),
        state="",
        nonce="",
        verifier=call.form["code_verifier"],
        extras={},
    )
    assert asked["code_challenge"] == away.request["code_challenge"]


def test_warm_it_makes_one_token_request_and_two_writes(made: Made) -> None:
    world, logto = made
    sign_in(world, logto)
    world.provider.calls.clear()
    world.store.calls.clear()
    world.secrets.reads.clear()
    sign_in(world, logto)
    assert not world.secrets.reads
    assert [call.url for call in world.provider.calls] == [TOKEN]
    assert world.store.calls == {"mark_attempt": 1, "finish_attempt": 1}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"state": "another"}, "attempt_unknown"),
        ({"state": None}, "attempt_unknown"),
        ({"state": "another", "iss": "https://evil", "error": "x"}, "attempt_unknown"),
        ({"iss": None}, "issuer_missing"),
        ({"iss": "https://evil", "error": "access_denied"}, "issuer_mismatch"),
        ({"error": "access_denied"}, "access_denied"),
        ({"code": None}, "code_missing"),
    ],
)
def test_what_is_refused_before_the_exchange_costs_neither_mark_nor_request(
    made: Made, changed: dict[str, Any], code: str
) -> None:
    world, logto = made
    away = begin(world, logto)
    with pytest.raises(SignInRefused) as refusal:
        come_back(world, away, **changed)
    assert refusal.value.code == code
    assert not world.store.table.marks
    assert not world.provider.to(TOKEN)
    assert come_back(world, away).session_cookie


def test_a_parameter_that_comes_twice_is_refused(made: Made) -> None:
    world, away = made[0], begin(*made)
    with pytest.raises(InvalidRequest):
        finish(world.services, Arrival(away.answer() + "&code=other", away.cookies, BASE_URL), NOW)


def test_an_error_leads_back_to_where_the_user_wanted_to_go(made: Made) -> None:
    world, logto = made
    away = begin(world, logto, query="return_to=/x%3Fy%3D1%26z")
    with pytest.raises(SignInDeclined) as refusal:
        come_back(world, away, error="access_denied")
    path, _, query = refusal.value.retry.partition("?")
    assert path == "/login"
    assert parse_qs(query) == {"return_to": ["/x?y=1&z"]}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Reply(400, {"error": "invalid_grant"}), SignInRefused, "code_refused"),
        (Reply(500, None), Unavailable, "provider_unavailable"),
        (ProviderUnavailable(), Unavailable, "provider_unavailable"),
        (Reply(401, {"error": "invalid_client"}), Misconfigured, "client_refused"),
        (Reply(200, {}), SignInRefused, "token_response_invalid"),
    ],
)
def test_a_failed_exchange_is_noted_and_never_repeated(
    made: Made, answer: Reply | Exception, kind: type[PasserelleError], code: str
) -> None:
    world, logto = made
    away = begin(world, logto)
    world.provider.answers[TOKEN] = answer
    with pytest.raises(kind) as refusal:
        come_back(world, away)
    assert refusal.value.code == code
    assert not world.store.table.sessions
    world.provider.answers[TOKEN] = logto.token
    with pytest.raises(kind) as second:
        come_back(world, away)
    assert (second.value.code, second.value.status) == (code, kind.status)
    assert len(world.provider.to(TOKEN)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nonce": "other"}, "nonce_mismatch"),
        ({"iss": "https://evil"}, "id_token_issuer_mismatch"),
        ({"aud": "other"}, "id_token_audience_mismatch"),
        ({"exp": 0}, "id_token_expired"),
        ({"at_hash": "x"}, "access_token_hash_mismatch"),
    ],
)
def test_an_id_token_that_does_not_hold_makes_no_session(
    made: Made, changes: dict[str, Any], code: str
) -> None:
    world, logto = made
    logto.changes = changes
    with pytest.raises(SignInRefused) as refusal:
        sign_in(world, logto)
    assert refusal.value.code == code
    assert not world.store.table.sessions


def test_max_age_of_the_attempt_is_demanded_of_the_token(made: Made) -> None:
    world, logto = made
    logto.changes = {"auth_time": NOW - 1000}
    with pytest.raises(SignInRefused, match="authentication_too_old"):
        sign_in(world, logto, query="max_age=60")
    logto.changes = {"auth_time": NOW - 10}
    assert sign_in(world, logto, query="max_age=60").session_cookie


def test_a_crash_after_the_mark_is_noted_as_well(made: Made) -> None:
    world, logto = made

    def crash(_: object) -> Reply:
        raise ZeroDivisionError

    world.provider.answers[TOKEN] = crash
    away = begin(world, logto)
    with pytest.raises(ZeroDivisionError):
        come_back(world, away)
    [outcome] = world.store.table.marks.values()
    assert outcome
    assert outcome.error == "internal_error"


def test_a_failure_that_cannot_be_noted_is_still_the_failure_that_is_told(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, logto = made
    logto.changes = {"nonce": "other"}

    def down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(world.store, "fail_attempt", down)
    with pytest.raises(SignInRefused, match="nonce_mismatch"):
        sign_in(world, logto)


def test_a_store_that_is_down_at_the_mark_spares_the_code(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, logto = made
    away = begin(world, logto)
    with monkeypatch.context() as patch:
        patch.setattr(world.store, "mark_attempt", _raise(StoreUnavailable()))
        with pytest.raises(StoreUnavailable):
            come_back(world, away)
    assert not world.provider.to(TOKEN)
    assert come_back(world, away).session_cookie


def test_the_session_that_this_browser_had_ends_here_and_nothing_is_revoked(made: Made) -> None:
    world, logto = made
    first = sign_in(world, logto)
    second = sign_in(world, logto, cookies={COOKIE: first.session_cookie})
    assert live_session(world.services, first.session_cookie, NOW) is None
    assert live_session(world.services, second.session_cookie, NOW)
    assert not world.provider.to(REVOCATION)
    assert not world.store.table.revocations


def test_a_cookie_of_nobody_s_does_not_stand_in_the_way(made: Made) -> None:
    world, logto = made
    for value in ("junk", f"{'a' * 22}.{'b' * 43}"):
        assert sign_in(world, logto, cookies={COOKIE: value}).session_cookie


def test_the_user_is_issuer_and_subject(made: Made) -> None:
    world, logto = made
    ada, again = sign_in(world, logto), sign_in(world, logto)
    logto.changes = {"sub": "bob"}
    bob = sign_in(world, logto)
    users = [handle.user for one in (ada, again, bob) if (handle := parse_cookie(one.session_cookie))]
    assert users[0] == users[1] != users[2]
    assert len({ada.session_cookie, again.session_cookie, bob.session_cookie}) == 3


def _raise(error: Exception) -> Callable[..., Any]:
    def raising(*_: object) -> None:
        raise error

    return raising
