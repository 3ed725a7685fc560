"""What the embedded Logto does wrong at a refresh, at userinfo, and with answers on their way."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.unit.local.test_logto_journey import Lab, decode
from tests.unit.local.test_logto_tokens import is_invalid_grant

TOKEN = "/oidc/token"
GONE = (httpx.NetworkError, httpx.RemoteProtocolError)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "iat", "nonce", "auth_time", "exp"])
def test_a_claim_of_a_refreshed_id_token_changes_or_goes(lab: Lab, name: str) -> None:
    lab.logto.misbehave.refreshed_id_token_claims = lambda claims: claims | {name: "other"}
    first = lab.tokens(max_age="600")
    before = decode(first["id_token"])[1]
    assert before[name] != "other"
    refreshed = lab.refresh(first["refresh_token"]).json()
    assert decode(refreshed["id_token"])[1] == before | {name: "other"}
    lab.logto.misbehave.refreshed_id_token_claims = lambda claims: {
        key: value for key, value in claims.items() if key != name
    }
    refreshed = lab.refresh(first["refresh_token"]).json()
    assert decode(refreshed["id_token"])[1].keys() == before.keys() - {name}


def test_a_refresh_can_come_without_an_id_token(lab: Lab) -> None:
    lab.logto.misbehave.refreshed_id_token_claims = lambda claims: None
    first = lab.tokens()
    got = lab.refresh(first["refresh_token"])
    assert got.status_code == 200
    assert got.json().keys() == first.keys() - {"id_token"}


def test_a_refresh_token_can_rotate_at_every_use(lab: Lab) -> None:
    lab.logto.misbehave.rotate_always = True
    values = [lab.tokens()["refresh_token"]]
    for _ in range(3):
        values.append(lab.refresh(values[-1]).json()["refresh_token"])
    assert len(set(values)) == 4
    lab.clock.now += 3
    assert lab.refresh(values[-2]).status_code == 200
    lab.clock.now += 0.5
    assert is_invalid_grant(lab.refresh(values[-2]))
    assert is_invalid_grant(lab.refresh(values[-1]))


def test_an_answer_can_be_lost_after_it_took_effect(lab: Lab) -> None:
    lab.logto.misbehave.rotate_always = True
    refresh_token = lab.tokens()["refresh_token"]
    known = set(lab.logto.tokens)
    lab.logto.misbehave.drop_answer.add(TOKEN)
    with pytest.raises(GONE):
        lab.refresh(refresh_token)
    assert len(set(lab.logto.tokens) - known) == 2
    lab.logto.misbehave.drop_answer.clear()
    assert lab.refresh(refresh_token).json()["refresh_token"] != refresh_token
    lab.clock.now += 4
    assert is_invalid_grant(lab.refresh(refresh_token))


def test_a_code_whose_answer_was_lost_is_used_up(lab: Lab) -> None:
    code = lab.sign_in(lab.browser())["code"]
    lab.logto.misbehave.drop_answer.add(TOKEN)
    with pytest.raises(GONE):
        lab.exchange(code)
    lab.logto.misbehave.drop_answer.clear()
    assert is_invalid_grant(lab.exchange(code))


def test_something_can_happen_between_the_effect_and_the_answer(lab: Lab) -> None:
    refresh_token = lab.tokens()["refresh_token"]
    known, in_between, go_on = set(lab.logto.tokens), threading.Event(), threading.Event()

    def wait() -> None:
        in_between.set()
        assert go_on.wait(5)

    lab.logto.misbehave.before_answer[TOKEN] = wait
    answers: list[httpx.Response] = []
    caller = threading.Thread(target=lambda: answers.append(lab.refresh(refresh_token)))
    caller.start()
    assert in_between.wait(5)
    assert len(set(lab.logto.tokens) - known) == 1
    assert answers == []
    go_on.set()
    caller.join()
    assert answers[0].json()["access_token"] in lab.logto.tokens


@pytest.mark.parametrize("change", [{"sub": "somebody-else"}, {"email": "x@example.com"}], ids=str)
def test_userinfo_can_be_of_somebody_else(lab: Lab, change: dict[str, Any]) -> None:
    access_token = lab.tokens()["access_token"]
    right = lab.userinfo(access_token).json()
    lab.logto.misbehave.userinfo = lambda claims: claims | change
    assert lab.userinfo(access_token).json() == right | change
    assert lab.userinfo("unknown").status_code == 401


def test_userinfo_can_fail_and_hang(lab: Lab) -> None:
    access_token = lab.tokens()["access_token"]
    lab.logto.misbehave.fail["/oidc/me"] = 500
    assert lab.userinfo(access_token).status_code == 500
    lab.logto.misbehave.fail.clear()
    lab.logto.misbehave.delay["/oidc/me"] = 0.5
    lab.http.timeout = 0.1
    with pytest.raises(httpx.ReadTimeout):
        lab.userinfo(access_token)
