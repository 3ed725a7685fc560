"""Many renew the tokens of one session at once, and some die over it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from passerelle import refresh
from passerelle.errors import StoreUnavailable
from passerelle.ports import Reply
from passerelle.refresh import LEASE_SECONDS, WAIT_SECONDS, renewed_session
from passerelle.runtime import SystemClock
from passerelle.sessions import live_session
from tests.support.doubles import NOW, Call
from tests.unit.journey import TOKEN
from tests.unit.renewing import HOUR, INVALID_GRANT, Renewing


@pytest.fixture
def renewing() -> Renewing:
    return Renewing()


def test_who_comes_second_goes_on_with_a_token_that_is_still_valid(renewing: Renewing) -> None:
    session, _ = renewing.stored()
    assert renewing.world.store.lease_session(session, "another", NOW, NOW + HOUR + LEASE_SECONDS)
    assert renewing.at(HOUR - 1)
    assert renewing.world.clock.time == NOW + HOUR - 1
    assert renewing.calls == []


def test_who_comes_second_with_an_expired_one_waits_shortly_and_goes_on(renewing: Renewing) -> None:
    session, _ = renewing.stored()
    assert renewing.world.store.lease_session(session, "another", NOW, NOW + HOUR + LEASE_SECONDS)
    assert renewing.at(HOUR)
    assert WAIT_SECONDS - 0.2 <= renewing.world.clock.time - NOW - HOUR <= WAIT_SECONDS + 0.2
    assert renewing.calls == []


def test_a_caller_that_died_is_followed_after_its_lease(renewing: Renewing) -> None:
    session, _ = renewing.stored()
    assert renewing.world.store.lease_session(session, "dead", NOW + HOUR, NOW + HOUR + LEASE_SECONDS)
    found = renewing.at(HOUR + LEASE_SECONDS)
    assert found
    assert found.session.generation == 1


def test_a_caller_that_died_after_logto_answered_ends_in_one_new_sign_in(
    renewing: Renewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logto has replaced the refresh token, and nobody stored the new one: the grant is lost."""
    renewing.rotates = True
    world = renewing.world

    def dies(*_: Any) -> bool:
        raise RuntimeError("killed")

    monkeypatch.setattr(world.store, "renew_session", dies)
    with pytest.raises(RuntimeError):
        renewing.at(HOUR)
    monkeypatch.undo()
    renewing.reply = INVALID_GRANT
    assert renewing.at(HOUR + LEASE_SECONDS) is None
    assert renewing.at(HOUR + LEASE_SECONDS + 1) is None
    assert len(renewing.calls) == 2


def test_a_table_that_fails_after_logto_answered_is_an_outage_and_no_end(
    renewing: Renewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = renewing.world

    def fails(*_: Any) -> bool:
        raise StoreUnavailable(reason="down")

    monkeypatch.setattr(world.store, "renew_session", fails)
    with pytest.raises(StoreUnavailable):
        renewing.at(HOUR)
    monkeypatch.undo()
    assert renewing.at(HOUR + LEASE_SECONDS)


def test_a_session_that_is_ended_while_it_is_renewed_is_over(renewing: Renewing) -> None:
    world = renewing.world
    good = renewing._answer

    def answer(call: Call) -> Reply:
        world.store.table.sessions.clear()
        return good(call)

    world.provider.answers[TOKEN] = answer
    assert renewing.at(HOUR) is None
    assert world.store.table.sessions == {}


@pytest.mark.parametrize("rotates", [True, False])
def test_fifty_at_once_make_one_token_request(rotates: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    renewing = Renewing()
    renewing.rotates = rotates
    services = renewing.world.services._replace(clock=SystemClock())
    monkeypatch.setattr(refresh, "_POLL_SECONDS", 0.01)
    renewing.world.clock.time = NOW + HOUR
    slow, good = threading.Event(), renewing._answer

    def answer(call: Call) -> Reply:
        slow.wait(0.2)
        return good(call)

    renewing.world.provider.answers[TOKEN] = answer
    monkeypatch.setattr(SystemClock, "now", lambda _: NOW + HOUR)
    barrier = threading.Barrier(50)

    def ask(_: int) -> int:
        barrier.wait()
        live = live_session(services, renewing.cookie, NOW + HOUR)
        assert live
        renewed = renewed_session(services, live, NOW + HOUR)
        assert renewed
        return renewed.session.generation

    with ThreadPoolExecutor(50) as pool:
        generations = Counter(pool.map(ask, range(50)))
    assert len(renewing.calls) == 1
    assert generations == {1: 50}
