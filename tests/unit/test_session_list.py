"""A user sees their sessions, and ends one, the others, or all: here, and at Logto where that is right."""

from typing import Any

import pytest

from passerelle.errors import NotFound, ProviderUnavailable, SignInRefused
from passerelle.session_list import end_all, end_one, sessions_of
from passerelle.sessions import live_session, parse_cookie
from tests.support.doubles import NOW, World
from tests.unit.journey import REVOCATION, Logto, make_signing_world, sign_in

Signed = tuple[World, list[str], Logto]


@pytest.fixture
def signed() -> Signed:
    """Ada, signed in in three browsers; the first two share a session at Logto."""
    world, logto = make_signing_world()
    cookies = [one_more(world, logto, sid) for sid in ("sid-1", "sid-1", "sid-2")]
    return world, cookies, logto


def one_more(world: World, logto: Logto, sid: str | None, issued_at: int = NOW) -> str:
    logto.changes = {"iat": issued_at, "exp": issued_at + 3600} | ({"sid": sid} if sid else {})
    return sign_in(world, logto).session_cookie


def user_and_id(cookie: str) -> tuple[str, str]:
    handle = parse_cookie(cookie)
    assert handle
    return handle.user, handle.id


def is_live(world: World, cookie: str, at: float = NOW) -> bool:
    return live_session(world.services, cookie, at) is not None


def revoked(world: World) -> int:
    return len(world.provider.to(REVOCATION))


def test_lists_the_live_ones_with_browser_and_system(signed: Signed) -> None:
    world, cookies, _ = signed
    user, current = user_and_id(cookies[1])
    listed = [each.as_json(current) for each in sessions_of(world.services, user, NOW)]
    assert {each["id"] for each in listed} == {user_and_id(cookie)[1] for cookie in cookies}
    assert [each["current"] for each in listed].count(True) == 1
    assert {(each["browser"], each["system"]) for each in listed} == {("Firefox", "Linux")}
    assert {each["created_at"] for each in listed} == {"2027-01-15T08:00:00Z"}
    assert not [each for each in listed if "token" in str(each)]


def test_lists_none_of_another_user_and_none_that_is_over(signed: Signed) -> None:
    world, cookies, _ = signed
    user, session_id = user_and_id(cookies[0])
    session = world.store.table.sessions[user, session_id]
    world.store.table.sessions[user, session_id] = session._replace(expires_at=NOW)
    assert len(sessions_of(world.services, user, NOW)) == 2
    world.revocations.revoke(user, NOW, NOW + 100, spared=user_and_id(cookies[1])[1])
    assert [each.session.id for each in sessions_of(world.services, user, NOW)] == [
        user_and_id(cookies[1])[1]
    ]


def test_ends_one_and_spares_the_grant_that_another_one_shares(signed: Signed) -> None:
    world, cookies, _ = signed
    end_one(world.services, *user_and_id(cookies[0]), NOW)
    assert [is_live(world, cookie) for cookie in cookies] == [False, True, True]
    assert revoked(world) == 0
    end_one(world.services, *user_and_id(cookies[2]), NOW)
    assert [is_live(world, cookie) for cookie in cookies] == [False, True, False]
    assert revoked(world) == 1
    end_one(world.services, *user_and_id(cookies[1]), NOW)
    assert revoked(world) == 2


def test_ends_nobody_else_s(signed: Signed) -> None:
    world, cookies, _ = signed
    user, session_id = user_and_id(cookies[0])
    for wrong in ((user, "nonsense"), ("nobody-at-all-nobody-a", session_id)):
        with pytest.raises(NotFound):
            end_one(world.services, *wrong, NOW)
    assert all(is_live(world, cookie) for cookie in cookies)


def test_ends_all_but_this(signed: Signed) -> None:
    world, cookies, _ = signed
    user, current = user_and_id(cookies[1])
    assert end_all(world.services, user, NOW, but=current) == 2
    assert [is_live(world, cookie) for cookie in cookies] == [False, True, False]
    assert revoked(world) == 1, "sid-2; that of sid-1 is this one's as well"


def test_ends_all(signed: Signed) -> None:
    world, cookies, _ = signed
    assert end_all(world.services, user_and_id(cookies[1])[0], NOW) == 3
    assert not any(is_live(world, cookie) for cookie in cookies)
    assert revoked(world) == 2, "one for each grant"


def test_a_sign_in_that_finishes_at_that_moment_is_over_too(signed: Signed) -> None:
    world, cookies, logto = signed
    user, _ = user_and_id(cookies[0])
    end_all(world.services, user, NOW + 0.3)
    before = revoked(world)
    with pytest.raises(SignInRefused, match="ended_meanwhile"):
        one_more(world, logto, None, issued_at=NOW)
    assert revoked(world) == before + 1, "what Logto gave for it is given back"
    assert is_live(world, one_more(world, logto, None, issued_at=NOW + 2), NOW + 2)


@pytest.mark.parametrize("answer", [ProviderUnavailable(reason="down")])
def test_what_cannot_be_revoked_at_logto_is_ended_here_all_the_same(signed: Signed, answer: Any) -> None:
    world, cookies, _ = signed
    world.provider.answers[REVOCATION] = answer
    assert end_all(world.services, user_and_id(cookies[1])[0], NOW) == 3
    assert not any(is_live(world, cookie) for cookie in cookies)


def test_the_revocation_holds_by_itself(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the function die right after it, every session is refused all the same."""
    world, cookies, _ = signed

    def dies(*_: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(world.store, "end_session", dies)
    with pytest.raises(RuntimeError):
        end_all(world.services, user_and_id(cookies[1])[0], NOW)
    assert not any(is_live(world, cookie) for cookie in cookies)
