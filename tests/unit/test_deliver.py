"""`POST /send-otp` lets the connector in, and sends each message once, within its limits and its time."""

import json
from email.utils import formatdate
from typing import Any

import pytest

from passerelle import keys
from passerelle.errors import (
    BearerRefused,
    InvalidRequest,
    MailerUnavailable,
    MessageRefused,
    Misconfigured,
    PasserelleError,
)
from passerelle.otp.deliver import deliver, demand_bearer
from tests.support.doubles import CONNECTOR_TOKEN, NOW, SECRETS, make_services, make_world
from tests.support.mail_doubles import ScriptedMailer
from tests.unit.sending import ACCEPTED, BODY, ask, codes

MAILGUN = dict(SECRETS["mailgun"])
DOWN = MailerUnavailable(reason="no answer")
KEYRING = keys.parse_keyring(SECRETS["keys"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_lets_the_connector_in(scheme: str) -> None:
    demand_bearer(make_services(), f"{scheme} {CONNECTOR_TOKEN}", NOW)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", CONNECTOR_TOKEN, f"Basic {CONNECTOR_TOKEN}", f"Bearer {CONNECTOR_TOKEN}x",
     f"Bearer {CONNECTOR_TOKEN[:-1]}", f"Bearer  {CONNECTOR_TOKEN}", f"Bearer {CONNECTOR_TOKEN.upper()}",
     "Bearer é",
     f"Bearer {CONNECTOR_TOKEN} x"],
)  # fmt: skip
def test_lets_nobody_else_in(header: str | None) -> None:
    with pytest.raises(BearerRefused) as refusal:
        demand_bearer(make_services(), header, NOW)
    assert CONNECTOR_TOKEN not in str(refusal.value)


def test_any_of_several_tokens_lets_in() -> None:
    world = make_world()
    world.secrets.put("connector", {"tokens": ["the-older-token-of-it", "the-newer-token-of-it"]})
    for token in ("the-older-token-of-it", "the-newer-token-of-it"):
        demand_bearer(world.services, f"Bearer {token}", NOW)


def test_a_token_that_was_added_since_is_fetched_but_strangers_cost_little() -> None:
    world = make_world()
    demand_bearer(world.services, f"Bearer {CONNECTOR_TOKEN}", NOW)
    world.secrets.put("connector", {"tokens": [CONNECTOR_TOKEN, "the-newer-token-of-it"]})
    demand_bearer(world.services, "Bearer the-newer-token-of-it", NOW + 30)
    for second in range(29):
        with pytest.raises(BearerRefused):
            demand_bearer(world.services, "Bearer guess", NOW + 31 + second)
    assert world.secrets.reads["connector"] == 2


def test_sends_what_logto_asks_for_through_mailgun() -> None:
    world = make_world()
    ask(world)
    [sent] = world.mailer.sent
    assert (sent.endpoint, sent.domain, sent.api_key) == (
        MAILGUN["endpoint"], MAILGUN["domain"], MAILGUN["apiKey"],
    )  # fmt: skip
    assert sent.form["to"] == "ada@example.com"
    assert codes(world) == ["123456"]
    [record] = world.messages.records.values()
    assert record.state == "accepted"


def test_the_settings_decide_how_the_request_looks() -> None:
    world = make_world(MAILGUN_COMPAT="logto", MAILGUN_REQUIRE_TLS="false")
    ask(world)
    assert set(world.mailer.sent[0].form) == {"from", "to", "subject", "html", "text"}


@pytest.mark.parametrize(
    ("answer", "kind", "code", "cause"),
    [
        ((200, "Mailgun Magnificent API"), Misconfigured, "delivery_failed", "answer_unexpected"),
        ((400, '{"message":"to parameter is not a valid address"}'), MessageRefused, "message_refused",
         "recipient_invalid"),
        ((400, '{"message":"Domain x is not allowed to send: Sandbox"}'), Misconfigured, "delivery_failed",
         "sandbox_recipient_not_authorised"),
        ((401, "Forbidden"), Misconfigured, "delivery_failed", "mailgun_auth_failed"),
        ((404, '{"message":"Domain not found: x"}'), Misconfigured, "delivery_failed", "domain_not_found"),
    ],
)  # fmt: skip
def test_says_whose_fault_it_is_when_mailgun_does_not_take_it(
    answer: tuple[int, str], kind: type, code: str, cause: str
) -> None:
    world = make_world(mailer=ScriptedMailer(answer))
    with pytest.raises(PasserelleError) as refusal:
        ask(world)
    assert isinstance(refusal.value, kind)
    assert (refusal.value.code, cause in refusal.value.reason) == (code, True)
    assert len(world.mailer.sent) == 1
    for told in ("123456", "ada@example.com", "the-api-key", "not a valid address"):
        assert told not in str(refusal.value)


