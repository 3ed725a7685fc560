"""A guarded handler answers its user, and nobody else."""

import json
from typing import Any

import pytest

from passerelle import runtime
from passerelle.access import NEEDS, User, signed_in
from passerelle.errors import SecretsUnavailable, StoreUnavailable
from passerelle.keys import parse_keyring
from passerelle.services import Services
from passerelle.sessions import open_contents
from tests.support.doubles import BASE_URL, NOW, SECRETS, make_world
from tests.unit.guarded import (
    ABSOLUTE,
    FLAVOURS,
    IDLE,
    SUBJECT,
    Guarded,
    Somebody,
    code_of,
    event,
    headers_of,
    sign_somebody_in,
)

HTML = {"accept": "text/html"}
OURS = {"sec-fetch-site": "same-origin"}
UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]


@pytest.fixture(params=FLAVOURS)
def guarded(request: pytest.FixtureRequest) -> Guarded:
    return FLAVOURS[request.param]


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> Somebody:
    return sign_somebody_in(monkeypatch)


def test_the_user_of_the_session_is_let_in(guarded: Guarded, somebody: Somebody) -> None:
    answer = guarded(event(cookie=somebody.cookie))
    assert (answer["statusCode"], answer["body"].strip('"')) == (200, SUBJECT)
    assert somebody.world.store.calls["session"] == 1


def test_nobody_else_is(guarded: Guarded, somebody: Somebody) -> None:
    answer = guarded(event())
    assert code_of(answer) == (401, "not_signed_in")
    headers = headers_of(answer)
    assert headers["content-type"] == "application/problem+json"
    assert headers["www-authenticate"] == "Bearer"
    assert headers["cache-control"] == "no-store"
    assert json.loads(answer["body"])["correlation_id"] == "r-1"
    assert not somebody.world.store.calls["session"]


def test_a_person_gets_a_page_that_leads_to_a_sign_in_and_back(guarded: Guarded, somebody: Somebody) -> None:
    answer = guarded(event(headers=HTML))
    assert answer["statusCode"] == 401
    headers = headers_of(answer)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["www-authenticate"] == "Bearer"
    assert 'href="/login?return_to=%2Fx%3Fa%3D1"' in answer["body"]


@pytest.mark.parametrize("place", [0, 21, 22, 23, 65])
def test_a_cookie_that_was_tampered_with_is_nobody_s(
    guarded: Guarded, somebody: Somebody, place: int
) -> None:
    other = "A" if somebody.cookie[place] != "A" else "B"
    cookie = somebody.cookie[:place] + other + somebody.cookie[place + 1 :]
    assert code_of(guarded(event(cookie=cookie))) == (401, "not_signed_in")


@pytest.mark.parametrize("ends", [{"last_seen_at": NOW - IDLE}, {"expires_at": NOW}])
def test_a_session_past_its_time_lets_nobody_in(
    guarded: Guarded, somebody: Somebody, ends: dict[str, Any]
) -> None:
    somebody.world.store.table.sessions[somebody.key] = somebody.session._replace(**ends)
    assert code_of(guarded(event(cookie=somebody.cookie))) == (401, "not_signed_in")


def test_a_session_that_was_revoked_lets_nobody_in(guarded: Guarded, somebody: Somebody) -> None:
    somebody.world.revocations.revoke(somebody.session.user, NOW, NOW + ABSOLUTE)
    assert code_of(guarded(event(cookie=somebody.cookie))) == (401, "not_signed_in")


def test_a_session_that_was_ended_lets_nobody_in(guarded: Guarded, somebody: Somebody) -> None:
    somebody.world.store.end_session(*somebody.key, NOW)
    assert code_of(guarded(event(cookie=somebody.cookie))) == (401, "not_signed_in")


def test_use_is_noted_as_by_every_other_function(guarded: Guarded, somebody: Somebody) -> None:
    somebody.world.clock.time = NOW + 301
    assert guarded(event(cookie=somebody.cookie))["statusCode"] == 200
    assert somebody.world.store.table.sessions[somebody.key].last_seen_at == NOW + 301


