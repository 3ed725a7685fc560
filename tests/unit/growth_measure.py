"""Measures what the real code leaves of one user: items, log lines, lifetimes."""

import io
import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from passerelle import audit, log, logout, metrics, sessions, settings
from passerelle.adapters.dynamodb import DynamoDBStore
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.adapters.dynamodb_revocations import DynamoDBRevocations
from passerelle.blocks import Blocks
from passerelle.keys import random_value
from passerelle.otp.deliver import deliver
from passerelle.otp.events import take
from passerelle.otp.ports import Claim
from passerelle.ports import Reply
from tests.bench import growth, prices
from tests.bench.items import Measured
from tests.support.doubles import BASE_URL, ISSUER, SECRETS, Call, World
from tests.unit.journey import TOKEN, Logto, begin, come_back, make_signing_world
from tests.unit.renewing import HOUR, Renewing
from tests.unit.sending import signed

NOW = 1_812_345_679
"""A time whose digits all count: DynamoDB does not store zeros at a number's end."""
LATER = NOW + settings.TOUCH_SECONDS
MESSAGE = b'{"to": "ada@example.com", "type": "SignIn", "payload": {"code": "123456"}, "ip": "93.184.216.34"}'
MAILGUN_ID = "<20261122100000.0123456789abcdef@mg.example.com>"

ACCESS_LOG_VALUES = {
    "requestId": "AldDu5aCcyq9vDE=",
    "requestTime": "22/Nov/2026:10:00:00 +0000",
    "routeKey": "GET /session",
    "status": "200",
    "identity.sourceIp": "203.0.113.200",
    "responseLength": "150",
    "responseLatency": "25",
    "integrationLatency": "22",
    "integrationStatus": "200",
}


class Recorder:
    """Stands for DynamoDB: keeps items as the real store sends them, by the first word of the sort key.

    Counters are kept by whose they are.
    """

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation == "BatchGetItem":
            return {"Responses": {"table": [self.items["s"]]}}
        if operation == "GetItem":
            return {"Item": self.items["message"]}
        item: dict[str, Any] = {}
        for step in body.get("TransactItems") or [{operation.removesuffix("Item"): body}]:
            [(verb, request)] = step.items()
            if verb == "ConditionCheck":
                continue
            new = request["Item"] if verb == "Put" else _updated(request)
            kind, whose = (new[name]["S"].partition("#")[0] for name in ("sk", "pk"))
            item = self.items.setdefault(f"hour of {whose}" if kind == "hour" else kind, {})
            item.update(new)
        return {"Attributes": item}


def _updated(request: Mapping[str, Any]) -> dict[str, Any]:
    names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
    assigned, _, added = request["UpdateExpression"].removeprefix("SET ").partition(" ADD ")
    sets = [part.split(" = ") for part in assigned.split(", ")]
    sets += [added.split(" ")] if added else []
    return {**request["Key"], **{names.get(name, name): values[value] for name, value in sets}}


def item_bytes(item: Mapping[str, Mapping[str, str]]) -> int:
    """Names and texts in UTF-8; numbers half a byte for each digit that counts, and one."""
    total = 0
    for name, typed in item.items():
        [(kind, value)] = typed.items()
        assert kind in {"S", "N"}, f"no rule for {kind}"
        size = len(value.encode()) if kind == "S" else math.ceil(len(value.strip("-0")) / 2) + 1
        total += len(name.encode()) + size
    return total


def event_bytes(text: str) -> int:
    return sum(len(line.encode()) + prices.LOG_EVENT_OVERHEAD_BYTES for line in text.splitlines())


