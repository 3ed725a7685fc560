"""What a session holds is sealed, to its place in the table and by keys that change."""

import json

import pytest

from passerelle.errors import SecretsUnavailable
from passerelle.keys import parse_keyring
from passerelle.sessions import live_session, open_contents, parse_cookie
from tests.support.doubles import NOW, SECRETS
from tests.unit.journey import make_signing_world, sign_in
from tests.unit.one_session import Made, change, is_live, make, stored

OLD, NEW = "k" * 64, "n" * 64
ROTATED = {"keys": [{"kid": "0", "key": OLD}, {"kid": "1", "key": NEW}], "index": OLD}


@pytest.fixture
def made() -> Made:
    return make()


def test_nothing_personal_lies_in_the_table_in_clear(made: Made) -> None:
    text = str(made[0].store.table.sessions) + str(made[0].store.table.marks)
    for value in ("ada@example.com", "mjt0ihu0vqqh", "the-refresh-token", "the-access-token"):
        assert value not in text


def test_contents_moved_to_another_session_do_not_open(made: Made) -> None:
    world, logto, mine = made
    contents = stored(world).contents
    logto.changes = {"sub": "bob"}
    theirs = parse_cookie(sign_in(world, logto).session_cookie)
    assert theirs
    key = theirs.user, theirs.id
    world.store.table.sessions[key] = world.store.table.sessions[key]._replace(contents=contents)
    assert not is_live(made, cookie=theirs.cookie_value)
    assert is_live(made, cookie=mine)


@pytest.mark.parametrize("contents", ["", "x", "0.AAAA", "0." + "A" * 400])
def test_contents_that_cannot_be_opened_are_no_session(made: Made, contents: str) -> None:
    change(made[0], contents=contents)
    assert not is_live(made)


def test_contents_of_another_release_are_no_crash(made: Made) -> None:
    world, _, cookie = made
    handle = parse_cookie(cookie)
    assert handle
    values: list[object] = [[1, 2], {"profile": {}}, None]
    for value in values:
        sealed = parse_keyring(SECRETS["keys"]).seal(
            "session", f"{handle.user}/{handle.id}", json.dumps(value).encode()
        )
        change(world, contents=sealed)
        assert not is_live(made)


def test_contents_survive_a_rotation_and_a_newer_key_is_fetched(made: Made) -> None:
    world, logto, cookie = made
    world.secrets.put("keys", ROTATED)
    assert is_live(made, NOW + 400)
    handle = parse_cookie(cookie)
    assert handle
    contents = open_contents(stored(world), world.services.secrets.keys, NOW + 400)
    sealed = parse_keyring(ROTATED).seal(
        "session", f"{handle.user}/{handle.id}", json.dumps(contents).encode()
    )
    change(world, contents=sealed)
    fresh, _ = make_signing_world()
    fresh.services.secrets.keys.get(NOW)
    fresh.secrets.put("keys", ROTATED)
    assert open_contents(stored(world), fresh.services.secrets.keys, NOW + 60)


def test_without_its_keys_it_says_so(made: Made) -> None:
    world, _ = make_signing_world()
    world.secrets.failure = SecretsUnavailable()
    services = made[0].services._replace(secrets=world.services.secrets)
    with pytest.raises(SecretsUnavailable):
        live_session(services, made[2], NOW)
