"""`POST /webhooks/mailgun` believes what Mailgun signed, once, and 406 is for what will never be believed."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from passerelle.errors import Misconfigured, StoreUnavailable, Unavailable, WebhookRefused
from passerelle.keys import parse_keyring
from passerelle.otp.events import BELIEVED_SECONDS, take
from passerelle.otp.limits import suppression_key
from tests.support.doubles import NOW, SECRETS, World, make_world
from tests.support.journal import Json
from tests.unit.sending import SIGNING_KEY as KEY
from tests.unit.sending import ask, signed

DATA: dict[str, Any] = {
    "event": "delivered",
    "timestamp": NOW + 3.25,
    "id": "event-1",
    "recipient": "ada@example.com",
    "user-variables": {},
}
BOUNCE = {"event": "failed", "severity": "permanent", "reason": "bounce"}
ADDRESS = suppression_key(parse_keyring(SECRETS["keys"]), "ada@example.com")


def world_with_key(key: str | None = KEY) -> World:
    world = make_world()
    world.secrets.put("mailgun", dict(SECRETS["mailgun"]) | ({"webhookSigningKey": key} if key else {}))
    return world


def sent(world: World) -> str:
    """Send a message, and return its delivery id."""
    ask(world)
    return world.mailer.sent[-1].form["v:delivery-id"]


@pytest.mark.parametrize(
    ("data", "kind", "reason", "suppression"),
    [
        ({}, "delivered", "", None),
        (BOUNCE, "bounced", "bounce", "bounce"),
        (BOUNCE | {"reason": "suppress-bounce"}, "bounced", "suppress-bounce", "bounce"),
        (BOUNCE | {"reason": "suppress-complaint"}, "failed", "suppress-complaint", "complaint"),
        (BOUNCE | {"reason": "suppress-unsubscribe"}, "failed", "suppress-unsubscribe", "unsubscribe"),
        (BOUNCE | {"reason": "generic"}, "failed", "generic", None),
        (BOUNCE | {"reason": ["x"]}, "failed", "unknown", None),
        (BOUNCE | {"severity": "temporary"}, "deferred", "bounce", None),
        ({"event": "complained"}, "complained", "", "complaint"),
    ],
)
def test_what_became_of_a_message_is_noted_on_it(
    data: dict[str, Any], kind: str, reason: str, suppression: str | None
) -> None:
    world = world_with_key()
    delivery_id = sent(world)
    take(world.services, signed(DATA | {"user-variables": {"delivery-id": delivery_id}} | data), NOW)
    assert world.messages.notes[delivery_id] == {kind: (NOW + 3.25, reason)}
    assert list(world.messages.suppressions.get(ADDRESS, {})) == ([suppression] if suppression else [])


def test_the_time_to_delivery_is_counted_and_no_address_is_logged(journal: list[Json]) -> None:
    world = world_with_key()
    delivery_id = sent(world)
    take(world.services, signed(DATA | {"user-variables": {"delivery-id": delivery_id}}), NOW)
    [seconds] = [line["SecondsToDelivery"] for line in journal if "SecondsToDelivery" in line]
    assert seconds == 3.25
    assert [line["outcome"] for line in journal if "Messages" in line] == ["accepted", "delivered"]
    assert "example.com" not in json.dumps(journal)


def test_an_event_is_taken_once(journal: list[Json]) -> None:
    world = world_with_key()
    for _ in range(3):
        take(world.services, signed(DATA), NOW)
    assert [line["event"] for line in journal].count("mailgun_event") == 1
    assert len(world.messages.tokens) == 1


@pytest.mark.parametrize("delivery_id", [None, 5, "", "x", "d" * 43])
def test_a_bounce_of_another_application_counts_for_its_address(delivery_id: object) -> None:
    world, variables = world_with_key(), {"delivery-id": delivery_id}
    take(world.services, signed(DATA | BOUNCE | {"user-variables": variables}), NOW)
    assert list(world.messages.suppressions[ADDRESS]) == ["bounce"]
    assert world.messages.notes == {}


OTHERS: list[dict[str, Any]] = [
    *({"event": event} for event in ("opened", "clicked", "accepted", "unsubscribed", "new", None, 7)),
    BOUNCE | {"domain": {"name": "other.example"}},
    BOUNCE | {"domain": "other.example"},
    BOUNCE | {"message": {"headers": {"message-id": "1.2@other.example"}}},
]


@pytest.mark.parametrize("data", OTHERS, ids=str)
def test_other_events_and_other_domains_change_nothing_and_use_up_their_token(data: dict[str, Any]) -> None:
    world = world_with_key()
    take(world.services, signed(DATA | data), NOW)
    assert world.messages.calls == {"note_event": 1}
    take(world.services, signed(DATA | BOUNCE), NOW)
    assert world.messages.suppressions == {}


@pytest.mark.parametrize(
    "data",
    [
        {"domain": {"name": "MAIL.example"}, "message": {"headers": {"message-id": "1@other.example"}}},
        {"domain": "mail.example"},
        {"domain": {"name": 5}, "message": {"headers": []}},
        {"message": {"headers": {"message-id": "1.2@mail.example"}}},
        {"message": "x"},
    ],
    ids=str,
)
def test_an_event_of_our_domain_or_of_none_counts(data: dict[str, Any]) -> None:
    world = world_with_key()
    take(world.services, signed(DATA | BOUNCE | data), NOW)
    assert list(world.messages.suppressions[ADDRESS]) == ["bounce"]


SUPERSCRIPT = hmac.new(KEY.encode(), ("\u00b2\u00b3" + "t" * 50).encode(), hashlib.sha256).hexdigest()
NEVER = {
    "not JSON": b"nonsense",
    "a list": b"[]",
    "no signature": json.dumps({"event-data": DATA}).encode(),
    "another key": signed(DATA, key="another-key"),
    "another token": signed(DATA, signature=hmac.new(KEY.encode(), b"x", hashlib.sha256).hexdigest()),
    "a signature of letters": signed(DATA, signature="\u00e9"),
    "a timestamp of letters": signed(DATA, timestamp="now"),
    "a timestamp of superscripts": signed(DATA, timestamp="\u00b2\u00b3", signature=SUPERSCRIPT),
    "an old one": signed(DATA, at=NOW - BELIEVED_SECONDS - 1),
    "one from the future": signed(DATA, at=NOW + BELIEVED_SECONDS + 1),
}
MALFORMED = {
    "no data": signed(None),
    "no recipient": signed(DATA | {"recipient": None}),
    "no time": signed(DATA | {"timestamp": "now"}),
    "a time beyond all": signed(DATA | {"timestamp": 1e300}),
}


@pytest.mark.parametrize("body", NEVER.values(), ids=NEVER)
def test_what_will_never_be_believed_is_refused_for_good(body: bytes) -> None:
    world = world_with_key()
    with pytest.raises(WebhookRefused) as refusal:
        take(world.services, body, NOW)
    assert refusal.value.status == 406
    assert "example.com" not in refusal.value.reason
    assert not world.messages.calls


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_signed_and_makes_no_sense_uses_up_its_token(body: bytes) -> None:
    world = world_with_key()
    with pytest.raises(WebhookRefused):
        take(world.services, body, NOW)
    take(world.services, signed(DATA | BOUNCE), NOW)
    assert world.messages.suppressions == {}


def test_a_key_that_was_rotated_is_read_again() -> None:
    world = world_with_key("the-older-key")
    world.services.secrets.mailgun.get(NOW - 60)
    world.secrets.put("mailgun", dict(SECRETS["mailgun"]) | {"webhookSigningKey": KEY})
    take(world.services, signed(DATA), NOW)
    assert len(world.messages.tokens) == 1


def test_while_the_key_may_not_be_read_again_nothing_is_refused_for_good() -> None:
    world = world_with_key("the-older-key")
    world.services.secrets.mailgun.get(NOW - 60)
    with pytest.raises(WebhookRefused):
        take(world.services, signed(DATA, key="a stranger's"), NOW)
    world.secrets.put("mailgun", dict(SECRETS["mailgun"]) | {"webhookSigningKey": KEY})
    with pytest.raises(Unavailable, match="webhook_unverified"):
        take(world.services, signed(DATA), NOW + 1)
    take(world.services, signed(DATA), NOW + 31)
    assert len(world.messages.tokens) == 1


def test_while_a_key_is_changed_nothing_is_refused_for_good_and_all_keys_count() -> None:
    world = make_world()
    secret = dict(SECRETS["mailgun"])
    world.secrets.put("mailgun", secret | {"webhookSigningKeys": ["the-older-key"]})
    with pytest.raises(Unavailable, match="webhook_unverified"):
        take(world.services, signed(DATA), NOW)
    world.secrets.put("mailgun", secret | {"webhookSigningKeys": ["the-older-key", KEY]})
    take(world.services, signed(DATA), NOW + 31)
    take(world.services, signed(DATA | BOUNCE, key="the-older-key", token="o" * 50), NOW + 31)
    assert len(world.messages.tokens) == 2


def test_without_a_signing_key_the_operator_has_to_act_and_mailgun_to_wait() -> None:
    world = world_with_key(None)
    with pytest.raises(Misconfigured, match="webhook_key_missing"):
        take(world.services, signed(DATA), NOW)


def test_an_event_that_cannot_be_noted_is_not_marked() -> None:
    world = world_with_key()
    world.messages.failure = StoreUnavailable(reason="down")
    with pytest.raises(StoreUnavailable):
        take(world.services, signed(DATA), NOW)
    world.messages.failure = None
    take(world.services, signed(DATA), NOW)
    assert len(world.messages.tokens) == 1
