"""A day at a thousand sign-ins and a hundred thousand session checks a second, on paper.

Calls come from the bench, sizes of items and log lines from the real code, prices, quotas and assumptions
from `prices`. Where keys meet partitions, one second is simulated.
"""

import argparse
import hashlib
import json
import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.template import Template
from passerelle import discovery, secrets
from passerelle.adapters.dynamodb_items import attempt_key
from passerelle.attempts import Attempt
from passerelle.keys import encode, parse_keyring
from passerelle.sessions import partition
from passerelle.settings import TOUCH_SECONDS
from tests.bench import items, prices
from tests.bench.counted import COUNTED, MEASURED, OPERATIONS, Counts
from tests.bench.items import Measured
from tests.bench.prices import SECONDS_A_MONTH, Rates, Usage

TEMPLATE_FILE = Path(__file__).parents[2] / "template.yaml"
TEMPLATE = TEMPLATE_FILE.read_text()
MEMORY_GB = {
    function.file.parent.name: function.memory / 1024
    for function in Template(TEMPLATE_FILE, {"LogtoIssuer": "https://id.example/oidc"}).functions().values()
}
PARTITION_WRITES = prices.PARTITION_WRITE_UNITS

Row = dict[str, str | float]

_OF_A_MESSAGE = ("claim", "settle", "look", "note")

RENEWALS_PER_CHECK = prices.SECONDS_BETWEEN_CHECKS / prices.TOKEN_SECONDS
TOUCHES_PER_CHECK = 1 / math.ceil(TOUCH_SECONDS / prices.SECONDS_BETWEEN_CHECKS)


def counts_from(rows: Mapping[str, Mapping[str, Any]]) -> Counts:
    """Take the counts out of what the bench measured in its process."""
    return {name: {"cold": row["calls_cold"], "warm": row["calls_warm"]} for name, row in rows.items()}


def functions_units(measured: Measured, counts: Counts) -> dict[str, tuple[float, float]]:
    """Read and write units of each function's warm request; refuses counts that it cannot explain."""
    each, total = items.units(measured), {}
    for name in prices.DURATIONS_MS:
        known, counted = OPERATIONS.get(name, ()), counts[name]["warm"].get("dynamodb", 0)
        if len(known) != counted:
            raise SystemExit(f"{name}: {counted} calls to DynamoDB counted, and {len(known)} known: {known}")
        reads, writes = (sum(each[operation][kind] for operation in known) for kind in (0, 1))
        besides = TOUCHES_PER_CHECK * each["touch"][1] + RENEWALS_PER_CHECK * each["renew"][1]
        total[name] = (reads, writes + (besides if name == "session" else 0))
    return total


def usage(rates: Rates, measured: Measured, counts: Counts, seconds: float, warm: float = 1) -> Usage:
    """What is used in so many seconds; `warm` is how many times the mean's environments are kept."""
    amounts = {name: rate * seconds for name, rate in rates.of_functions().items()}
    cost, requests = functions_units(measured, counts), sum(amounts.values())
    traced_anyway = min(requests, seconds)
    byte_seconds = amounts["callback"] * measured.stored_seconds() * _stored(measured.session)
    for size, seconds_kept in measured.of_messages():
        byte_seconds += amounts["send_otp"] * (seconds_kept + items.TTL_DELAY) * _stored(size)
    kept = {name: max(1.0, warm * count) for name, count in rates.environments().items()}
    reads_of_secrets = sum(kept[name] * counts[name]["cold"].get("secrets", 0) for name in kept)
    busy = sum(MEMORY_GB[name] * amounts[name] * prices.DURATIONS_MS[name] / 1000 for name in amounts)
    lines = sum(amounts[name] * measured.lines[name] for name in amounts)
    lines += amounts["session"] * RENEWALS_PER_CHECK * measured.lines["renewal"]
    return Usage(
        requests=requests,
        gb_seconds=busy,
        reads=sum(amounts[name] * cost[name][0] for name in amounts),
        writes=sum(amounts[name] * cost[name][1] for name in amounts),
        table_gb_months=byte_seconds / SECONDS_A_MONTH / prices.GB,
        secret_calls=reads_of_secrets * seconds / secrets.KEPT_SECONDS,
        secret_months=seconds / SECONDS_A_MONTH,
        lambda_log_bytes=lines + requests * prices.PLATFORM_LOG_BYTES,
        access_log_bytes=requests * measured.access_line,
        traces=traced_anyway + prices.TRACED_SHARE * (requests - traced_anyway),
        mails=amounts["send_otp"] * counts["send_otp"]["warm"]["mailgun"],
    )


