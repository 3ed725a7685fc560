"""A session lives while it is used, not too long, and until somebody ends it."""

import pytest

from passerelle.errors import StoreUnavailable
from passerelle.sessions import live_session, parse_cookie
from passerelle.settings import TOUCH_SECONDS
from tests.support.doubles import NOW
from tests.unit.journey import make_signing_world, sign_in
from tests.unit.one_session import ABSOLUTE, IDLE, Made, change, is_live, make, stored

USER, SECRET = "a" * 22, "b" * 43


@pytest.fixture
def made() -> Made:
    return make()


def test_it_ends_when_it_is_not_used(made: Made) -> None:
    assert is_live(made, NOW + IDLE - 1)
    world, logto = made[0], made[1]
    other = sign_in(world, logto).session_cookie
    assert not is_live(made, NOW + IDLE, other)


def test_it_goes_on_while_it_is_used_but_ends_at_last(made: Made) -> None:
    for second in range(0, ABSOLUTE, IDLE - 1):
        assert is_live(made, NOW + second)
    assert is_live(made, NOW + ABSOLUTE - 1)
    assert not is_live(made, NOW + ABSOLUTE)


@pytest.mark.parametrize("idle", [60, 120, 300, 360, 600])
def test_a_short_idle_time_rolls_as_well(idle: int) -> None:
    world, logto = make_signing_world(SESSION_IDLE_SECONDS=str(idle))
    cookie = sign_in(world, logto).session_cookie
    step = idle // 2
    for count in range(1, 10):
        assert live_session(world.services, cookie, NOW + count * step)


def test_it_is_written_at_most_now_and_then(made: Made) -> None:
    world = made[0]
    for second in range(TOUCH_SECONDS):
        assert is_live(made, NOW + second)
    assert "touch_session" not in world.store.calls
    assert is_live(made, NOW + TOUCH_SECONDS)
    assert stored(world).last_seen_at == NOW + TOUCH_SECONDS
    assert is_live(made, NOW + TOUCH_SECONDS + 1)
    assert world.store.calls["touch_session"] == 1


def test_what_it_says_about_its_end_is_true(made: Made) -> None:
    world, _, cookie = made
    live = live_session(world.services, cookie, NOW + 10)
    assert live
    assert live_session(world.services, cookie, live.expires_at - 1)


def test_what_it_says_about_its_end_is_not_beyond_its_lifetime(made: Made) -> None:
    world, _, cookie = made
    for second in range(0, ABSOLUTE, IDLE - 1):
        live = live_session(world.services, cookie, NOW + second)
        assert live
        assert live.expires_at <= NOW + ABSOLUTE


@pytest.mark.parametrize(
    ("before", "spared", "stands"),
    [
        (NOW - 1, "", True),
        (NOW, "", False),
        (NOW + 1, "", False),
        (NOW + 1, "somebody-else", False),
    ],
)
def test_a_revocation_ends_what_was_issued_until_then(
    made: Made, before: int, spared: str, stands: bool
) -> None:
    world = made[0]
    world.revocations.revoke(stored(world).user, before, NOW + 10**6, spared=spared)
    assert is_live(made) is stands


def test_a_revocation_of_all_others_spares_this_one(made: Made) -> None:
    world, logto, _ = made
    mine = stored(world)
    other = sign_in(world, logto).session_cookie
    world.revocations.revoke(mine.user, NOW, NOW + 10**6, spared=mine.id)
    assert is_live(made)
    assert not is_live(made, cookie=other)


@pytest.mark.parametrize("suspended_first", [True, False])
def test_who_was_suspended_is_not_spared_by_ending_the_others(made: Made, suspended_first: bool) -> None:
    world = made[0]
    mine = stored(world)
    endings = [(NOW, ""), (NOW + 10, mine.id)]
    for before, spared in endings if suspended_first else reversed(endings):
        world.revocations.revoke(mine.user, before, NOW + 10**6, spared=spared)
    assert not is_live(made)


def test_a_revocation_is_compared_with_when_the_token_was_issued(made: Made) -> None:
    world = made[0]
    change(world, created_at=NOW + 500)
    world.revocations.revoke(stored(world).user, NOW, NOW + 10**6)
    assert not is_live(made, NOW + 501)


def test_a_revocation_of_somebody_else_changes_nothing(made: Made) -> None:
    made[0].revocations.revoke("somebody", NOW + 100, NOW + 10**6)
    assert is_live(made)


def test_a_session_ended_between_read_and_touch_is_over(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made[0].store, "touch_session", lambda *_: False)
    assert not is_live(made, NOW + TOUCH_SECONDS)


def test_a_touch_that_fails_does_not_sign_anybody_out(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> bool:
        raise StoreUnavailable

    monkeypatch.setattr(made[0].store, "touch_session", down)
    assert is_live(made, NOW + TOUCH_SECONDS)


def test_a_store_that_is_down_is_not_a_session_that_ended(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(made[0].store, "session", down)
    with pytest.raises(StoreUnavailable):
        is_live(made)


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        "",
        "x",
        "a.b",
        f"{USER}.{'b' * 42}",
        f"{USER}.{SECRET}x",
        f"{'é' * 22}.{SECRET}",
        f"{USER}.{SECRET}\n",
    ],
)
def test_a_cookie_of_another_form_asks_nobody(made: Made, cookie: str | None) -> None:
    world = made[0]
    assert live_session(world.services, cookie, NOW) is None
    assert not world.store.calls["session"]


def test_a_cookie_that_was_changed_anywhere_is_nobody_s(made: Made) -> None:
    cookie = made[2]
    for place in range(len(cookie)):
        other = "A" if cookie[place] != "A" else "B"
        assert not is_live(made, cookie=cookie[:place] + other + cookie[place + 1 :])


def test_the_cookie_is_short_and_the_table_does_not_know_its_secret(made: Made) -> None:
    world, _, cookie = made
    handle = parse_cookie(cookie)
    assert handle
    assert len(f"__Host-session={cookie}") < 100
    assert handle.secret not in str(world.store.table.sessions)
    assert handle.secret not in repr(handle)
