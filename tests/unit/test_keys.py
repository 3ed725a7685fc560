"""What is sealed opens in its own place only, and with any key that is still held."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import Misconfigured
from passerelle.keys import Keyring, SealBroken, UnknownKey, decode, encode, parse_keyring, random_value

FIRST, SECOND = "a" * 64, "b" * 64
ONE = parse_keyring({"key": FIRST})
ROTATED = parse_keyring(
    {"keys": [{"kid": "0", "key": FIRST}, {"kid": "1", "key": SECOND}], "index": FIRST},
)
MEMBERS = st.text(min_size=0, max_size=30)


@given(MEMBERS, MEMBERS, st.binary(max_size=200))
def test_opens_what_it_sealed(purpose: str, binding: str, plaintext: bytes) -> None:
    assert ONE.open(purpose, binding, ONE.seal(purpose, binding, plaintext)) == plaintext


@given(MEMBERS, MEMBERS)
def test_refuses_another_purpose(purpose: str, other: str) -> None:
    if purpose != other:
        with pytest.raises(SealBroken):
            ONE.open(other, "here", ONE.seal(purpose, "here", b"x"))


@given(MEMBERS, MEMBERS)
def test_refuses_another_place(binding: str, other: str) -> None:
    if binding != other:
        with pytest.raises(SealBroken):
            ONE.open("p", other, ONE.seal("p", binding, b"x"))


@given(st.binary(max_size=40), st.integers(0), st.integers(1, 255))
def test_refuses_when_any_byte_was_changed(plaintext: bytes, place: int, change: int) -> None:
    kid, _, text = ONE.seal("p", "b", plaintext).partition(".")
    raw = bytearray(decode(text))
    raw[place % len(raw)] ^= change
    with pytest.raises(SealBroken):
        ONE.open("p", "b", f"{kid}.{encode(bytes(raw))}")


@given(st.integers(0, 60))
def test_refuses_what_was_cut(length: int) -> None:
    sealed = ONE.seal("p", "b", b"")
    with pytest.raises(SealBroken):
        ONE.open("p", "b", sealed[: min(length, len(sealed) - 2)])


@given(st.text(max_size=60))
def test_refuses_what_nobody_sealed(text: str) -> None:
    with pytest.raises(SealBroken):
        ONE.open("p", "b", text)
    with pytest.raises(SealBroken):
        ONE.open("p", "b", f"0.{text}")


def test_seals_the_same_text_differently_each_time() -> None:
    assert len({ONE.seal("p", "b", b"same") for _ in range(50)}) == 50


def test_seals_into_what_a_cookie_may_hold() -> None:
    assert set(ONE.seal("p", "b", bytes(range(256)))) <= set(string.ascii_letters + string.digits + "-_.")


def test_seals_under_the_newest_key_and_opens_under_any() -> None:
    assert ROTATED.open("p", "b", ONE.seal("p", "b", b"old")) == b"old"
    assert ROTATED.open("p", "b", ROTATED.seal("p", "b", b"new")) == b"new"
    with pytest.raises(UnknownKey):
        ONE.open("p", "b", ROTATED.seal("p", "b", b"new"))


def test_does_not_take_one_key_for_another_of_the_same_name() -> None:
    with pytest.raises(SealBroken) as refusal:
        parse_keyring({"key": SECOND}).open("p", "b", ONE.seal("p", "b", b"x"))
    assert not isinstance(refusal.value, UnknownKey)


def test_hashes_stay_the_same_over_a_rotation() -> None:
    assert ONE.index_hash("user", "ada") == ROTATED.index_hash("user", "ada")


def test_hashes_differ_by_purpose_value_and_key() -> None:
    other = parse_keyring({"key": SECOND})
    hashes = [
        ONE.index_hash("user", "ada"),
        ONE.index_hash("user", "bob"),
        ONE.index_hash("mail", "ada"),
        other.index_hash("user", "ada"),
    ]
    assert len(set(hashes)) == 4
    assert {len(value) for value in hashes} == {32}


def test_does_not_show_its_keys() -> None:
    shown = f"{ROTATED!r} {ROTATED!s} {[ROTATED]}"
    assert FIRST not in shown
    assert SECOND not in shown


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"key": ""},
        {"key": "a" * 31},
        {"keys": [], "index": FIRST},
        {"keys": [{"kid": "1", "key": FIRST}]},
        {"keys": [{"kid": "1", "key": "short"}], "index": FIRST},
        {"keys": [{"kid": "1", "key": FIRST}], "index": "short"},
        {"keys": [{"kid": "1", "key": FIRST}, {"kid": "1", "key": SECOND}], "index": FIRST},
        {"keys": [{"key": FIRST}], "index": FIRST},
        {"keys": [{"kid": "a.b", "key": FIRST}], "index": FIRST},
        {"keys": [{"kid": "a;b", "key": FIRST}], "index": FIRST},
        {"keys": [{"kid": "1"}], "index": FIRST},
    ],
)
def test_refuses_a_keyring_with_a_missing_or_weak_key(secret: dict[str, object]) -> None:
    with pytest.raises(Misconfigured) as refusal:
        parse_keyring(secret)
    assert FIRST not in str(refusal.value)


def test_random_values_have_256_bits_and_do_not_repeat() -> None:
    values = {random_value() for _ in range(1000)}
    assert len(values) == 1000
    assert {len(decode(value)) for value in values} == {32}
    assert {len(value) for value in values} == {43}


@given(st.binary(max_size=100))
def test_encoding_is_reversible_and_unpadded(raw: bytes) -> None:
    assert decode(encode(raw)) == raw
    assert "=" not in encode(raw)


def test_a_keyring_is_newest_last() -> None:
    assert Keyring((("0", FIRST), ("1", SECOND)), FIRST).seal("p", "b", b"").startswith("1.")