def _stored(size: int) -> int:
    return size + prices.ITEM_OVERHEAD_BYTES


def one_second(rates: Rates, measured: Measured, seed: int) -> Iterator[tuple[str, float]]:
    """Keys that one second touches, as the real code makes them, and what each takes of a partition.

    Everybody is as busy as everybody else. Reads and writes of a partition are taken to share its capacity.
    """
    each, rng, keyring = items.units(measured), random.Random(seed), parse_keyring({"key": "k" * 64})
    pressure = {
        name: reads / prices.PARTITION_READ_UNITS + writes / PARTITION_WRITES
        for name, (reads, writes) in each.items()
    }
    people = int(rates.checks * prices.SECONDS_BETWEEN_CHECKS)
    for _ in range(int(rates.checks)):
        touch = pressure["touch"] if rng.random() < TOUCHES_PER_CHECK else 0
        touch += pressure["renew"] if rng.random() < RENEWALS_PER_CHECK else 0
        yield partition(keyring, "issuer", f"{rng.randrange(people):012x}"), pressure["check"] + touch
    for turn in range(int(rates.sign_ins)):
        attempt = Attempt(encode(rng.randbytes(32)), "", "", "", "", 0, None)
        on_mark = pressure["mark"] + 2 * items.write_units(measured.finished_mark) / PARTITION_WRITES
        yield attempt_key(attempt.fingerprint)["pk"]["S"], on_mark
        user = partition(keyring, "issuer", f"{turn + people:012x}")
        yield user, pressure["finish"] + pressure["mark"] - on_mark
        # A message, its address, its client and its event: four random keys, which share the load.
        for kind in ("message", "address", "ip", "event"):
            yield f"{kind}#{encode(rng.randbytes(32))}", sum(pressure[step] for step in _OF_A_MESSAGE) / 4


def fullest(load: Iterable[tuple[str, float]], partitions: int) -> float:
    """How full the fullest of equal partitions is, 1 being all; keys are hashed, as DynamoDB does."""
    full = [0.0] * partitions
    for key, pressure in load:
        place = int.from_bytes(hashlib.md5(key.encode()).digest()) * partitions >> 128  # noqa: S324
        full[place] += pressure
    return max(full)


def limits(rates: Rates, measured: Measured, counts: Counts) -> list[Row]:
    """What is needed at full load against what stands by default, that which breaks first on top."""
    of, kept, cost = rates.of_functions(), rates.environments(), functions_units(measured, counts)
    total, cold = sum(of.values()), {name: counts[name]["cold"].get("secrets", 0) for name in of}
    [route] = map(int, re.findall(r"  RequestsPerSecond:\n.*?Default: (\d+)", TEMPLATE, re.S))
    reads, writes = (sum(of[name] * cost[name][kind] for name in of) for kind in (0, 1))
    busy = sum(of[name] * prices.DURATIONS_MS[name] / 1000 for name in of)
    segments = total * prices.TRACED_SHARE * prices.SEGMENTS_PER_TRACE
    new, hot = prices.NEW_TABLE_PARTITIONS, 1000 * cost["session"][0]
    start = prices.LAMBDA_SCALING_PER_10_SECONDS / 10 * sum(cold.values())
    renewals = sum(kept[name] * cold[name] for name in of) / secrets.KEPT_SECONDS
    found: list[tuple[str, float, float]] = [
        ("RequestsPerSecond of the route /session", of["session"], route),
        ("RequestsPerSecond of /login, /callback, /send-otp, each", of["login"], route),
        ("API Gateway: requests a second of the account", total, prices.HTTP_API_ACCOUNT_RPS),
        ("Lambda: requests a second, ten times the concurrency", total, prices.LAMBDA_CONCURRENCY * 10),
        ("Lambda: concurrency by duration", busy, prices.LAMBDA_CONCURRENCY),
        ("DynamoDB: reads a second of a new table", reads, new * prices.PARTITION_READ_UNITS),
        ("DynamoDB: writes a second of a new table", writes, new * PARTITION_WRITES),
        ("DynamoDB: reads a second, quota of a table", reads, prices.TABLE_READ_UNITS),
        ("DynamoDB: writes a second, quota of a table", writes, prices.TABLE_WRITE_UNITS),
        ("X-Ray: segments a second", segments, prices.TRACE_SEGMENTS_PER_SECOND),
        ("Secrets Manager: calls a second, all starting at once", start, prices.SECRET_CALLS_PER_SECOND),
        ("Secrets Manager: calls a second, renewals", renewals, prices.SECRET_CALLS_PER_SECOND),
        ("One user of 1,000 checks a second: reads of a partition", hot, prices.PARTITION_READ_UNITS),
    ]
    found.sort(key=lambda limit: limit[2] / (limit[1] or 1))
    return [
        {"limit": what, "needed": needed, "default": default, "breaks at % of it": 100 * default / needed}
        for what, needed, default in found
        if needed
    ]


