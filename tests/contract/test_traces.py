"""Outgoing calls as the X-Ray daemon gets them, over a real socket: what is told of them, and what never is.

The rules are those of the segment documents:
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from passerelle import log
from passerelle.adapters import aws, transport
from passerelle.adapters.aws import AwsError
from passerelle.adapters.logto import Logto
from passerelle.adapters.mailgun import Mailgun
from passerelle.errors import Unavailable
from passerelle.ports import ClientCredentials
from tests.contract.wire import Exchange, Wire, answering, open_wire
from tests.support.xray import TRACED, Daemon, traced

ROOT, PARENT = "1-67890abc-0123456789abcdef01234567", "53995c3f42cd8ad8"
CLIENT = ClientCredentials("the-client", "the-secret")
FORM = {"code": "the-code", "to": "ada@example.com"}
PRIVATE = ("the-secret", "the-code", "ada@example.com", "some-path", "authorization", "Basic", "the-bearer")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with open_wire() as wire:
        yield wire


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """The daemon, in a request that is traced."""
    with traced(monkeypatch) as daemon:
        yield daemon


def assert_follows_the_rules(document: dict[str, Any]) -> None:
    assert re.fullmatch("[0-9a-f]{16}", document["id"])
    assert document["type"] == "subsegment"
    assert (document["trace_id"], document["parent_id"]) == (ROOT, PARENT)
    assert re.fullmatch(r"[\w\s.:/%&#=+\\\-@]{1,200}", document["name"])
    assert document["namespace"] in {"aws", "remote"}
    assert isinstance(document["start_time"], float)
    assert document["start_time"] <= document["end_time"] <= time.time()
    assert all(re.fullmatch("[A-Za-z0-9_]{1,500}", key) for key in document["annotations"])
    allowed = {"id", "trace_id", "parent_id", "type", "start_time", "end_time", "name", "namespace", "http"}
    assert document.keys() <= allowed | {"aws", "annotations", "error", "fault", "throttle"}


def test_a_call_is_told_by_host_and_method_and_by_nothing_that_was_sent(wire: Wire, daemon: Daemon) -> None:
    token = log.correlation_id.set("r-1")
    Logto().get(f"{wire.url}/some-path?code=the-code", "the-bearer")
    Logto().post(f"{wire.url}/some-path", FORM, CLIENT)
    Mailgun().send(wire.url, "some-path", "the-secret", FORM, 8.0)
    log.correlation_id.reset(token)
    documents = daemon.documents(3)
    for document in documents:
        assert_follows_the_rules(document)
        assert document["name"] == "127.0.0.1"
        assert document["http"]["response"] == {"status": 200}
        assert document["annotations"] == {"correlation_id": "r-1"}
    assert [document["http"]["request"] for document in documents] == [
        {"method": "GET"},
        {"method": "POST"},
        {"method": "POST"},
    ]
    assert len({document["id"] for document in documents}) == 3
    assert [private for private in PRIVATE if private in daemon.text] == []


@pytest.mark.parametrize(
    ("client", "name"),
    [(aws.dynamodb, "DynamoDB"), (aws.secrets_manager, "SecretsManager"), (aws.sqs, "SQS")],
)
def test_a_call_to_aws_is_told_by_service_and_operation(
    wire: Wire, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, client: Any, name: str
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(variable, "the-secret")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    client(wire.url).call("GetItem", FORM)
    [document] = daemon.documents(1)
    assert_follows_the_rules(document)
    assert (document["name"], document["namespace"]) == (name, "aws")
    assert document["aws"] == {"operation": "GetItem", "region": "eu-central-1"}
    assert [private for private in PRIVATE if private in daemon.text] == []


@pytest.mark.parametrize(
    ("status", "flags"),
    [(200, set()), (404, {"error"}), (429, {"error", "throttle"}), (500, {"fault"}), (None, {"fault"})],
)
def test_how_it_ended_is_told_by_x_ray_s_flags(
    wire: Wire, daemon: Daemon, status: int | None, flags: set[str]
) -> None:
    wire.script = answering(None if status is None else (status, b"{}"))
    with suppress(Unavailable):
        Logto().get(wire.url)
    [document] = daemon.documents(1)
    assert_follows_the_rules(document)
    assert {name for name in ("error", "fault", "throttle") if document.get(name)} == flags
    assert document["http"].get("response") == (None if status is None else {"status": status})


def test_every_try_of_a_call_to_aws_is_told(
    wire: Wire, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(variable, "x")
    wire.script = answering((503, b"{}"))
    with pytest.raises(AwsError):
        aws.dynamodb(wire.url).call("GetItem", {})
    assert [document["fault"] for document in daemon.documents(aws.TRIES)] == [True] * aws.TRIES


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        TRACED.replace("Sampled=1", "Sampled=0"),
        "Sampled=1",
        f"Root={ROOT};Sampled=1",
        "Sampled=1;;=",
    ],
)
def test_a_request_that_is_not_traced_sends_nothing(
    wire: Wire, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, header: str | None
) -> None:
    if header is None:
        monkeypatch.delenv("_X_AMZN_TRACE_ID")
    else:
        monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    assert Logto().get(wire.url).status == 200
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACED)
    Logto().get(wire.url)
    assert len(daemon.documents(1)) == 1
    assert daemon.is_empty()


@pytest.mark.parametrize("address", [None, "", "nowhere", "127.0.0.1:", "127.0.0.1:99999", ":0"])
def test_without_a_daemon_the_call_is_made_all_the_same(
    wire: Wire, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    if address is None:
        monkeypatch.delenv("AWS_XRAY_DAEMON_ADDRESS")
    else:
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    assert Logto().get(wire.url).status == 200


def test_a_call_belongs_to_the_request_in_which_it_began(
    wire: Wire, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(exchange: Exchange) -> None:
        monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACED.replace(PARENT, "0" * 16))
        exchange.answer(200, b"{}")

    wire.script = script
    Logto().get(wire.url)
    [document] = daemon.documents(1)
    assert document["parent_id"] == PARENT


def test_a_kept_connection_that_broke_is_one_call(wire: Wire, daemon: Daemon) -> None:
    answered: list[None] = []

    def script(exchange: Exchange) -> None:
        answered.append(None)
        if len(answered) == 2:
            exchange.hang_up()
        else:
            exchange.answer(200, b"{}")

    transport.forget()
    wire.script = script
    Logto().get(wire.url)
    Logto().get(wire.url)
    assert len(answered) == 3
    assert ["fault" in document for document in daemon.documents(2)] == [False, False]
    assert daemon.is_empty()


def test_what_is_sent_is_one_datagram_with_the_daemon_s_header(wire: Wire, daemon: Daemon) -> None:
    Logto().get(wire.url)
    daemon.documents(1)
    header, _, document = daemon.text.partition("\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    assert json.loads(document)
