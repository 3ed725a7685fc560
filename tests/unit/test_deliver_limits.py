"""To nobody more messages than the limits allow; what did not go out is not counted."""

import json
from typing import Any

import pytest

from passerelle import blocks, keys
from passerelle.errors import LimitReached, MessageRefused, PasserelleError, StoreUnavailable
from passerelle.otp.deliver import deliver
from passerelle.otp.limits import limit_key
from tests.support.doubles import NOW, SECRETS, make_world
from tests.support.journal import Json
from tests.support.mail_doubles import ScriptedMailer
from tests.unit.sending import ACCEPTED, BODY, ask, codes

KEYRING = keys.parse_keyring(SECRETS["keys"])


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


@pytest.mark.parametrize("name", ["SEND_LIMIT_DOMAIN", "SEND_BUDGET"])
def test_what_was_sent_is_not_refused_when_a_limit_of_many_is_used_up(name: str) -> None:
    world = make_world(**{name: "1", "SEND_BUDGET_REFUSES": "true"})  # type: ignore[arg-type]
    ask(world)
    with pytest.raises(LimitReached):
        ask(world, 1, payload={"code": "2"})
    ask(world, 2)
    assert codes(world) == ["123456"]


def test_a_limit_of_many_leaves_that_of_the_address_and_the_message_itself_alone() -> None:
    world = make_world(SEND_LIMIT_DOMAIN="1", SEND_LIMIT_ADDRESS="2")
    ask(world, to="bob@example.com")
    for _ in range(5):
        with pytest.raises(LimitReached, match="by domain"):
            ask(world)
    assert world.messages.counts[limit_key(KEYRING, "ada@example.com"), blocks.window_of(NOW)] == 0
    ask(world, 3600)
    assert codes(world) == ["123456", "123456"]


_EACH = ("SEND_LIMIT_ADDRESS", "SEND_LIMIT_IP", "SEND_LIMIT_DOMAIN", "SEND_BUDGET")
LIMITS_OF_ONE: dict[str, Any] = dict.fromkeys(_EACH, "1")


@pytest.mark.parametrize(
    "answer",
    [(401, ""), (402, ""), (404, ""), (429, ""), (500, ""), (200, "?"), RuntimeError("a bug")],
    ids=str,
)
def test_what_mailgun_or_the_operator_got_wrong_counts_against_nobody(answer: Any) -> None:
    passing = isinstance(answer, tuple) and answer[0] in (429, 500)
    mailer = ScriptedMailer(*[answer] * (2 if passing else 1), ACCEPTED)
    world = make_world(mailer=mailer, SEND_BUDGET_REFUSES="true", **LIMITS_OF_ONE)
    with pytest.raises((PasserelleError, RuntimeError)):
        ask(world, ip="93.184.216.34")
    ask(world, 1, ip="93.184.216.34", payload={"code": "2"})
    assert world.mailer.sent[-1].form["text"].split("\n\n")[1] == "2"


def test_an_address_that_mailgun_refuses_counts() -> None:
    refused = (400, '{"message":"to parameter is not a valid address"}')
    world = make_world(mailer=ScriptedMailer(refused), SEND_LIMIT_ADDRESS="1")
    with pytest.raises(MessageRefused):
        ask(world)
    with pytest.raises(LimitReached):
        ask(world, 1)


def test_without_the_counters_of_domain_and_budget_messages_go_out() -> None:
    world = make_world()

    def fail(*_: Any) -> int:
        raise StoreUnavailable(reason="throttled")

    services = world.services._replace(blocks=blocks.Blocks(fail))
    deliver(services, json.dumps(BODY).encode(), NOW)
    assert codes(world) == ["123456"]


def test_the_domain_s_limit_counts_both_ways_to_write_it() -> None:
    world = make_world(SEND_LIMIT_DOMAIN="2")
    for address in ("a@b\u00fccher.example", "b@xn--bcher-kva.example"):
        ask(world, to=address)
    with pytest.raises(LimitReached):
        ask(world, to="c@B\u00dcCHER.example")
