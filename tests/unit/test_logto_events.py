"""`POST /webhooks/logto` believes what Logto signed, and ends the sessions of whom it concerns."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from passerelle.errors import BearerRefused, InvalidRequest, Misconfigured, StoreUnavailable, Unavailable
from passerelle.logto_events import take
from passerelle.sessions import live_session
from tests.support.doubles import NOW, SECRETS, World
from tests.unit.journey import make_signing_world, sign_in

KEY = "the-signing-key"
AT = "2027-01-15T08:00:00.500Z"
SUSPENDED = {"event": "User.SuspensionStatus.Updated", "data": {"id": "the-subject", "isSuspended": True}}
DELETED = {"event": "User.Deleted", "data": {"id": "the-subject"}}
RESET = {"event": "PostResetPassword", "userId": "the-subject"}
Signed = tuple[World, str]


@pytest.fixture
def signed() -> Signed:
    world, logto = make_signing_world()
    world.secrets.put("logto", dict(SECRETS["logto"]) | {"webhookSigningKey": KEY})
    logto.changes = {"sub": "the-subject"}
    return world, sign_in(world, logto).session_cookie


def tell(world: World, event: object, *, key: str = KEY, at: float = NOW, created: str | None = AT) -> None:
    if isinstance(event, dict) and created:
        event = {"createdAt": created, **event}
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    take(world.services, body, hmac.new(key.encode(), body, hashlib.sha256).hexdigest(), at)


def is_live(signed: Signed) -> bool:
    return live_session(signed[0].services, signed[1], NOW) is not None


@pytest.mark.parametrize("event", [SUSPENDED, DELETED, RESET, {"event": "User.Deleted", "data": None,
                                   "params": {"userId": "the-subject"}}], ids=str)  # fmt: skip
def test_a_user_s_sessions_end_within_the_request(signed: Signed, event: dict[str, Any]) -> None:
    assert is_live(signed)
    tell(signed[0], event)
    assert not is_live(signed)


@pytest.mark.parametrize(
    "event",
    [SUSPENDED | {"data": {"id": "the-subject", "isSuspended": False}},
     SUSPENDED | {"data": {"id": "the-subject"}},
     {"event": "User.Created", "data": {"id": "the-subject"}},
     {"event": "PostRegister", "userId": "the-subject"},
     {"event": None}, {}, SUSPENDED | {"data": {"id": "somebody-else", "isSuspended": True}}],
    ids=str,
)  # fmt: skip
def test_other_events_and_other_users_change_nothing(signed: Signed, event: dict[str, Any]) -> None:
    tell(signed[0], event)
    assert is_live(signed)


def test_an_event_ends_what_began_before_it_and_nothing_younger(signed: Signed) -> None:
    tell(signed[0], DELETED, created="2027-01-15T07:59:58.900Z")
    assert is_live(signed)
    tell(signed[0], DELETED, created="2027-01-15T07:59:59.100Z")
    assert not is_live(signed), "rounded up to the whole second"


def test_an_event_of_the_future_is_one_of_now(signed: Signed) -> None:
    tell(signed[0], DELETED, created="9999-12-31T00:00:00Z")
    assert not is_live(signed)
    [revocation] = signed[0].store.table.revocations.values()
    assert revocation.before <= NOW + 401


@pytest.mark.parametrize("signature", ["", "0" * 64, "\u00e9", None])
def test_what_logto_did_not_sign_is_refused(signed: Signed, signature: str | None) -> None:
    with pytest.raises(BearerRefused, match="signature_invalid"):
        take(signed[0].services, json.dumps(SUSPENDED).encode(), signature, NOW + 400)
    with pytest.raises(BearerRefused):
        tell(signed[0], SUSPENDED, key="another-key", at=NOW + 800)
    assert is_live(signed)


@pytest.mark.parametrize(
    "event", [b"", b"[]", b"nonsense", SUSPENDED | {"data": {"isSuspended": True}}, {"event": "User.Deleted"},
              DELETED | {"createdAt": "yesterday"}, DELETED | {"createdAt": "2027-01-15T08:00:00"},
              DELETED | {"createdAt": None}, RESET | {"userId": ""}],
    ids=str,
)  # fmt: skip
def test_what_is_no_event_of_logto_s_is_refused(signed: Signed, event: object) -> None:
    with pytest.raises(InvalidRequest):
        tell(signed[0], event)
    assert is_live(signed)


def test_a_key_that_was_rotated_is_read_again(signed: Signed) -> None:
    world = signed[0]
    world.secrets.put("logto", dict(SECRETS["logto"]) | {"webhookSigningKey": "the-newer-key"})
    tell(world, SUSPENDED, key="the-newer-key", at=NOW + 60)
    assert not is_live(signed)


def test_while_it_may_not_be_read_again_the_event_is_not_refused_for_good(signed: Signed) -> None:
    world = signed[0]
    with pytest.raises(BearerRefused):
        tell(world, SUSPENDED, key="a stranger's", at=NOW + 60)
    with pytest.raises(Unavailable, match="webhook_unverified"):
        tell(world, SUSPENDED, key="the-newer-key", at=NOW + 61)


def test_without_a_signing_key_the_operator_has_to_act(signed: Signed) -> None:
    signed[0].secrets.put("logto", SECRETS["logto"])
    with pytest.raises(Misconfigured, match="webhook_key_missing"):
        tell(signed[0], SUSPENDED, at=NOW + 400)


def test_without_the_table_the_event_waits_in_the_queue(signed: Signed) -> None:
    world = signed[0]
    world.revocations.failure = StoreUnavailable(reason="down")
    tell(world, SUSPENDED)
    [event] = world.queue.events
    assert event["cause"] == "user_suspended"
    assert "the-subject" not in str(event)
