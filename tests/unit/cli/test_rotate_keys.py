"""`passerelle rotate keys` goes in steps that no request notices, stops and goes on, and yields to others."""

import pytest

from cli import versions
from cli.aws import Service
from passerelle.keys import Keyring, parse_keyring
from tests.support.moto_server import Moto, moto
from tests.unit.cli.rotating import LIFETIME, SPREAD, Clock, Secret, clock, rotate, rotated_stack, stop

__all__ = ["clock", "moto", "rotated_stack"]

pytestmark = pytest.mark.usefixtures("clock", "rotated_stack")


@pytest.fixture
def keys(moto: Moto) -> Secret:
    secret = Secret(moto, "KeysSecret")
    secret.write({"key": "k" * 64})
    return secret


def sealed(keyring: Keyring) -> str:
    return keyring.seal("session", "here", b"contents")


def test_a_key_opens_everywhere_before_it_seals_anywhere(keys: Secret, clock: Clock) -> None:
    seen: list[Keyring] = []
    clock.meanwhile = lambda: seen.append(parse_keyring(keys.read()))
    before = parse_keyring(keys.read())
    assert rotate("keys") == 0
    after = parse_keyring(keys.read())
    assert SPREAD - 1 <= clock.waited <= SPREAD
    assert {len(each.keys) for each in seen} == {2}
    for holder in (before, *seen, after):
        for opener in (*seen, after):
            assert opener.open("session", "here", sealed(holder)) == b"contents"
    for holder in seen:
        assert before.open("session", "here", sealed(holder)) == b"contents"
    assert before.keys[-1] != after.keys[-1]
    assert {before.index_key, after.index_key, *(each.index_key for each in seen)} == {"k" * 64}


def test_shows_no_key(keys: Secret, capsys: pytest.CaptureFixture[str]) -> None:
    assert rotate("keys") == 0
    assert rotate("keys", "--show") == 0
    assert rotate("keys", "--show", "--json") == 0
    said = "".join(capsys.readouterr())
    assert [key for _, key in parse_keyring(keys.read()).keys if key in said] == []
    assert "needed until" in said
    assert "seals" in said


def test_stopped_it_goes_on_where_it_was(
    keys: Secret, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.meanwhile = stop
    assert rotate("keys") == 130
    assert "run the same command again" in capsys.readouterr().err
    added = keys.read()
    assert rotate("keys") == 130
    assert keys.read() == added
    clock.meanwhile, clock.waited = (lambda: None), 0
    clock.moved = SPREAD - 40
    assert rotate("keys") == 0
    assert 38 <= clock.waited <= 41
    assert parse_keyring(keys.read()).keys[-1] == parse_keyring(added).keys[0]


def test_two_operators_rotate_once(keys: Secret, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []

    def another() -> None:
        clock.meanwhile = lambda: None
        codes.append(rotate("keys"))

    clock.meanwhile = another
    codes.append(rotate("keys"))
    assert codes == [0, 0]
    assert len(keys.read()["keys"]) == 2
    assert "somebody else went on with it" in capsys.readouterr().out


def test_what_another_one_made_of_the_secret_meanwhile_is_left_alone(
    keys: Secret, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.meanwhile = lambda: keys.write({"key": "n" * 64})
    assert rotate("keys") == 1
    assert "changed by somebody else meanwhile" in capsys.readouterr().err
    assert keys.read() == {"key": "n" * 64}


def test_old_keys_are_dropped_when_no_session_needs_them(
    keys: Secret, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rotate("keys") == 0
    old, new = parse_keyring(keys.read()).keys
    clock.moved += SPREAD + LIFETIME
    assert rotate("keys", "--drop-old") == 1
    assert "No key can be dropped yet" in capsys.readouterr().out
    assert rotate("keys") == 0
    clock.moved += 24 * 3600
    assert rotate("keys", "--drop-old") == 0
    assert "Dropped: 0." in capsys.readouterr().out
    left = parse_keyring(keys.read())
    assert (left.keys[0], len(left.keys), left.index_key) == (new, 2, old[1])
    assert rotate("keys", "--drop-old") == 1


def test_a_key_of_which_no_time_is_known_is_not_dropped(keys: Secret, clock: Clock) -> None:
    by_hand = {"keys": [{"kid": "0", "key": "k" * 64}, {"kid": "1", "key": "l" * 64}], "index": "k" * 64}
    keys.write(by_hand | {"note": "ours"})
    clock.moved = 10 * LIFETIME
    assert rotate("keys", "--drop-old") == 1
    assert rotate("keys") == 0
    assert keys.read()["note"] == "ours"
    clock.moved += 2 * LIFETIME
    assert rotate("keys", "--drop-old") == 0
    assert len(keys.read()["keys"]) == 1


@pytest.mark.parametrize("value", [{}, {"key": "short"}, {"keys": "x", "index": "y"}, ["no object"]])
def test_what_is_no_keyring_is_told_and_left(
    keys: Secret, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.write(value)
    assert rotate("keys") == 2
    assert "the secret KeysSecret of stack the-stack" in capsys.readouterr().err
    assert keys.read() == value


def test_a_change_between_reading_and_writing_is_noticed(
    keys: Secret, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = versions.newest
    calls: list[str] = []

    def newest(service: Service, arn: str, name: str) -> versions.Version:
        calls.append(arn)
        if len(calls) == 1:
            keys.write({"key": "n" * 64})
        return read(service, arn, name)

    monkeypatch.setattr(versions, "newest", newest)
    assert rotate("keys") == 1
    assert "Nothing was written" in capsys.readouterr().err
    assert keys.read() == {"key": "n" * 64}


def test_a_change_in_the_very_moment_of_writing_is_told(
    keys: Secret, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = versions.newest

    def newest(service: Service, arn: str, name: str) -> versions.Version:
        version = read(service, arn, name)
        keys.write({"key": "n" * 64})
        return version

    monkeypatch.setattr(versions, "newest", newest)
    assert rotate("keys") == 1
    assert "at the same moment" in capsys.readouterr().err