@pytest.mark.parametrize("first", [DOWN, (500, ""), (503, "oops"), (429, "")], ids=str)
def test_what_may_pass_is_tried_once_more_with_the_same_message(first: Any) -> None:
    world = make_world(mailer=ScriptedMailer(first, ACCEPTED))
    ask(world)
    one, two = world.mailer.sent
    assert one == two
    assert 0.1 <= world.clock.time - NOW <= 0.5


@pytest.mark.parametrize("last", [DOWN, (500, ""), (429, "")], ids=str)
def test_what_does_not_pass_is_not_tried_a_third_time(last: Any) -> None:
    world = make_world(mailer=ScriptedMailer(last))
    with pytest.raises(MailerUnavailable, match="mailer_unavailable"):
        ask(world)
    assert len(world.mailer.sent) == 2


@pytest.mark.parametrize(("seconds", "tries"), [(3, 2), (7, 1), (3600, 1)])
def test_mailgun_is_asked_again_when_it_wants_to_be_if_that_is_in_time(seconds: int, tries: int) -> None:
    at = NOW + seconds
    said = f"Domain x is not allowed to send: request limit exceeded, try again after {formatdate(at)}"
    world = make_world(mailer=ScriptedMailer((429, json.dumps({"message": said})), ACCEPTED))
    if tries == 1:
        with pytest.raises(MailerUnavailable):
            ask(world)
        assert world.clock.time == NOW
    else:
        ask(world)
        assert world.clock.time >= NOW + seconds
    assert len(world.mailer.sent) == tries


def test_a_mailer_that_used_up_the_time_is_not_tried_again() -> None:
    world = make_world()

    class Slow(ScriptedMailer):
        def send(self, *arguments: Any) -> tuple[int, str]:
            world.clock.sleep(7.5)
            super().send(*arguments)
            raise DOWN

    mailer = Slow()
    world = world._replace(mailer=mailer, services=world.services._replace(mailer=mailer))
    with pytest.raises(MailerUnavailable):
        ask(world)
    assert len(mailer.sent) == 1


def test_a_key_that_was_rotated_is_read_once_more() -> None:
    world = make_world(mailer=ScriptedMailer((401, "Forbidden"), ACCEPTED))
    world.services.secrets.mailgun.get(NOW - 60)
    world.secrets.put("mailgun", MAILGUN | {"apiKey": "the-newer-key"})
    ask(world)
    assert [sent.api_key for sent in world.mailer.sent] == ["the-api-key", "the-newer-key"]
    assert len({sent.form["v:delivery-id"] for sent in world.mailer.sent}) == 1


def test_a_key_that_is_wrong_and_unchanged_is_not_tried_again() -> None:
    world = make_world(mailer=ScriptedMailer((401, "Forbidden")))
    world.services.secrets.mailgun.get(NOW - 60)
    with pytest.raises(Misconfigured):
        ask(world)
    assert len(world.mailer.sent) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", json.dumps(BODY | {"to": "a@b,c@d"}).encode()])
def test_sends_and_counts_nothing_for_a_body_that_is_not_the_connector_s(body: bytes) -> None:
    world = make_world()
    with pytest.raises(InvalidRequest):
        deliver(world.services, body, NOW)
    assert not world.mailer.sent
    assert not world.secrets.reads
    assert not world.messages.calls


def test_nothing_is_counted_for_a_type_without_a_delivery() -> None:
    world = make_world()
    world.secrets.put("mailgun", MAILGUN | {"deliveries": {"Register": {"html": "{{code}}"}}})
    with pytest.raises(Misconfigured, match="delivery_missing"):
        ask(world)
    assert not world.messages.calls
