"""The model of growth: its arithmetic on small cases, and that what it is fed has not drifted."""

from pathlib import Path

import pytest

from local import gateway
from local.config import Config
from local.stack import Stack
from tests.bench import growth, inprocess, items, month, prices
from tests.bench.counted import COUNTED, MEASURED
from tests.bench.events import BUSY
from tests.bench.prices import Rates
from tests.observe.catalogue import counted
from tests.observe.cloudwatch import metrics_of
from tests.observe.template import ALARMS
from tests.support.journal import collected
from tests.unit.growth_measure import item_bytes, measure

ROOT = Path(__file__).parents[2]


def test_sizes_lines_and_lifetimes_are_those_of_the_real_code() -> None:
    """Fails with the new figures, for MEASURED; then put the new tables into docs/cost.md."""
    assert measure() == MEASURED


def test_calls_are_those_that_the_bench_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "load", gateway.load)  # the bench replaces it for good
    monkeypatch.setattr(inprocess, "WARM_REQUESTS", 2)
    with Stack(Config.ephemeral(**BUSY)) as stack:
        counted = growth.counts_from(inprocess.measure_requests(stack))
    home, session = counted["home"], counted["session"]
    assert {name: counts for name, counts in counted.items() if name != "home"} == COUNTED
    assert {when: {**calls, "dynamodb": 1} for when, calls in home.items()} == session
    assert home["warm"] == {"dynamodb": 2}


def test_a_count_that_nobody_can_explain_is_refused() -> None:
    more = {**COUNTED, "session": {"cold": {}, "warm": {"dynamodb": 2}}}
    with pytest.raises(SystemExit, match="session: 2 calls"):
        growth.functions_units(MEASURED, more)


def test_the_document_holds_the_tables_of_the_program() -> None:
    tables = growth.report(Rates(), MEASURED, COUNTED)
    document = (ROOT / "docs" / "cost.md").read_text()
    missing = [line for line in prices.markdown(tables).splitlines() if line not in document.splitlines()]
    assert not missing, "put the output of python -m tests.bench.growth into docs/cost.md"


def test_the_document_holds_a_month_and_names_what_costs_most() -> None:
    rows = month.month_rows(MEASURED, COUNTED)
    document = (ROOT / "docs" / "cost.md").read_text()
    assert all(line in document for line in prices.markdown({"A month": rows}).splitlines())
    for column, said in (("1,000 sign-ins", "a thousand"), ("1,000,000 sign-ins", "a million")):
        items = {str(row["$ a month"]): float(row[column]) for row in rows[:-2]}
        assert f"**At {said} sign-ins {max(items, key=items.__getitem__)} cost" in document
        assert float(rows[-2][column]) == pytest.approx(sum(items.values()))


def test_the_document_says_how_long_logs_are() -> None:
    requests = sum(prices.REQUESTS_PER_SIGN_IN.values()) + month.CHECKS_PER_SIGN_IN
    lines = sum(share * MEASURED.lines[name] for name, share in prices.REQUESTS_PER_SIGN_IN.items())
    lines += month.CHECKS_PER_SIGN_IN * growth.RENEWALS_PER_CHECK * MEASURED.lines["renewal"]
    parts = lines, requests * MEASURED.access_line, requests * prices.PLATFORM_LOG_BYTES
    own, access, platform = (round(part / 1000) for part in parts)
    said = (ROOT / "docs" / "cost.md").read_text()
    assert f"Logs are {round(sum(parts) / 1000)} KB for a sign-in with its checks: {own} of our own" in said
    assert f"{access} of the access log, {platform} of the two lines" in said


def test_a_month_counts_the_metrics_that_a_sign_in_really_counts() -> None:
    """What the lines of a whole sign-in count, but for what happens later or now and then."""
    now_and_then = {"SessionsEnded replaced", "SessionsEnded sign_out", "Refreshes renewed"}
    with collected() as lines:
        measure()
    names = {f"{each.name} {each.value}".strip() for each in counted(lines)}
    assert names | now_and_then == month.METRICS_OF_A_SIGN_IN.keys()


def test_alarms_are_charged_by_the_metrics_that_they_look_at() -> None:
    assert month.alarm_metrics() == sum(len(metrics_of(alarm)) for alarm in ALARMS.values())


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
    assert [items.write_units(size) for size in (1, 1024, 1025)] == [1, 1, 2]
    assert [items.read_units(size) for size in (0, 4096, 4097)] == [1, 1, 2]
    each = items.units(MEASURED._replace(session=1025, mark=100, finished_mark=200, revocation=100))
    transaction = 2 * (1 + 2 + 1) + prices.REPLACING_SHARE * 2 * 2
    one = {"mark": (0, 1), "check": (2, 0), "touch": (0, 2), "end": (0, 2), "look": (1, 0), "settle": (0, 1)}
    one |= {"renew": (0, 4)}
    assert each == one | {"finish": (0, transaction), "claim": (0, 8), "note": (0, 4)}


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
    used = growth.usage(Rates(0, 1e6), MEASURED, COUNTED, 1)
    assert (used.requests, used.reads, used.mails) == (1e6, 2e6, 0)
    assert used.writes == pytest.approx(1e6 / 5 + 2 * 1e6 / 60)
    assert used.gb_seconds == pytest.approx(0.5 * 0.015 * 1e6)
    assert used.traces == pytest.approx(50_000, rel=0.001)


def test_keys_of_one_second_are_the_same_for_a_seed_and_other_ones_for_another() -> None:
    first, again, other = (list(growth.one_second(Rates(10, 100), MEASURED, n)) for n in (1, 1, 2))
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
    rows = growth.limits(Rates(), MEASURED, COUNTED)
    shares = [float(row["breaks at % of it"]) for row in rows]
    assert shares == sorted(shares)
    assert rows[0]["limit"] == "RequestsPerSecond of the route /session"
    assert (rows[0]["needed"], rows[0]["default"]) == (100_000, 100)