def logged(action: Callable[[], Any]) -> tuple[Any, int]:
    """What an action returns, and the bytes that it logs at INFO."""
    logger, stream = logging.getLogger("passerelle"), io.StringIO()
    handler, level = logging.StreamHandler(stream), logger.level
    handler.setFormatter(log.JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel("INFO")
    http = {"sourceIp": ACCESS_LOG_VALUES["identity.sourceIp"]}
    try:
        with audit.request_of({"requestId": ACCESS_LOG_VALUES["requestId"], "http": http}):
            return action(), event_bytes(stream.getvalue())
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


def measure() -> Measured:
    """Go the whole way with the real code, and measure what it leaves."""
    recorder, (world, logto) = Recorder(), make_signing_world()
    metrics.configure("Passerelle/production")
    store = DynamoDBStore("table", recorder)
    messages = DynamoDBMessages("table", recorder)
    services = world.services._replace(store=store, messages=messages, blocks=Blocks(messages.reserve))
    world = world._replace(services=services)
    world.provider.answers[TOKEN] = _as_logto_does(logto)
    away, login_bytes = logged(lambda: begin(world, logto, now=NOW))
    returned, callback_bytes = logged(lambda: come_back(world, away, now=NOW))
    session, mark, cookie = dict(recorder.items["s"]), recorder.items["attempt"], returned.session_cookie
    handle = sessions.parse_cookie(cookie)
    assert handle
    DynamoDBRevocations("table", recorder).revoke(handle.user, NOW, LATER, spared=handle.id)
    live, session_bytes = logged(lambda: sessions.live_session(world.services, cookie, LATER))
    assert live
    touched = dict(recorder.items["s"])
    assert touched != session
    lines = {"login": login_bytes, "callback": callback_bytes, "session": session_bytes}
    lines["logout"] = logged(lambda: logout.sign_out(world.services, cookie, BASE_URL, LATER))[1]
    renewing = Renewing()
    lines["renewal"] = logged(lambda: renewing.at(HOUR))[1]
    claimed = _send(world, recorder, lines)
    return Measured(
        session=item_bytes(session),
        mark=item_bytes({name: value for name, value in mark.items() if name != "signed_in"}),
        finished_mark=item_bytes(mark),
        revocation=item_bytes(recorder.items["revocation"]),
        message=item_bytes(claimed),
        settled_message=item_bytes(recorder.items["message"]),
        counter=item_bytes(recorder.items["hour of ip"]),
        event=item_bytes(recorder.items["event"]),
        lines=lines,
        access_line=event_bytes(_access_line()),
        lifetimes={
            "marks": int(mark["ttl"]["N"]) - NOW,
            "sessions used once": int(session["ttl"]["N"]) - NOW,
            "sessions used again": int(touched["ttl"]["N"]) - LATER,
            "messages": int(claimed["ttl"]["N"]) - NOW,
            "events": int(recorder.items["event"]["ttl"]["N"]) - NOW,
            "counts": int(recorder.items["hour of ip"]["ttl"]["N"]) - NOW // 3600 * 3600,
        },
    )


def _send(world: World, recorder: Recorder, lines: dict[str, int]) -> dict[str, Any]:
    """Send a message and hear that it was delivered; return it as it was claimed."""
    world.clock.time = NOW
    world.mailer.answers = [(200, json.dumps({"id": MAILGUN_ID, "message": "Queued. Thank you."}))]
    world.secrets.put("mailgun", dict(SECRETS["mailgun"]) | {"webhookSigningKey": "the-key"})
    claimed: dict[str, Any] = {}
    real = world.services.messages.settle

    def settle(claim: Claim, *, accepted: bool, at: float) -> None:
        claimed.update(recorder.items["message"])
        real(claim, accepted=accepted, at=at + 0.123)

    world.services.messages.settle = settle  # type: ignore[method-assign]
    lines["send_otp"] = logged(lambda: deliver(world.services, MESSAGE, NOW))[1]
    variables = {"delivery-id": claimed["pk"]["S"].removeprefix("message#")}
    told = {"event": "delivered", "timestamp": NOW + 2.345, "recipient": "ada@example.com"}
    body = signed(told | {"user-variables": variables}, at=NOW, key="the-key")
    lines["mailgun_webhook"] = logged(lambda: take(world.services, body, NOW))[1]
    return claimed


def _as_logto_does(logto: Logto) -> Callable[[Call], Reply]:
    logto.changes = {"iat": NOW, "exp": NOW + 3600, "name": "Ada Lovelace", "username": "ada"}
    logto.changes |= {"picture": f"{ISSUER}/pictures/ada.png"}

    def token(call: Call) -> Reply:
        opaque = {"access_token": random_value(), "refresh_token": random_value()}
        reply = logto.token(call)
        return reply._replace(body={**(reply.body or {}), **opaque})

    return token


def _access_line() -> str:
    [text] = re.findall(r"AccessLogSettings:.*?Format: >-\n(.*?)\n\n", growth.TEMPLATE, re.S)
    line = " ".join(part.strip() for part in text.splitlines())
    return re.sub(r"\$context\.([\w.]+)", lambda match: ACCESS_LOG_VALUES[match[1]], line)
