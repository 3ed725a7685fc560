"""What others end: a session of the provider's, or all of a user; at once, or from the queue."""

from typing import Any

import pytest

from passerelle.endings import Ending, end, end_or_keep, ending, ending_of
from passerelle.errors import StoreUnavailable
from passerelle.queued import consumer
from passerelle.sessions import live_session, parse_cookie, sid_key
from tests.support.doubles import ISSUER, NOW, World
from tests.unit.journey import Logto, make_signing_world, sign_in

DOWN = StoreUnavailable(reason="down")
Signed = tuple[World, str, str, Logto]


@pytest.fixture
def signed() -> Signed:
    world, logto = make_signing_world()
    logto.changes = {"sid": "sid-1"}
    cookie = sign_in(world, logto).session_cookie
    handle = parse_cookie(cookie)
    assert handle
    return world, cookie, handle.user, logto


def is_live(signed: Signed, at: float = NOW) -> bool:
    return live_session(signed[0].services, signed[1], at) is not None


def test_a_user_s_sessions_end_up_to_a_time(signed: Signed) -> None:
    world, _, user, _ = signed
    end(world.services, ending(user=user, at=NOW - 1.5, cause="user_deleted"), NOW)
    assert is_live(signed)
    end(world.services, ending(user=user, at=NOW - 0.5, cause="user_deleted"), NOW)
    assert not is_live(signed)


def test_a_provider_s_session_ends_those_that_began_with_it(signed: Signed) -> None:
    world, _, user, _ = signed
    end(world.services, ending(user=user, sid=sid_key(ISSUER, "sid-2"), at=NOW, cause="user_deleted"), NOW)
    assert is_live(signed)
    end(world.services, ending(sid=sid_key(ISSUER, "sid-1"), at=NOW, cause="user_deleted"), NOW)
    assert not is_live(signed)


def test_the_same_twice_does_no_harm_to_a_later_session(signed: Signed) -> None:
    world, _, user, logto = signed
    what = ending(user=user, at=NOW, cause="user_deleted")
    end(world.services, what, NOW)
    logto.changes = {"iat": NOW + 1, "exp": NOW + 3600}
    later = sign_in(world, logto).session_cookie
    end(world.services, what, NOW + 60)
    assert live_session(world.services, later, NOW + 60)


@pytest.mark.parametrize("by", ["user", "sid"])
def test_without_the_table_it_waits_in_the_queue_and_is_carried_out_later(signed: Signed, by: str) -> None:
    world, _, user, _ = signed
    what = ending(
        user=user, sid=sid_key(ISSUER, "sid-1") if by == "sid" else "", at=NOW, cause="user_deleted"
    )
    world.revocations.failure = DOWN
    end_or_keep(world.services, what, NOW)
    assert is_live(signed)
    [event] = world.queue.events
    assert ISSUER not in str(event)
    assert "sid-1" not in str(event)
    world.revocations.failure = None
    end(world.services, ending_of(event), NOW + 600)
    assert not is_live(signed, NOW + 600)


def test_without_the_queue_too_nothing_is_called_done(signed: Signed) -> None:
    world, _, user, _ = signed
    world.revocations.failure = world.queue.failure = DOWN
    with pytest.raises(StoreUnavailable):
        end_or_keep(world.services, ending(user=user, at=NOW, cause="user_deleted"), NOW)


@pytest.mark.parametrize(
    "event",
    [{}, {"user": "u"}, {"user": "u", "sid": "", "before": "1", "cause": "user_deleted"},
     {"user": 1, "sid": "", "before": 1, "cause": "user_deleted"},
     {"user": "u", "sid": "", "before": 1, "cause": "another"},
     {"user": "u", "sid": "", "before": 1, "cause": "user_deleted", "more": 1}],
)  # fmt: skip
def test_what_is_no_ending_is_not_carried_out(event: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        ending_of(event)


def test_what_is_kept_is_what_is_read() -> None:
    what = Ending("user", "sid", NOW, "user_deleted")
    assert ending_of(what._asdict()) == what


def test_of_a_batch_those_that_fail_come_again() -> None:
    done: list[object] = []

    def consume(event: dict[str, object]) -> None:
        if event["number"] in (2, 3):
            raise DOWN if event["number"] == 2 else ValueError("a bug")
        done.append(event["number"])

    records = [{"messageId": f"m{number}", "body": f'{{"number": {number}}}'} for number in range(1, 5)]
    records.append({"messageId": "m5", "body": "not JSON"})
    answer = consumer(consume)({"Records": records}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": name} for name in ("m2", "m3", "m5")]}
    assert done == [1, 4]
