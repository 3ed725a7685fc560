"""A whole journey and attacks on it: every line of the audit keeps to its schema, and every event is seen."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from local.config import Config
from local.stack import Stack
from passerelle import runtime
from tests.support.audit import EVENTS, assert_audit
from tests.support.browser import Browser
from tests.support.journal import Json, collected
from tests.support.provider import aws_client, logto_of, stored_items
from tests.support.refreshes import sign_in_for_a_moment

OF_OPERATORS = {"secret_replaced"}
CODE = {"to": "eve@example.com", "type": "SignIn", "payload": {"code": "123456"}, "ip": "93.184.216.34"}


@pytest.fixture(scope="module")
def running_stack() -> Iterator[Stack]:
    with Stack(Config.ephemeral(SendLimitAddress="5")) as stack:
        yield stack


@pytest.fixture(scope="module")
def everything(running_stack: Stack) -> list[Json]:
    """What is left in the audit by people who sign in and out, and by everybody who may not."""
    runtime.forget()
    with collected() as lines:
        faults(running_stack)
        people(running_stack)
        strangers(running_stack)
    return [line for line in lines if "audit" in line]


def test_every_line_keeps_to_the_schema_and_every_event_is_seen(everything: list[Json]) -> None:
    for line in everything:
        assert_audit(line)
    assert {line["event"] for line in everything} == EVENTS - OF_OPERATORS


def test_a_line_tells_who_and_from_where_without_naming_anybody(everything: list[Json]) -> None:
    finished = [line for line in everything if line["event"] == "sign_in_finished"]
    ended = [line for line in everything if line["event"] == "session_ended"]
    assert {line["session"] for line in ended} <= {line["session"] for line in finished}
    assert {line["who"] for line in ended} <= {line["who"] for line in finished}
    [limited] = [line for line in everything if line["outcome"] == "limited"]
    [accepted, *_] = [line for line in everything if line.get("client") and line["outcome"] == "accepted"]
    assert (limited["who"], limited["type"], limited["client"]) == (
        accepted["who"],
        "SignIn",
        "93.184.216.0/24",
    )
    assert {line["source"] for line in everything if "source" in line} == {"127.0.0.0/24"}
    assert {line["client"] for line in everything if "client" in line} == {"93.184.216.0/24"}
    assert not re.search(r"127\.0\.0\.1|93\.184\.216\.34|@example\.com", json.dumps(everything))


def test_one_event_leaves_one_line(stack: Stack, journal: list[Json]) -> None:
    with Browser(stack) as browser:
        before = len(journal)
        browser.get("/callback?code=x&state=y")
        assert [line["event"] for line in journal[before:]] == ["sign_in_failed"]
        before = len(journal)
        post(stack, "/send-otp", json=CODE)
        assert [line["event"] for line in journal[before:]] == ["bearer_refused"]


def test_a_check_of_a_session_leaves_no_line(stack: Stack, journal: list[Json]) -> None:
    with Browser(stack) as browser:
        browser.sign_in("check@example.com")
        before = len(journal)
        assert browser.session().status_code == 200
        assert journal[before:] == []


def people(stack: Stack) -> None:
    """Sign in, sign out, end sessions, be signed out by Logto."""
    with Browser(stack) as browser, Browser(stack) as elsewhere:
        browser.sign_in("alice@example.com")
        elsewhere.sign_in("alice@example.com")
        elsewhere.http.delete(f"{stack.app_url}/sessions", headers={"sec-fetch-site": "same-origin"})
        elsewhere.sign_out()
    with Browser(stack) as browser:
        browser.sign_in("bob@example.com")
        [bob] = [user for user in logto_of(stack).users.values() if user.email == "bob@example.com"]
        token = logto_of(stack).logout_token("passerelle", sub=bob.id)
        assert post(stack, "/backchannel-logout", data={"logout_token": token}).status_code == 200


def faults(stack: Stack) -> None:
    """Logto ends a grant, and does not answer; a session in the table is not ours."""
    with Browser(stack) as browser:
        sign_in_for_a_moment(browser)
        logto_of(stack).misbehave.token_response = lambda status, body: (503, {})
        assert browser.session().status_code == 200
        logto_of(stack).misbehave.token_response = None
    with Browser(stack) as browser:
        browser.sign_in("dora@example.com")
        spoil_sessions(stack)
        runtime.forget()
        assert browser.session().status_code == 401


def strangers(stack: Stack) -> None:
    """Whoever may not, and whoever asks too often."""
    with Browser(stack) as browser:
        browser.get("/callback?code=x&state=y")
        browser.get("/login?prompt=none")
        browser.sign_in("carol@example.com")
        post(stack, "/logout", headers={"sec-fetch-site": "cross-site"})
    authorized = {"authorization": f"Bearer {stack.send_otp_token}"}
    for code in ("1", "1", "2", "3", "4", "5", "6"):
        post(stack, "/send-otp", json=CODE | {"payload": {"code": code}}, headers=authorized)
    post(stack, "/send-otp", content=b"[]", headers=authorized)
    post(stack, "/send-otp", json=CODE, headers={"authorization": "Bearer wrong"})
    post(stack, "/backchannel-logout", data={"logout_token": "a.b.c"})
    post(stack, "/webhooks/logto", json={"event": "User.Deleted"})
    post(stack, "/webhooks/mailgun", content=b"[]")


def post(stack: Stack, path: str, **more: Any) -> httpx.Response:
    return httpx.post(stack.app_url + path, trust_env=False, **more)


def spoil_sessions(stack: Stack) -> None:
    with closing(aws_client(stack, "dynamodb")) as dynamodb:
        for item in stored_items(stack):
            if item["sk"]["S"].startswith("s#"):
                dynamodb.put_item(TableName="Table", Item=item | {"contents": {"S": "0.AAAA"}})
