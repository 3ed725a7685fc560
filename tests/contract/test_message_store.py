"""The promises of the MessageStore, kept by DynamoDB and by its double alike."""

import secrets
from typing import Any

import pytest

from passerelle.adapters import aws
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.otp.ports import Claim, Claimed, Count, DeliveryEvent, MessageRecord, MessageStore
from tests.contract.callers import Boto3Caller, at_once
from tests.support.doubles import NOW
from tests.support.mail_doubles import MemoryMessages
from tests.support.moto_server import Moto

LATER = NOW + 3600
WINDOW = NOW // 3600


@pytest.fixture(params=["memory", "dynamodb", "dynamodb by boto3"])
def store(request: pytest.FixtureRequest) -> MessageStore:
    if request.param == "memory":
        return MemoryMessages()
    moto: Moto = request.getfixturevalue("moto")
    caller = aws.dynamodb(moto.url) if request.param == "dynamodb" else Boto3Caller(moto.url)
    return DynamoDBMessages(moto.table, caller)


def key() -> str:
    return secrets.token_urlsafe(16)


def claim(at: float = NOW, **changed: Any) -> Claim:
    made = Claim(
        delivery_id=key(),
        taker=key(),
        address="address#" + key(),
        counts=(),
        claimed_at=at,
        dead_before=at - 10,
        forgotten_before=at - 600,
        delete_after=LATER,
    )
    return made._replace(**changed)


def again(first: Claim, at: float, **changed: Any) -> Claim:
    """Somebody else's claim of the same message."""
    same = {"delivery_id": first.delivery_id, "address": first.address, "counts": first.counts}
    return claim(at, **{**same, **changed})


def event(message: Claim | None = None, **changed: Any) -> DeliveryEvent:
    address, delivery_id = (
        ("address#" + key(), "") if message is None else (message.address, message.delivery_id)
    )
    made = DeliveryEvent(key(), delivery_id, "delivered", NOW + 1.5, "", address, "")
    return made._replace(**changed)


def suppressed(*kinds: Any) -> Claimed:
    return Claimed("suppressed", suppressions=frozenset(kinds))


def note(store: MessageStore, noted: DeliveryEvent) -> bool:
    return store.note_event(noted, LATER, LATER)


def test_a_message_is_claimed_once(store: MessageStore) -> None:
    first = claim()
    assert store.claim(first) == Claimed("taken")
    assert store.claim(again(first, NOW + 1)) == Claimed("sending")
    assert store.claim(claim()) == Claimed("taken")


def test_of_fifty_who_claim_a_message_one_has_it(store: MessageStore) -> None:
    first = claim()
    outcomes = at_once(lambda _: store.claim(again(first, NOW)).outcome)
    assert sorted(outcomes) == ["sending"] * 49 + ["taken"]


def test_a_claim_is_read_back(store: MessageStore) -> None:
    first = claim(NOW + 0.125)
    assert store.record(first.delivery_id) is None
    store.claim(first)
    assert store.record(first.delivery_id) == MessageRecord("sending", NOW + 0.125, None)
    store.settle(first, accepted=True, at=NOW + 1.25)
    assert store.record(first.delivery_id) == MessageRecord("accepted", NOW + 0.125, NOW + 1.25)


def test_an_accepted_message_is_not_taken_again_until_it_is_forgotten(store: MessageStore) -> None:
    first = claim()
    store.claim(first)
    store.settle(first, accepted=True, at=NOW + 1)
    for at in (NOW + 2, NOW + 11, NOW + 600):
        assert store.claim(again(first, at)) == Claimed("accepted")
    assert store.claim(again(first, NOW + 601)) == Claimed("taken")


def test_a_failed_message_is_taken_again_at_once(store: MessageStore) -> None:
    first = claim()
    store.claim(first)
    store.settle(first, accepted=False, at=NOW + 1)
    assert store.record(first.delivery_id) == MessageRecord("failed", NOW, NOW + 1)
    assert store.claim(again(first, NOW + 1)) == Claimed("taken")


def test_a_claim_of_the_dead_is_taken_over_by_one(store: MessageStore) -> None:
    first = claim()
    store.claim(first)
    assert store.claim(again(first, NOW + 10)) == Claimed("sending")
    outcomes = at_once(lambda _: store.claim(again(first, NOW + 11)).outcome, 20)
    assert sorted(outcomes) == ["sending"] * 19 + ["taken"]


def test_who_was_taken_for_dead_settles_nothing(store: MessageStore) -> None:
    first = claim()
    store.claim(first)
    second = again(first, NOW + 11)
    store.claim(second)
    store.settle(first, accepted=False, at=NOW + 12)
    assert store.record(first.delivery_id) == MessageRecord("sending", NOW + 11, None)
    store.settle(second, accepted=True, at=NOW + 13)
    assert store.claim(again(first, NOW + 14)) == Claimed("accepted")


def test_settling_what_nobody_claimed_leaves_nothing(store: MessageStore) -> None:
    unclaimed = claim()
    store.settle(unclaimed, accepted=True, at=NOW)
    assert store.record(unclaimed.delivery_id) is None


def test_messages_are_counted_as_far_as_their_limits_go(store: MessageStore) -> None:
    address, client = Count("address#" + key(), WINDOW, 2), Count("ip#" + key(), WINDOW, 3)
    taken = [store.claim(claim(counts=(address, client))) for _ in range(3)]
    assert taken == [Claimed("taken"), Claimed("taken"), Claimed("limited", address.key)]
    assert store.claim(claim(counts=(client,))) == Claimed("taken")
    assert store.claim(claim(counts=(client,))) == Claimed("limited", client.key)
    assert store.claim(claim(counts=(client._replace(window=WINDOW + 1),))) == Claimed("taken")


