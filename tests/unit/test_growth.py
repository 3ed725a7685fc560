"""The model of growth: its arithmetic on small cases, and that what it is fed has not drifted."""

import io
import logging
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from local import gateway
from local.config import Config
from local.stack import Stack
from passerelle import log, logout, otp, sessions
from passerelle.adapters.dynamodb import DynamoDBStore
from passerelle.keys import random_value
from passerelle.ports import Reply, Revocation
from tests.bench import growth, inprocess, prices
from tests.bench.prices import Measured, Rates
from tests.support.doubles import BASE_URL, ISSUER, Call
from tests.unit.journey import TOKEN, Logto, begin, come_back, make_signing_world

ROOT = Path(__file__).parents[2]
NOW = 1_812_345_679
"""A time whose digits all count: DynamoDB does not store zeros at a number's end."""
LATER = NOW + sessions.TOUCH_SECONDS
MESSAGE = b'{"to": "ada@example.com", "type": "SignIn", "payload": {"code": "123456"}}'

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
    """Stands for DynamoDB: keeps items as the real store sends them, by the first word of the sort key."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation == "BatchGetItem":
            return {"Responses": {"table": [self.items["s"]]}}
        item: dict[str, Any] = {}
        for step in body.get("TransactItems") or [{operation.removesuffix("Item"): body}]:
            [(verb, request)] = step.items()
            new = request["Item"] if verb == "Put" else _updated(request)
            item = self.items.setdefault(new["sk"]["S"].partition("#")[0], {})
            item.update(new)
        return {"Attributes": item}


def _updated(request: Mapping[str, Any]) -> dict[str, Any]:
    names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
    sets = [part.split(" = ") for part in request["UpdateExpression"].removeprefix("SET ").split(", ")]
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
    token = log.correlation_id.set(ACCESS_LOG_VALUES["requestId"])
    try:
        return action(), event_bytes(stream.getvalue())
    finally:
        log.correlation_id.reset(token)
        logger.setLevel(level)
        logger.removeHandler(handler)


def measure() -> Measured:
    """Go the whole way with the real code, and measure what it leaves."""
    recorder, (world, logto) = Recorder(), make_signing_world()
    store = DynamoDBStore("table", recorder)
    world = world._replace(services=world.services._replace(store=store))
    world.provider.answers[TOKEN] = _as_logto_does(logto)
    away, login_bytes = logged(lambda: begin(world, logto, now=NOW))
    returned, callback_bytes = logged(lambda: come_back(world, away, now=NOW))
    session, mark, cookie = dict(recorder.items["s"]), recorder.items["attempt"], returned.session_cookie
    handle = sessions.parse_cookie(cookie)
    assert handle
    store.revoke(handle.user, Revocation(NOW, handle.id), LATER)
    live, session_bytes = logged(lambda: sessions.live_session(world.services, cookie, LATER))
    assert live
    touched = dict(recorder.items["s"])
    assert touched != session
    lines = {"login": login_bytes, "callback": callback_bytes, "session": session_bytes}
    lines["logout"] = logged(lambda: logout.sign_out(world.services, cookie, BASE_URL, LATER))[1]
    lines["send_otp"] = logged(lambda: otp.deliver(world.services, MESSAGE, NOW))[1]
    return Measured(
        session=item_bytes(session),
        mark=item_bytes({name: value for name, value in mark.items() if name != "signed_in"}),
        finished_mark=item_bytes(mark),
        revocation=item_bytes(recorder.items["revocation"]),
        lines=lines,
        access_line=event_bytes(_access_line()),
        lifetimes={
            "marks": int(mark["ttl"]["N"]) - NOW,
            "sessions used once": int(session["ttl"]["N"]) - NOW,
            "sessions used again": int(touched["ttl"]["N"]) - LATER,
        },
    )


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


def test_sizes_lines_and_lifetimes_are_those_of_the_real_code() -> None:
    """Fails with the new figures, for MEASURED; then put the new tables into docs/cost.md."""
    assert measure() == growth.MEASURED


def test_calls_are_those_that_the_bench_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "load", gateway.load)  # the bench replaces it for good
    monkeypatch.setattr(inprocess, "WARM_REQUESTS", 2)
    with Stack(Config.ephemeral()) as stack:
        counted = growth.counts_from(inprocess.measure_requests(stack))
    home, session = counted["home"], counted["session"]
    assert {name: counts for name, counts in counted.items() if name != "home"} == growth.COUNTED
    assert home == session


def test_a_count_that_nobody_can_explain_is_refused() -> None:
    more = {**growth.COUNTED, "session": {"cold": {}, "warm": {"dynamodb": 2}}}
    with pytest.raises(SystemExit, match="session: 2 calls"):
        growth.functions_units(growth.MEASURED, more)


def test_the_document_holds_the_tables_of_the_program() -> None:
    tables = growth.report(Rates(), growth.MEASURED, growth.COUNTED)
    document = (ROOT / "docs" / "cost.md").read_text()
    missing = [line for line in prices.markdown(tables).splitlines() if line not in document.splitlines()]
    assert not missing, "put the output of python -m tests.bench.growth into docs/cost.md"


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "abc"}}, 5),
        ({"pk": {"S": "é"}}, 4),
        ({"n": {"N": "1800000000"}}, 3),
        ({"n": {"N": "1812345679"}}, 7),
        ({"n": {"N": "0"}}, 2),
    ],
)
def test_items_are_sized_by_dynamodb_s_rules(item: dict[str, dict[str, str]], size: int) -> None:
    assert item_bytes(item) == size


def test_units_round_up_and_a_transaction_costs_double() -> None:
    assert [prices.write_units(size) for size in (1, 1024, 1025)] == [1, 1, 2]
    assert [prices.read_units(size) for size in (0, 4096, 4097)] == [1, 1, 2]
    each = prices.units(growth.MEASURED._replace(session=1025, mark=100, finished_mark=200, revocation=100))
    transaction = 2 * (2 + 1) + prices.REPLACING_SHARE * 2 * 2
    one = {"mark": (0, 1), "check": (2, 0), "touch": (0, 2), "end": (0, 2)}
    assert each == one | {"finish": (0, transaction)}


def test_tiers_price_the_first_units_higher() -> None:
    tiers = ((10, 2.0), (10, 1.0), (prices.UNLIMITED, 0.5))
    assert [prices.tiered(amount, tiers) for amount in (5, 15, 30)] == [10, 25, 35]


def test_a_bill_is_the_sum_of_its_lines() -> None:
    bill = prices.bill(prices.Usage(requests=1e6, reads=8e6, writes=4e6, mails=1000, secret_months=1))
    assert bill["API Gateway"] == pytest.approx(1.0)
    assert bill["DynamoDB reads"] == pytest.approx(1.0)
    assert bill["DynamoDB writes"] == pytest.approx(2.5)
    assert bill["AWS"] == pytest.approx(1.0 + 0.2 + 1.0 + 2.5 + 1.6)
    assert bill["Mailgun"] == pytest.approx(1.1)


def test_environments_follow_duration_but_bear_ten_requests_a_second_at_most() -> None:
    kept = Rates(sign_ins=10, checks=1000).environments()
    assert kept["session"] == pytest.approx(100)  # 15 by duration
    assert kept["send_otp"] == pytest.approx(3)


def test_a_million_checks_use_what_a_check_uses() -> None:
    used = growth.usage(Rates(0, 1e6), growth.MEASURED, growth.COUNTED, 1)
    assert (used.requests, used.reads, used.mails) == (1e6, 2e6, 0)
    assert used.writes == pytest.approx(1e6 / 5)
    assert used.gb_seconds == pytest.approx(0.5 * 0.015 * 1e6)
    assert used.traces == pytest.approx(50_000, rel=0.001)


def test_keys_of_one_second_are_the_same_for_a_seed_and_other_ones_for_another() -> None:
    first, again, other = (list(growth.one_second(Rates(10, 100), growth.MEASURED, n)) for n in (1, 1, 2))
    assert first == again
    assert {key for key, _ in first}.isdisjoint(key for key, _ in other if key.startswith("attempt#"))
    reads = 100 * 2 / prices.PARTITION_READ_UNITS
    assert sum(pressure for _, pressure in first) > reads + 10 * 6 / prices.PARTITION_WRITE_UNITS


def test_keys_spread_and_a_hot_one_shows() -> None:
    spread = [(f"user-{n}", 0.001) for n in range(10_000)]
    assert growth.fullest(spread, 1) == pytest.approx(10)
    assert 1 < growth.fullest(spread, 10) < 1.15
    assert growth.fullest([("user-1", 0.001)] * 10_000, 10) == pytest.approx(10)


def test_what_breaks_first_stands_on_top() -> None:
    rows = growth.limits(Rates(), growth.MEASURED, growth.COUNTED)
    shares = [float(row["breaks at % of it"]) for row in rows]
    assert shares == sorted(shares)
    assert rows[0]["limit"] == "RequestsPerSecond of the route /session"
    assert (rows[0]["needed"], rows[0]["default"]) == (100_000, 100)
