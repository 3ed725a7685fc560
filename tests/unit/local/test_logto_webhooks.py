"""Webhooks that the embedded Logto posts, or makes for a test to post."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from local.logto.webhooks import Webhook
from tests.unit.local.test_logto_journey import Lab, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KEY = "hook signing key"
AT = "2027-01-15T08:00:00.250Z"


@dataclass
class Receiver:
    """An application's end of a webhook or of the back channel."""

    status: str = "200 OK"
    pause: float = 0
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    signed_in: list[int] = field(default_factory=list)
    sessions: dict[str, Any] = field(default_factory=dict)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        self.bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        headers = {name[5:].lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        self.headers.append(headers | {"content_type": environ["CONTENT_TYPE"]})
        self.signed_in.append(len(self.sessions))
        time.sleep(self.pause)
        start_response(self.status, [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
        return [b"told"]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def receiver(lab: Lab) -> Receiver:
    receiver = Receiver()
    lab.logto.webhook_url = lab.stack.enter_context(serving(receiver)) + "/webhook"
    lab.logto.webhook_signing_key = KEY
    lab.sign_in(lab.browser())
    return receiver


def signature(body: bytes, key: str = KEY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def ada(lab: Lab, **changes: object) -> dict[str, Any]:
    (user_id,) = lab.logto.users
    now = 1_800_000_000_250
    shape: dict[str, Any] = {"id": user_id, "username": None, "primaryEmail": "ada@example.com"}
    shape |= {"primaryPhone": None, "name": None, "avatar": None, "customData": {}, "identities": {}}
    shape |= {"lastSignInAt": now, "createdAt": now, "updatedAt": now, "profile": {}, "isSuspended": False}
    return shape | changes


def test_the_request_is_signed_over_its_raw_body(lab: Lab, receiver: Receiver) -> None:
    lab.logto.suspend("ada@example.com")
    (body,), (headers,), (delivery,) = receiver.bodies, receiver.headers, lab.logto.webhooks
    assert headers == {
        "host": urlsplit(delivery.url).netloc,
        "logto_signature_sha_256": signature(body),
        "user_agent": "Logto (https://logto.io/)",
        "content_type": "application/json",
    }
    assert (delivery.body, delivery.status, delivery.answer) == (body, 200, "told")


@pytest.mark.parametrize("suspended", [True, False])
def test_a_suspension(lab: Lab, receiver: Receiver, suspended: bool) -> None:
    lab.logto.suspend("ada@example.com", suspended)
    told = lab.logto.webhooks[0].json
    assert told.pop("hookId")
    assert {told.pop("userAgent"), told.pop("ip")}
    user_id = told["data"]["id"]
    assert told == {
        "event": "User.SuspensionStatus.Updated",
        "createdAt": AT,
        "path": f"/users/{user_id}/is-suspended",
        "method": "PATCH",
        "status": 200,
        "params": {"userId": user_id},
        "matchedRoute": "/users/:userId/is-suspended",
        "data": ada(lab, isSuspended=suspended),
    }


def test_a_deletion(lab: Lab, receiver: Receiver) -> None:
    before = ada(lab)
    lab.logto.delete_user(before["id"])
    told = lab.logto.webhooks[0].json
    assert (told["event"], told["data"], told["createdAt"]) == ("User.Deleted", before, AT)
    assert (told["method"], told["status"]) == ("DELETE", 204)
    assert (told["path"], told["params"]) == (f"/users/{before['id']}", {"userId": before["id"]})


def test_a_new_password(lab: Lab, receiver: Receiver) -> None:
    lab.logto.reset_password("ada@example.com")
    told = lab.logto.webhooks[0].json
    assert {told.pop(name) is None for name in ("hookId", "sessionId", "userAgent", "userIp")} == {False}
    user = ada(lab)
    assert told == {
        "event": "PostResetPassword",
        "interactionEvent": "ForgotPassword",
        "createdAt": AT,
        "userId": user["id"],
        "user": user,
        "application": {"id": "web", "type": "Traditional", "name": "Web shop", "description": None},
    }


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Unavailable", "401 Unauthorized"])
def test_it_is_posted_once_whatever_is_answered(lab: Lab, receiver: Receiver, status: str) -> None:
    receiver.status = status
    lab.logto.suspend("ada@example.com")
    assert len(receiver.bodies) == 1
    assert [delivery.status for delivery in lab.logto.webhooks] == [int(status[:3])]


def test_an_endpoint_that_is_gone_changes_nothing(lab: Lab, receiver: Receiver) -> None:
    lab.logto.webhook_url = "http://localhost:1/webhook"
    lab.logto.suspend("ada@example.com")
    assert [delivery.status for delivery in lab.logto.webhooks] == [None]
    assert ada(lab, isSuspended=True)["id"] in lab.logto.users


def test_without_a_hook_nothing_is_posted(lab: Lab) -> None:
    lab.sign_in(lab.browser())
    lab.logto.suspend("ada@example.com")
    assert lab.logto.webhooks == []
    with pytest.raises(ValueError, match="webhook_url"):
        lab.logto.send_webhook(Webhook({}, b""))


def test_a_test_makes_its_own(lab: Lab, receiver: Receiver) -> None:
    user = next(iter(lab.logto.users.values()))
    made = lab.logto.webhook("User.Data.Updated", user, ip=None, status=418, data={"name": "é"}, extra=None)
    told = json.loads(made.body)
    assert (told["event"], told["status"], told["data"]) == ("User.Data.Updated", 418, {"name": "é"})
    assert not {"ip", "extra"} & told.keys()
    assert "é".encode() in made.body
    assert re.search(rb'[{,]"params":{"userId":"[a-z0-9]{12}"},', made.body)
    assert made.headers["logto-signature-sha-256"] == signature(made.body)
    made.headers["x-more"] = "1"
    assert lab.logto.send_webhook(made).status == 200
    assert receiver.headers[0]["x_more"] == "1"


def test_a_test_makes_one_with_a_wrong_key_or_without_an_event(lab: Lab, receiver: Receiver) -> None:
    made = lab.logto.webhook("User.Deleted", signing_key="wrong", event=None)
    assert "event" not in json.loads(made.body)
    assert json.loads(made.body)["data"] is None
    assert made.headers["logto-signature-sha-256"] == signature(made.body, "wrong")
