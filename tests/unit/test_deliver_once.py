"""A message is sent once, and not never; and to no address that bounced."""

from typing import Any

import pytest

from passerelle import blocks, keys
from passerelle.errors import (
    MailerUnavailable,
    MessageRefused,
    Misconfigured,
    StoreUnavailable,
)
from passerelle.otp.deliver import BUDGET_SECONDS, DEAD_AFTER_SECONDS, ONCE_SECONDS
from passerelle.otp.limits import limit_key, suppression_key
from passerelle.otp.ports import DeliveryEvent
from tests.support.doubles import NOW, SECRETS, make_world
from tests.support.mail_doubles import ScriptedMailer
from tests.unit.sending import ACCEPTED, ask, codes

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


@pytest.mark.parametrize(
    ("kinds", "told"),
    [(["bounce"], "has bounced"), (["bounce", "complaint"], "complained"), (["unsubscribe"], "unsubscribed")],
)
def test_the_log_says_why_an_address_gets_nothing(kinds: list[Any], told: str) -> None:
    world = make_world()
    address = suppression_key(KEYRING, "ada@example.com")
    for kind in kinds:
        event = DeliveryEvent(kind, "", "failed", NOW, "x", address, kind)
        world.messages.note_event(event, NOW + 60, NOW + 3600)
    with pytest.raises(MessageRefused, match=told):
        ask(world)


def test_a_bounce_of_a_look_alike_is_nobody_else_s() -> None:
    world = make_world()
    for number, address in enumerate(["\u017fmith@example.com", "\u212aim@example.com"]):
        key = suppression_key(KEYRING, address)
        event = DeliveryEvent(str(number), "", "bounced", NOW, "bounce", key, "bounce")
        world.messages.note_event(event, NOW + 60, NOW + 3600)
    for address in ("smith@example.com", "kim@example.com"):
        ask(world, to=address)
    assert len(world.mailer.sent) == 2


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
