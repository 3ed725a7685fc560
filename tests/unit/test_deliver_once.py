"""A message is sent once, and not never; to nobody more often than the limits allow."""

import json
from typing import Any

import pytest

from passerelle import blocks, keys
from passerelle.errors import (
    LimitReached,
    MailerUnavailable,
    MessageRefused,
    Misconfigured,
    StoreUnavailable,
)
from passerelle.otp.deliver import BUDGET_SECONDS, DEAD_AFTER_SECONDS, ONCE_SECONDS, deliver
from passerelle.otp.limits import limit_key, suppression_key
from passerelle.otp.ports import DeliveryEvent
from tests.support.doubles import NOW, SECRETS, make_world
from tests.support.journal import Json
from tests.support.mail_doubles import ScriptedMailer
from tests.unit.sending import ACCEPTED, BODY, ask, codes

KEYRING = keys.parse_keyring(SECRETS["keys"])


def test_the_same_code_of_the_same_type_to_the_same_address_is_sent_once() -> None:
    world = make_world()
    for at in (0, 1, ONCE_SECONDS - 1):
        ask(world, at)
    assert codes(world) == ["123456"]
    assert world.messages.counts[limit_key(KEYRING, "ada@example.com"), blocks.window_of(NOW)] == 1


@pytest.mark.parametrize(
    "changed",
    [{"payload": {"code": "654321"}}, {"type": "Register"}, {"to": "bob@example.com"}],
    ids=["code", "type", "address"],
)
def test_another_code_type_or_address_is_another_message(changed: dict[str, Any]) -> None:
    world = make_world()
    ask(world)
    ask(world, **changed)
    assert len(world.mailer.sent) == 2


def test_after_ten_minutes_the_same_code_is_another_one() -> None:
    world = make_world()
    ask(world)
    ask(world, ONCE_SECONDS + 1)
    assert len(world.mailer.sent) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "Generic", "payload": {"code": "000000"}},
        {"type": "OrganizationInvitation", "payload": {"link": "https://x.example", "organization": {}}},
    ],
    ids=["connector test", "invitation"],
)
def test_what_is_the_same_each_time_is_sent_each_time(changed: dict[str, Any]) -> None:
    world = make_world()
    ask(world, **changed)
    ask(world, **changed)
    assert len(world.mailer.sent) == 2
    assert len({sent.form["v:delivery-id"] for sent in world.mailer.sent}) == 2


def test_a_message_that_failed_is_sent_when_it_is_asked_for_again() -> None:
    world = make_world(mailer=ScriptedMailer((402, ""), ACCEPTED))
    with pytest.raises(Misconfigured):
        ask(world)
    ask(world, 1)
    assert len(world.mailer.sent) == 2


def test_who_died_while_sending_is_followed_by_whoever_asks_after_its_budget() -> None:
    world = make_world(mailer=ScriptedMailer(RuntimeError("killed"), ACCEPTED))
    world.messages.settle = lambda *_, **__: None  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        ask(world)
    del world.messages.settle
    ask(world, DEAD_AFTER_SECONDS + 1)
    assert len(world.mailer.sent) == 2


def test_who_asks_while_another_one_is_sending_waits_for_it_and_not_for_ever() -> None:
    world = make_world()
    ask(world)
    [(delivery_id, record)] = world.messages.records.items()
    world.messages.records[delivery_id] = record._replace(state="sending", settled_at=None)
    with pytest.raises(MailerUnavailable, match="delivery_unfinished"):
        ask(world, 1)
    assert world.clock.time <= NOW + 1 + BUDGET_SECONDS + 1
    assert len(world.mailer.sent) == 1


def test_an_address_that_bounced_is_not_tried() -> None:
    world = make_world()
    address = suppression_key(KEYRING, "Ada@Example.com")
    event = DeliveryEvent("t", "", "bounced", NOW, "bounce", address, "bounce")
    world.messages.note_event(event, NOW + 60, NOW + 3600)
    with pytest.raises(MessageRefused, match="message_refused"):
        ask(world)
    assert not world.mailer.sent
    ask(world, 3601)
    assert len(world.mailer.sent) == 1


def test_a_bounce_of_a_look_alike_is_nobody_else_s() -> None:
    world = make_world()
    for number, address in enumerate(["\u017fmith@example.com", "\u212aim@example.com"]):
        key = suppression_key(KEYRING, address)
        event = DeliveryEvent(str(number), "", "bounced", NOW, "bounce", key, "bounce")
        world.messages.note_event(event, NOW + 60, NOW + 3600)
    for address in ("smith@example.com", "kim@example.com"):
        ask(world, to=address)
    assert len(world.mailer.sent) == 2