def test_what_is_not_taken_is_not_counted(store: MessageStore) -> None:
    count, full = Count("address#" + key(), WINDOW, 2), Count("ip#" + key(), WINDOW, 1)
    store.reserve(full.key, WINDOW, 1, LATER)
    first = claim(counts=(count,))
    store.claim(first)
    store.claim(again(first, NOW + 1))
    assert store.claim(claim(counts=(count, full))) == Claimed("limited", full.key)
    assert store.claim(claim(counts=(count,))) == Claimed("taken")
    assert store.claim(claim(counts=(count,))) == Claimed("limited", count.key)


def test_of_fifty_messages_at_once_as_many_pass_as_the_limit_says(store: MessageStore) -> None:
    count = Count("address#" + key(), WINDOW, 7)
    outcomes = at_once(lambda _: store.claim(claim(counts=(count,))).outcome)
    assert sorted(outcomes) == ["limited"] * 43 + ["taken"] * 7


def test_what_failed_is_taken_off_its_counters_once(store: MessageStore) -> None:
    address, client = Count("address#" + key(), WINDOW, 1), Count("ip#" + key(), WINDOW, 1)
    first = claim(counts=(address, client))
    store.claim(first)
    at_once(lambda _: store.settle(first, accepted=False, at=NOW + 1), 10)
    for count in (address, client):
        assert store.claim(claim(counts=(count,))) == Claimed("taken")
        assert store.claim(claim(counts=(count,))) == Claimed("limited", count.key)


def test_what_was_accepted_or_failed_without_counters_stays_counted(store: MessageStore) -> None:
    count = Count("address#" + key(), WINDOW, 2)
    first, second = claim(counts=(count,)), claim(counts=(count,))
    for message in (first, second):
        store.claim(message)
    store.settle(first, accepted=True, at=NOW + 1)
    store.settle(second._replace(counts=()), accepted=False, at=NOW + 1)
    assert store.record(second.delivery_id) == MessageRecord("failed", NOW, NOW + 1)
    assert store.claim(claim(counts=(count,))) == Claimed("limited", count.key)


def test_who_was_taken_for_dead_takes_nothing_off_a_counter(store: MessageStore) -> None:
    count = Count("address#" + key(), WINDOW, 2)
    first = claim(counts=(count,))
    store.claim(first)
    store.claim(again(first, NOW + 11))
    store.settle(first, accepted=False, at=NOW + 12)
    assert store.claim(claim(counts=(count,))) == Claimed("limited", count.key)


def test_reserving_adds_and_returns_the_sum(store: MessageStore) -> None:
    name = key()
    assert [store.reserve(name, WINDOW, amount, LATER) for amount in (5, 1, 10)] == [5, 6, 16]
    assert store.reserve(name, WINDOW + 1, 2, LATER) == 2
    assert max(at_once(lambda _: store.reserve(name, WINDOW, 2, LATER))) == 116


def test_an_event_is_taken_once(store: MessageStore) -> None:
    told = event()
    assert note(store, told) is True
    assert note(store, told) is False
    assert sorted(at_once(lambda _: note(store, event(token=told.token + "x")))) == [False] * 49 + [True]


def test_an_event_that_is_ignored_uses_up_its_token(store: MessageStore) -> None:
    ignored = DeliveryEvent(key(), "", "ignored", NOW, "", "", "")
    assert note(store, ignored) is True
    assert note(store, event(token=ignored.token, suppression="bounce")) is False


def test_an_event_is_noted_on_its_message_or_on_none(store: MessageStore) -> None:
    first = claim()
    store.claim(first)
    store.settle(first, accepted=True, at=NOW + 1)
    assert note(store, event(first)) is True
    unknown = claim()
    assert note(store, event(unknown, suppression="bounce", kind="bounced")) is True
    assert store.record(first.delivery_id) == MessageRecord("accepted", NOW, NOW + 1)
    assert store.record(unknown.delivery_id) is None
    assert store.claim(unknown) == suppressed("bounce")


@pytest.mark.parametrize("kind", ["bounce", "complaint", "unsubscribe"])
def test_a_suppressed_address_takes_no_message_until_that_has_passed(store: MessageStore, kind: str) -> None:
    count = Count("address#" + key(), WINDOW, 1)
    first = claim(counts=(count,))
    note(store, event(first, suppression=kind))
    assert store.claim(first) == suppressed(kind)
    assert store.claim(again(first, LATER + 1)) == Claimed("taken")


def test_a_bounce_can_be_cleared_and_a_complaint_not(store: MessageStore) -> None:
    bounced, complained, both = claim(), claim(), claim()
    for message, kinds in (
        (bounced, ["bounce"]),
        (complained, ["complaint"]),
        (both, ["complaint", "bounce"]),
    ):
        for kind in kinds:
            note(store, event(message, suppression=kind))
        assert store.claim(message) == suppressed(*kinds)
        store.clear_suppression(message.address)
    assert store.claim(bounced) == Claimed("taken")
    assert store.claim(complained) == suppressed("complaint")
    assert store.claim(both) == suppressed("complaint")
    store.clear_suppression("address#nobody")
