"""An attempt is settled once, and whoever comes second lands where the first one did."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from passerelle.callback import WAIT_SECONDS, Returned
from passerelle.errors import SignInRefused, StoreUnavailable, Unavailable
from passerelle.keys import encode
from passerelle.ports import Outcome, Reply, StoredSession
from passerelle.sessions import COOKIE, live_session
from tests.support.doubles import NOW, Call, FakeClock
from tests.unit.journey import TOKEN, Away, begin, come_back, make_signing_world, sign_in


class ShortNaps(FakeClock):
    """Passes as time does, but naps are short."""

    def __init__(self) -> None:
        super().__init__()
        self.begin = time.monotonic()

    def now(self) -> float:
        return NOW + time.monotonic() - self.begin

    def sleep(self, seconds: float) -> None:
        time.sleep(0.002)


def test_of_fifty_at_once_one_exchanges_and_all_get_the_same_cookie() -> None:
    world, logto = make_signing_world(clock=ShortNaps())
    away = begin(world, logto)
    barrier = threading.Barrier(50)

    def slow(call: Call) -> Reply:
        time.sleep(0.05)
        return logto.token(call)

    world.provider.answers[TOKEN] = slow

    def one(_: int) -> Returned:
        barrier.wait()
        return come_back(world, away)

    with ThreadPoolExecutor(50) as pool:
        returned = set(pool.map(one, range(50)))
    assert len(returned) == 1
    assert len(world.provider.to(TOKEN)) == 1
    assert len(world.store.table.sessions) == 1
    assert live_session(world.services, returned.pop().session_cookie, NOW)


def test_of_fifty_at_once_all_see_the_one_failure() -> None:
    world, logto = make_signing_world(clock=ShortNaps())
    away = begin(world, logto)
    logto.changes = {"nonce": "other"}
    barrier = threading.Barrier(50)

    def one(_: int) -> str:
        barrier.wait()
        with pytest.raises(SignInRefused) as refusal:
            come_back(world, away)
        return refusal.value.code

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(one, range(50))) == {"nonce_mismatch"}
    assert len(world.provider.to(TOKEN)) == 1


def test_a_reload_lands_signed_in_as_before() -> None:
    world, logto = make_signing_world()
    away = begin(world, logto, query="return_to=/x")
    assert come_back(world, away) == come_back(world, away)
    assert len(world.provider.to(TOKEN)) == 1
    assert len(world.store.table.sessions) == 1


def test_the_second_waits_for_the_first_and_not_for_ever() -> None:
    world, logto = make_signing_world()
    away = begin(world, logto)
    _taken_by_somebody(away, world.store.table.marks)
    with pytest.raises(Unavailable) as refusal:
        come_back(world, away)
    assert refusal.value.code == "sign_in_unfinished"
    assert WAIT_SECONDS <= world.clock.now() - NOW < WAIT_SECONDS + 1
    assert not world.provider.to(TOKEN)


def test_the_second_hears_of_a_failure_of_ours_as_of_ours() -> None:
    world, logto = make_signing_world()
    away = begin(world, logto)
    world.provider.answers[TOKEN] = Reply(503, None)
    with pytest.raises(Unavailable) as first:
        come_back(world, away)
    with pytest.raises((Unavailable, SignInRefused)) as second:
        come_back(world, away)
    assert (second.value.code, second.value.status) == (first.value.code, first.value.status)


def test_a_write_whose_answer_was_lost_ends_well_at_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    world, logto = make_signing_world()
    away = begin(world, logto)
    write = world.store.finish_attempt

    def lost(attempt: str, session: StoredSession, replaces: tuple[str, str] | None) -> None:
        write(attempt, session, replaces)
        raise StoreUnavailable

    monkeypatch.setattr(world.store, "finish_attempt", lost)
    with pytest.raises(StoreUnavailable):
        come_back(world, away)
    assert live_session(world.services, come_back(world, away).session_cookie, NOW)


def test_going_back_after_the_cookie_was_dropped_leads_home_when_signed_in() -> None:
    world, logto = make_signing_world()
    away = begin(world, logto)
    returned = come_back(world, away)
    later = away._replace(cookies={COOKIE: returned.session_cookie})
    assert come_back(world, later) == Returned("/", returned.session_cookie, "")
    assert len(world.provider.to(TOKEN)) == 1


def test_a_foreign_answer_does_not_change_who_is_signed_in() -> None:
    world, logto = make_signing_world()
    mine = sign_in(world, logto)
    theirs = begin(world, logto)
    returned = come_back(world, theirs._replace(cookies={COOKIE: mine.session_cookie}))
    assert returned.session_cookie == mine.session_cookie
    assert len(world.provider.to(TOKEN)) == 1


def test_a_session_that_was_ended_does_not_come_back_with_the_old_answer() -> None:
    world, logto = make_signing_world()
    away = begin(world, logto)
    returned = come_back(world, away)
    world.store.table.sessions.clear()
    assert live_session(world.services, come_back(world, away).session_cookie, NOW) is None
    assert returned.session_cookie


def _taken_by_somebody(away: Away, marks: dict[str, Outcome | None]) -> None:
    marks[encode(hashlib.sha256(away.request["state"].encode()).digest())] = None