def partition_rows(rates: Rates, measured: Measured, seed: int) -> list[Row]:
    """One second on a new table, and on one of so many partitions as the mean needs, and more."""
    load = list(one_second(rates, measured, seed))
    needed = math.ceil(sum(pressure for _, pressure in load))
    hot = (load[0][0], 1000 * items.units(measured)["check"][0] / prices.PARTITION_READ_UNITS)
    return [
        {
            "partitions": count,
            "mean load %": 100 * sum(pressure for _, pressure in load) / count,
            "fullest %": 100 * fullest(load, count),
            "fullest % with one user of 1,000 checks/s": 100 * fullest([*load, hot], count),
        }
        for count in (prices.NEW_TABLE_PARTITIONS, needed, needed * 3 // 2, 2 * needed, 4 * needed)
    ]


def function_rows(rates: Rates, measured: Measured, counts: Counts) -> list[Row]:
    """Environments, how long they take to come up, and what a request or a second asks of others."""
    kept, cost, rows = rates.environments(), functions_units(measured, counts), list[Row]()
    for name, rate in rates.of_functions().items():
        cold, warm = counts[name]["cold"], counts[name]["warm"]
        documents = cold.get("logto", 0) - warm.get("logto", 0)
        row: Row = {"function": name, "requests/s": rate, "ms": prices.DURATIONS_MS[name]}
        row["busy at once"] = rate * prices.DURATIONS_MS[name] / 1000
        row["concurrency to ask for"] = kept[name]
        row["seconds to scale"] = 10 * kept[name] / prices.LAMBDA_SCALING_PER_10_SECONDS
        row["read units"], row["write units"] = cost[name]
        row["secrets/s"] = kept[name] * cold.get("secrets", 0) / secrets.KEPT_SECONDS
        renewed = rate * RENEWALS_PER_CHECK if name == "session" else 0
        fetched = kept[name] * documents / discovery.KEPT_SECONDS
        row["Logto/s"] = rate * warm.get("logto", 0) + renewed + fetched
        row["Mailgun/s"] = rate * warm.get("mailgun", 0)
        rows.append(row)
    return rows


def cost_rows(rates: Rates, measured: Measured, counts: Counts) -> list[Row]:
    """Dollars by service, a column for each occasion."""
    million = prices.MILLION
    occasions = {
        "a million sign-ins": usage(Rates(million, 0), measured, counts, 1),
        "a million checks": usage(Rates(0, million), measured, counts, 1),
        "a month at full load": usage(rates, measured, counts, SECONDS_A_MONTH),
    }
    use = prices.SIGN_INS_PER_USER_MONTH, prices.CHECKS_PER_USER_MONTH
    for users in (1_000, 100_000, 10 * million):
        mean = Rates(*(users * each / SECONDS_A_MONTH for each in use))
        month = usage(mean, measured, counts, SECONDS_A_MONTH, prices.PEAK_FACTOR)
        occasions[f"a month of {users:,} users"] = month
    bills = {occasion: prices.bill(used) for occasion, used in occasions.items()}
    services = next(iter(bills.values()))
    return [{"$": name, **{occasion: lines[name] for occasion, lines in bills.items()}} for name in services]


def report(rates: Rates, measured: Measured, counts: Counts, seed: int = 1) -> dict[str, list[Row]]:
    """All of it, by heading."""
    return {
        "What breaks first": limits(rates, measured, counts),
        "Functions": function_rows(rates, measured, counts),
        "DynamoDB: partitions in one second": partition_rows(rates, measured, seed),
        "DynamoDB: storage": items.storage_rows(rates, measured),
        "Cost": cost_rows(rates, measured, counts),
    }


def main() -> None:
    """Print the tables as Markdown or JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--sign-ins-per-second", type=float, default=1_000)
    parser.add_argument("--session-checks-per-second", type=float, default=100_000)
    parser.add_argument(
        "--calls", type=Path, help="JSON of python -m tests.bench, instead of the figures here"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    counts = COUNTED
    if options.calls:
        counts = counts_from(json.loads(options.calls.read_text())["in_process"])
    rates = Rates(options.sign_ins_per_second, options.session_checks_per_second)
    tables = report(rates, MEASURED, counts)
    print(json.dumps(tables, indent=2) if options.json else prices.markdown(tables))


if __name__ == "__main__":
    main()
