"""Webhooks by the Management API, and who is told of what then."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.local.test_logto_journey import serving
from tests.unit.local.test_logto_management import Console
from tests.unit.local.test_logto_webhooks import Receiver

EVENTS = ["User.Deleted", "User.SuspensionStatus.Updated"]


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        console.sign_in(console.browser())
        yield console


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def url(console: Console, receiver: Receiver) -> str:
    return console.stack.enter_context(serving(receiver)) + "/webhook"


def create(console: Console, url: str, **members: Any) -> dict[str, Any]:
    asked = {"name": "App", "events": EVENTS, "config": {"url": url}} | members
    response = console.call("POST", "/hooks", json=asked)
    assert response.status_code == 201, response.text
    return dict(response.json())


def signature(body: bytes, key: str) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def test_a_new_hook_is_shown_with_its_key(console: Console) -> None:
    made = create(console, "https://app.test/hook")
    assert len(made["signingKey"]) == 32
    assert made == {
        "tenantId": "default",
        "id": made["id"],
        "name": "App",
        "event": None,
        "events": EVENTS,
        "config": {"url": "https://app.test/hook"},
        "signingKey": made["signingKey"],
        "enabled": True,
        "createdAt": int(console.clock.now * 1000),
    }
    assert console.call("GET", "/hooks").json() == [made]
    assert console.call("GET", f"/hooks/{made['id']}").json() == made


def test_each_is_told_and_signs_by_its_own_key(console: Console, receiver: Receiver, url: str) -> None:
    first, second = (
        create(console, url),
        create(console, url, config={"url": url, "headers": {"X-Team": "a"}}),
    )
    console.logto.suspend("ada@example.com")
    told = {
        json.loads(body)["hookId"]: (body, headers)
        for body, headers in zip(receiver.bodies, receiver.headers, strict=True)
    }
    assert told.keys() == {first["id"], second["id"]}
    for hook in (first, second):
        body, headers = told[hook["id"]]
        assert headers["logto_signature_sha_256"] == signature(body, hook["signingKey"])
    assert told[second["id"]][1]["x_team"] == "a"
    assert "x_team" not in told[first["id"]][1]


def test_nobody_is_told_what_they_did_not_ask_for(console: Console, receiver: Receiver, url: str) -> None:
    create(console, url, events=["PostResetPassword"])
    create(console, url, enabled=False)
    console.logto.suspend("ada@example.com")
    assert receiver.bodies == []
    console.logto.reset_password("ada@example.com")
    assert len(receiver.bodies) == 1


@pytest.mark.parametrize("address", ["nonsense", "http://["])
def test_a_hook_with_no_address_hinders_nobody(
    console: Console, receiver: Receiver, url: str, address: str
) -> None:
    create(console, address)
    create(console, url)
    console.logto.suspend("ada@example.com")
    assert len(receiver.bodies) == 1


def test_a_change_takes_effect(console: Console, receiver: Receiver, url: str) -> None:
    made = create(console, "http://localhost:1/old")
    asked = {"config": {"url": url}, "events": ["PostResetPassword", "PostResetPassword"]}
    after = console.call("PATCH", f"/hooks/{made['id']}", json=asked).json()
    assert after == made | {"config": {"url": url}, "events": ["PostResetPassword"]}
    new = console.call("PATCH", f"/hooks/{made['id']}/signing-key").json()
    assert new["signingKey"] != made["signingKey"]
    console.logto.reset_password("ada@example.com")
    assert receiver.headers[0]["logto_signature_sha_256"] == signature(receiver.bodies[0], new["signingKey"])
    assert console.call("DELETE", f"/hooks/{made['id']}").status_code == 204
    console.logto.reset_password("ada@example.com")
    assert len(receiver.bodies) == 1


def test_the_hook_of_the_beginning_is_one_of_them(console: Console, receiver: Receiver, url: str) -> None:
    console.logto.webhook_url, console.logto.webhook_signing_key = url, "key"
    [shown] = console.call("GET", "/hooks").json()
    assert (shown["config"], shown["signingKey"]) == ({"url": url}, "key")
    assert (
        console.call("PATCH", f"/hooks/{shown['id']}", json={"config": {"url": f"{url}2"}}).status_code == 200
    )
    assert console.logto.webhook_url == f"{url}2"
    console.call("PATCH", f"/hooks/{shown['id']}/signing-key")
    assert console.logto.webhook_signing_key != "key"
    console.call("DELETE", f"/hooks/{shown['id']}")
    assert console.logto.webhook_url is None


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"events": []}, "guard.invalid_input"),
        ({"events": ["User.Sneezed"]}, "guard.invalid_input"),
        ({"events": ["TrustedDevice.Created"]}, "guard.invalid_input"),
        ({"events": "User.Deleted"}, "guard.invalid_input"),
        ({"config": {}}, "guard.invalid_input"),
        ({"config": {"url": "https://a.test", "headers": {"a": 1}}}, "guard.invalid_input"),
        ({"config": {"url": "https://a.test", "retries": 4}}, "guard.invalid_input"),
        ({"name": ""}, "guard.invalid_input"),
        ({"enabled": "yes"}, "guard.invalid_input"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(console: Console, members: dict[str, Any], code: str) -> None:
    asked = {"name": "App", "events": EVENTS, "config": {"url": "https://app.test"}} | members
    response = console.call("POST", "/hooks", json=asked)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert console.logto.hooks == {}


def test_a_hook_for_nothing_is_refused(console: Console) -> None:
    response = console.call("POST", "/hooks", json={"config": {"url": "https://app.test"}})
    assert (response.status_code, response.json()["code"]) == (400, "hook.missing_events")


def test_an_empty_change_is_refused(console: Console) -> None:
    made = create(console, "https://app.test")
    response = console.call("PATCH", f"/hooks/{made['id']}", json={"unknown": 1})
    assert (response.status_code, response.json()["code"]) == (422, "entity.invalid_input")


def test_one_that_is_not_there_is_not_found(console: Console) -> None:
    codes = {
        "GET": "entity.not_exists_with_id",
        "PATCH": "entity.not_exists",
        "DELETE": "entity.not_found",
    }
    for method, code in codes.items():
        response = console.call(method, "/hooks/none", json={"name": "x"} if method == "PATCH" else None)
        assert (response.status_code, response.json()["code"]) == (404, code)
    assert console.call("PATCH", "/hooks/none/signing-key").status_code == 404


def test_a_hook_is_tried(console: Console, receiver: Receiver, url: str) -> None:
    made = create(console, "http://localhost:1/")
    path, asked = f"/hooks/{made['id']}/test", {"events": ["User.Deleted"], "config": {"url": url}}
    assert console.call("POST", path, json=asked).status_code == 204
    assert json.loads(receiver.bodies[0])["hookId"] == made["id"]
    assert receiver.headers[0]["logto_signature_sha_256"] == signature(receiver.bodies[0], made["signingKey"])
    receiver.status = "401 Unauthorized"
    refused = console.call("POST", path, json=asked)
    assert (refused.status_code, refused.json()["data"]["responseStatus"]) == (422, 401)
    gone = console.call("POST", path, json=asked | {"config": {"url": "http://localhost:1/"}})
    assert (gone.status_code, gone.json()["code"]) == (422, "hook.send_test_payload_failed")
