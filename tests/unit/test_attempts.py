"""An attempt to sign in belongs to one browser, one cookie and ten minutes."""

import pytest

from passerelle.attempts import (
    LIFETIME_SECONDS,
    MAX_ATTEMPTS,
    Attempt,
    find_attempt,
    seal_attempt,
    surplus_cookies,
)
from passerelle.errors import SignInRefused
from passerelle.keys import parse_keyring, random_value
from tests.support.doubles import NOW, World, make_world

OLD, NEW = "k" * 64, "n" * 64


def new_attempt(started_at: int = NOW, state: str | None = None) -> Attempt:
    return Attempt(state or random_value(), "nonce", "verifier", "secret", "/x", started_at, None)


def held(world: World, *attempts: Attempt) -> dict[str, str]:
    keyring = world.services.secrets.keys.get(NOW)
    return {attempt.cookie: seal_attempt(attempt, keyring) for attempt in attempts}


def find(world: World, state: str, cookies: dict[str, str], now: float = NOW) -> Attempt:
    return find_attempt(state, cookies, world.services.secrets.keys, now)


@pytest.fixture
def world() -> World:
    return make_world()


def test_finds_what_it_sealed(world: World) -> None:
    first, second = new_attempt(), new_attempt()
    cookies = held(world, first, second)
    assert find(world, first.state, cookies) == first
    assert find(world, second.state, cookies) == second


def test_another_browser_does_not_hold_it(world: World) -> None:
    with pytest.raises(SignInRefused, match="attempt_unknown"):
        find(world, new_attempt().state, held(world, new_attempt()))


def test_a_cookie_under_another_name_is_not_taken(world: World) -> None:
    mine, theirs = new_attempt(), new_attempt()
    [sealed] = held(world, theirs).values()
    for state in (mine.state, theirs.state):
        with pytest.raises(SignInRefused, match="attempt_unknown"):
            find(world, state, {mine.cookie: sealed})


@pytest.mark.parametrize("value", ["", "x", "0.", "0.x", "1.AAAA", "0." + "A" * 200, "é", "0.é"])
def test_a_cookie_of_somebody_s_making_is_not_taken(world: World, value: str) -> None:
    attempt = new_attempt()
    with pytest.raises(SignInRefused, match="attempt_unknown"):
        find(world, attempt.state, {attempt.cookie: value})


def test_two_states_whose_cookies_share_a_name_are_told_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passerelle.attempts._cookie", lambda state: "same")
    attempt = new_attempt()
    with pytest.raises(SignInRefused, match="attempt_unknown"):
        find(world, "another-state", held(world, attempt))


@pytest.mark.parametrize("age", [LIFETIME_SECONDS, LIFETIME_SECONDS + 1, 10**6])
def test_it_expires(world: World, age: int) -> None:
    attempt = new_attempt()
    assert find(world, attempt.state, held(world, attempt), NOW + LIFETIME_SECONDS - 1) == attempt
    with pytest.raises(SignInRefused, match="attempt_expired"):
        find(world, attempt.state, held(world, attempt), NOW + age)


def test_the_oldest_make_room_for_a_sixth(world: World) -> None:
    attempts = [new_attempt(NOW + age) for age in (3, 1, 4, 0, 5, 2)]
    keyring = world.services.secrets.keys.get(NOW)
    for count in range(MAX_ATTEMPTS):
        assert list(surplus_cookies(held(world, *attempts[:count]), keyring)) == []
    assert list(surplus_cookies(held(world, *attempts[:5]), keyring)) == [attempts[3].cookie]
    assert list(surplus_cookies(held(world, *attempts), keyring)) == [attempts[3].cookie, attempts[1].cookie]


def test_what_cannot_be_opened_makes_room_first(world: World) -> None:
    attempts = [new_attempt(NOW + age) for age in range(4)]
    cookies = held(world, *attempts) | {
        "__Host-passerelle-login-0123456789abcdef": "junk",
        "other": "x",
        "__Host-passerelle-login-<b>": "a name that is not ours is not repeated",
        "__Host-session": "y",
    }
    keyring = world.services.secrets.keys.get(NOW)
    assert list(surplus_cookies(cookies, keyring)) == ["__Host-passerelle-login-0123456789abcdef"]


def test_a_key_that_was_added_since_is_fetched(world: World) -> None:
    secrets = world.services.secrets
    secrets.keys.get(NOW - 60)
    rotated = {"keys": [{"kid": "0", "key": OLD}, {"kid": "1", "key": NEW}], "index": OLD}
    world.secrets.put("keys", rotated)
    attempt = new_attempt()
    cookies = {attempt.cookie: seal_attempt(attempt, parse_keyring(rotated))}
    assert find(world, attempt.state, cookies) == attempt
    assert world.secrets.reads["keys"] == 2


def test_an_attempt_from_before_a_rotation_is_still_good(world: World) -> None:
    attempt = new_attempt()
    cookies = held(world, attempt)
    world.secrets.put("keys", {"keys": [{"kid": "0", "key": OLD}, {"kid": "1", "key": NEW}], "index": OLD})
    assert find(world, attempt.state, cookies, NOW + 400) == attempt


def test_a_broken_seal_is_no_reason_to_fetch_keys(world: World) -> None:
    world.services.secrets.keys.get(NOW - 60)
    attempt = new_attempt()
    with pytest.raises(SignInRefused):
        find(world, attempt.state, {attempt.cookie: "0.AAAA"})
    assert world.secrets.reads["keys"] == 1


def test_a_browser_without_a_cookie_is_no_reason_to_fetch_keys(world: World) -> None:
    world.services.secrets.keys.get(NOW - 60)
    with pytest.raises(SignInRefused):
        find(world, "state", {})
    assert world.secrets.reads["keys"] == 1


def test_the_fingerprint_does_not_give_the_state_away() -> None:
    attempt = new_attempt()
    assert attempt.state not in attempt.fingerprint + attempt.cookie
    assert attempt.fingerprint != new_attempt().fingerprint


def test_it_does_not_show_what_it_holds() -> None:
    assert f"{new_attempt()!r}" == "Attempt(...)"


def test_five_attempts_and_a_session_fit_into_what_api_gateway_takes(world: World) -> None:
    full = Attempt("s" * 43, "n" * 43, "v" * 43, "s" * 43, "/" + "a" * 511, NOW, 99999999)
    [sealed] = held(world, full).values()
    assert 5 * (len(full.cookie) + len(sealed) + 3) < 8000