def test_a_session_that_cannot_be_looked_up_has_not_ended(
    guarded: Guarded, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(somebody.world.store, "session", down)
    assert code_of(guarded(event(cookie=somebody.cookie))) == (503, "store_unavailable")


def test_keys_that_cannot_be_read_are_an_outage(
    guarded: Guarded, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = make_world()
    cold.secrets.failure = SecretsUnavailable()
    services = somebody.world.services._replace(secrets=cold.services.secrets)
    monkeypatch.setattr(runtime, "services", lambda needs: services)
    assert code_of(guarded(event(cookie=somebody.cookie))) == (503, "secrets_unavailable")


def test_a_session_sealed_by_a_newer_key_is_opened(guarded: Guarded, somebody: Somebody) -> None:
    world, old = somebody.world, SECRETS["keys"]["key"]
    rotated = {"keys": [{"kid": "0", "key": old}, {"kid": "1", "key": "n" * 64}], "index": old}
    contents = open_contents(somebody.session, world.services.secrets.keys, NOW)
    text = json.dumps(contents).encode()
    sealed = parse_keyring(rotated).seal("session", "/".join(somebody.key), text)
    world.store.table.sessions[somebody.key] = somebody.session._replace(contents=sealed)
    assert code_of(guarded(event(cookie=somebody.cookie))) == (401, "not_signed_in")
    world.secrets.put("keys", rotated)
    world.clock.time = NOW + 31
    assert guarded(event(cookie=somebody.cookie))["statusCode"] == 200


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site", "origin": BASE_URL},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "null"},
        {"origin": "https://front.example"},
        {"origin": "https://api.example"},
    ],
)
def test_what_changes_something_must_start_on_our_own_origin(
    guarded: Guarded, somebody: Somebody, method: str, headers: dict[str, str]
) -> None:
    answer = guarded(event(method, somebody.cookie, headers))
    assert code_of(answer) == (403, "cross_site_request")
    assert not somebody.world.store.calls["session"]


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("headers", [OURS, {"origin": BASE_URL}])
def test_our_own_pages_may_change_something(
    guarded: Guarded, somebody: Somebody, method: str, headers: dict[str, str]
) -> None:
    assert guarded(event(method, somebody.cookie, headers))["statusCode"] == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_changes_nothing_may_come_from_anywhere(
    guarded: Guarded, somebody: Somebody, method: str
) -> None:
    cross = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert guarded(event(method, somebody.cookie, cross))["statusCode"] == 200


def test_an_origin_that_was_named_may_change_something(guarded: Guarded, somebody: Somebody) -> None:
    named = ["https://front.example"]
    sibling = {"sec-fetch-site": "same-site", "origin": "https://front.example"}
    assert guarded(event("POST", somebody.cookie, sibling), origins=named)["statusCode"] == 200
    for origin in ("https://front.example.evil", "http://front.example", "null"):
        answer = guarded(event("POST", somebody.cookie, sibling | {"origin": origin}), origins=named)
        assert code_of(answer) == (403, "cross_site_request")


def test_without_a_base_url_the_api_s_own_domain_is_ours(
    guarded: Guarded, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = somebody.world.services
    services = services._replace(settings=services.settings._replace(public_base_url=""))
    monkeypatch.setattr(runtime, "services", lambda needs: services)
    own = {"origin": "https://api.example"}
    assert guarded(event("POST", somebody.cookie, own))["statusCode"] == 200


def test_a_user_who_is_not_allowed_is_told_so(guarded: Guarded, somebody: Somebody) -> None:
    answer = guarded(event(cookie=somebody.cookie), allow=lambda user: user.id != SUBJECT)
    assert code_of(answer) == (403, "forbidden")
    assert guarded(event(cookie=somebody.cookie), allow=lambda user: user.id == SUBJECT)["statusCode"] == 200


@pytest.mark.parametrize("judgement", [None, 1, "yes", [0]])
def test_only_true_is_yes(guarded: Guarded, somebody: Somebody, judgement: object) -> None:
    assert code_of(guarded(event(cookie=somebody.cookie), allow=lambda _: judgement)) == (403, "forbidden")


def test_a_predicate_that_fails_lets_nobody_in(guarded: Guarded, somebody: Somebody) -> None:
    def broken(user: User) -> bool:
        raise KeyError(user.email)

    answer = guarded(event(cookie=somebody.cookie), allow=broken)
    assert code_of(answer) == (500, "internal_error")
    assert "ada@" not in str(answer)


def test_a_stranger_is_not_judged_by_the_predicate(guarded: Guarded, somebody: Somebody) -> None:
    def never(_: User) -> bool:
        raise AssertionError

    assert code_of(guarded(event(), allow=never)) == (401, "not_signed_in")


def test_two_variables_are_asked_for(somebody: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def services(needs: Any) -> Services:
        asked.append(needs)
        return somebody.world.services

    monkeypatch.setattr(runtime, "services", services)
    FLAVOURS["decorator"](event(cookie=somebody.cookie))
    assert asked == [NEEDS] == [("TABLE_NAME", "KEYS_SECRET_ID")]


def test_a_user_does_not_show_who_they_are_in_a_log_line(somebody: Somebody) -> None:
    seen: list[User] = []
    handler = signed_in(lambda event, context, user: seen.append(user))
    handler(event(cookie=somebody.cookie), None)
    assert repr(seen) == "[User(...)]"