def test_the_domain_s_limit_counts_both_ways_to_write_it() -> None:
    world = make_world(SEND_LIMIT_DOMAIN="2")
    for address in ("a@b\u00fccher.example", "b@xn--bcher-kva.example"):
        ask(world, to=address)
    with pytest.raises(LimitReached):
        ask(world, to="c@B\u00dcCHER.example")


def test_an_outcome_that_cannot_be_noted_fails_nobody() -> None:
    world = make_world()
    real = world.messages.settle

    def fail(*_: Any, **__: Any) -> None:
        raise StoreUnavailable(reason="down")

    world.messages.settle = fail  # type: ignore[method-assign]
    ask(world)
    world.messages.settle = real  # type: ignore[method-assign]
    assert len(world.mailer.sent) == 1


def test_without_the_table_nothing_is_sent() -> None:
    world = make_world()
    world.messages.failure = StoreUnavailable(reason="down")
    with pytest.raises(StoreUnavailable):
        ask(world)
    assert not world.mailer.sent


def test_a_limit_says_when_it_ends() -> None:
    world = make_world(SEND_LIMIT_ADDRESS="1")
    ask(world)
    with pytest.raises(LimitReached) as refusal:
        ask(world, 2, payload={"code": "2"})
    assert refusal.value.retry_after is not None
    assert refusal.value.retry_after + NOW + 2 == pytest.approx((blocks.window_of(NOW) + 1) * 3600, abs=1)
    ask(world, 3602, payload={"code": "3"})
    assert len(world.mailer.sent) == 2


def test_an_ip_that_is_behind_many_addresses_is_limited_and_one_that_tells_nobody_apart_is_not() -> None:
    world = make_world(SEND_LIMIT_IP="2", SEND_LIMIT_ADDRESS="0")
    for number, ip in enumerate(["2001:db8::1", "::ffff:10.0.0.1", "192.168.1.1", None, "nonsense"]):
        for turn in range(4):
            ask(world, to=f"{number}.{turn}@example.com", ip=ip)
    for turn in range(2):
        ask(world, to=f"{turn}@example.com", ip="::ffff:93.184.216.34")
    with pytest.raises(LimitReached):
        ask(world, to="x@example.com", ip="93.184.216.34")
    ask(world, to="x@example.com", ip="93.184.216.35")


@pytest.mark.parametrize(
    ("name", "recipient"), [("SEND_LIMIT_DOMAIN", "{}@example.com"), ("SEND_BUDGET", "a@x{}.example")]
)
def test_domain_and_budget_are_limits_too(name: str, recipient: str) -> None:
    world = make_world(**{name: "3", "SEND_BUDGET_REFUSES": "true"})  # type: ignore[arg-type]
    for number in range(3):
        ask(world, to=recipient.format(number))
    with pytest.raises(LimitReached):
        ask(world, to=recipient.format(3))
    assert len(world.mailer.sent) == 3


def test_beyond_the_budget_messages_go_out_and_an_alarm_is_raised(journal: list[Json]) -> None:
    world = make_world(SEND_BUDGET="2")
    for number in range(4):
        ask(world, to=f"{number}@example.com")
    assert len(world.mailer.sent) == 4
    outcomes = [line["outcome"] for line in journal if line["event"] == "message_accepted"]
    assert outcomes == ["accepted"] * 2 + ["over_budget"] * 2


def test_what_is_not_sent_does_not_use_up_domain_and_budget() -> None:
    world = make_world(SEND_BUDGET="2", SEND_LIMIT_DOMAIN="2", SEND_BUDGET_REFUSES="true")
    for _ in range(5):
        ask(world)
    ask(world, payload={"code": "2"})
    with pytest.raises(LimitReached):
        ask(world, payload={"code": "3"})
    assert codes(world) == ["123456", "2"]


def test_without_the_counters_of_domain_and_budget_messages_go_out() -> None:
    world = make_world()

    def fail(*_: Any) -> int:
        raise StoreUnavailable(reason="throttled")

    services = world.services._replace(blocks=blocks.Blocks(fail))
    deliver(services, json.dumps(BODY).encode(), NOW)
    assert codes(world) == ["123456"]
