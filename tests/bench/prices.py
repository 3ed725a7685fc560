"""Prices, quotas and assumptions of the growth model, for us-east-1, in US dollars without tax.

As known on 2026-11-22, FROM MEMORY of the price lists and quota pages: check before relying on them. Free
tiers, discounts and data transfer are left out. What is not known is not here; the report says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

SECONDS_A_DAY = 86_400
SECONDS_A_MONTH = 30 * SECONDS_A_DAY
MILLION = 1_000_000
GB = 1_000_000_000

Tier = tuple[float, float]
"""How many units the tier holds, and the price of one."""

UNLIMITED = float("inf")

# Amazon API Gateway, HTTP API; a request counts once for each 512 KB begun.
HTTP_API_REQUESTS: Sequence[Tier] = ((300 * MILLION, 1.00 / MILLION), (UNLIMITED, 0.90 / MILLION))
HTTP_API_ACCOUNT_RPS = 10_000
"""Of all APIs of an account in a region together; can be raised on request."""

# AWS Lambda, arm64.
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECONDS: Sequence[Tier] = (
    (7.5 * GB, 0.0000133334),
    (11.25 * GB, 0.0000120001),
    (UNLIMITED, 0.0000106667),
)
LAMBDA_CONCURRENCY = 1_000
"""Of an account in a region; a new account may begin lower."""
LAMBDA_RPS_PER_CONCURRENCY = 10
"""Requests a second for each unit of the concurrency quota, however short they are."""
LAMBDA_SCALING_PER_10_SECONDS = 1_000
"""New environments of each function."""

# Amazon DynamoDB, on demand, table class Standard.
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
TABLE_GB_MONTH = 0.25
RECOVERY_GB_MONTH = 0.20
ITEM_OVERHEAD_BYTES = 100
"""Added to each item when storage is billed."""
PARTITION_WRITE_UNITS = 1_000
PARTITION_READ_UNITS = 3_000
PARTITION_BYTES = 10 * GB
NEW_TABLE_PARTITIONS = 4
"""A new table on demand bears 4,000 write and 12,000 read units a second."""
TABLE_WRITE_UNITS = TABLE_READ_UNITS = 40_000
"""Quota of a table on demand; can be raised on request."""
TTL_DELAY_DAYS = 2
"""DynamoDB promises "within a few days"; those deletions cost no write units."""

# AWS Secrets Manager.
SECRET_MONTH = 0.40
SECRET_CALL = 0.05 / 10_000
SECRET_CALLS_PER_SECOND = 10_000
SECRETS = 4

# Amazon CloudWatch Logs. What Lambda writes is tiered; the access log is taken as standard.
LAMBDA_LOG_BYTES: Sequence[Tier] = (
    (10_000 * GB, 0.50 / GB),
    (20_000 * GB, 0.25 / GB),
    (20_000 * GB, 0.10 / GB),
    (UNLIMITED, 0.05 / GB),
)
ACCESS_LOG_BYTE = 0.50 / GB
STORED_LOG_BYTE_MONTH = 0.03 * 0.15 / GB
"""Stored compressed, to about 15 per cent, for the 30 days of the template."""
LOG_EVENT_OVERHEAD_BYTES = 26

# AWS X-Ray under its default rule: the first request of each second, and 5 per cent of the others.
TRACE = 5.00 / MILLION
TRACED_SHARE = 0.05
TRACE_SEGMENTS_PER_SECOND = 2_600
SEGMENTS_PER_TRACE = 2
"""One of the service Lambda, one of the function."""

# Amazon CloudWatch; a metric is charged for each hour in which it was counted.
METRIC_MONTH = 0.30
ALARM_METRIC_MONTH = 0.10
DASHBOARD_MONTH = 3.00

# AWS KMS. Secrets Manager's use of its own key is free; DynamoDB's use of the account's is not.
KEY_CALL = 0.03 / 10_000
KEY_KEPT_SECONDS = 300
"""DynamoDB keeps a table's key so long for each caller, which is a role."""

# Amazon EventBridge Scheduler.
SCHEDULE_RUN = 1.00 / MILLION

# Mailgun: messages beyond a plan's own, as on the Scale plan. What 1,000 a second cost, or whether a plan has
# that rate, is unknown: it is negotiated. What Logto costs and bears is unknown as well.
MAIL = 1.10 / 1_000

# Assumptions about use. No measurement stands behind them.
REQUESTS_PER_SIGN_IN = {"login": 1.0, "callback": 1.0, "send_otp": 1.0, "mailgun_webhook": 1.0, "logout": 0.1}
"""Everybody types a code each time, whose delivery Mailgun tells; one in ten signs out."""
REPLACING_SHARE = 0.5
"""Sign-ins in a browser that still holds the cookie of an older session."""
USED_AGAIN_SHARE = 0.5
"""Sessions that are looked at again when `last_seen_at` is due, which moves their `ttl`."""
SECONDS_BETWEEN_CHECKS = 60
"""Of one session in use."""
TOKEN_SECONDS = 3600
"""How long Logto's access tokens last, and so how often a session in use is renewed."""
SIGN_INS_PER_USER_MONTH = 4
CHECKS_PER_USER_MONTH = 300
PEAK_FACTOR = 5
"""How much busier the busiest hour is than the month's mean; sizes the environments only."""
DURATIONS_MS = {
    "session": 15.0,
    "callback": 60.0,
    "login": 5.0,
    "send_otp": 300.0,
    "mailgun_webhook": 20.0,
    "logout": 60.0,
}
"""Warm; not measured on AWS. Mailgun's answer is most of send_otp, Logto's of callback and logout."""

PLATFORM_LOG_BYTES = 394 + 385 + 2 * LOG_EVENT_OVERHEAD_BYTES
"""The start and the report of one invocation in JSON at the level INFO, after AWS's own examples."""


class Rates(NamedTuple):
    """Requests a second at which the system is looked at."""

    sign_ins: float = 1_000
    checks: float = 100_000

    def of_functions(self) -> dict[str, float]:
        """Requests a second of each function."""
        return {"session": self.checks} | {
            name: share * self.sign_ins for name, share in REQUESTS_PER_SIGN_IN.items()
        }

    def environments(self) -> dict[str, float]:
        """Of each function, by its duration or by the ten requests a second that each bears at most."""
        return {
            name: rate * max(DURATIONS_MS[name] / 1000, 1 / LAMBDA_RPS_PER_CONCURRENCY)
            for name, rate in self.of_functions().items()
        }


def tiered(amount: float, tiers: Sequence[Tier]) -> float:
    """Price an amount whose first units are dearer than the rest."""
    total = 0.0
    for size, price in tiers:
        total += min(amount, size) * price
        amount -= min(amount, size)
    return total


class Usage(NamedTuple):
    """What is paid for."""

    requests: float = 0
    gb_seconds: float = 0
    reads: float = 0
    writes: float = 0
    table_gb_months: float = 0
    secret_calls: float = 0
    secret_months: float = 0
    lambda_log_bytes: float = 0
    access_log_bytes: float = 0
    traces: float = 0
    mails: float = 0


def bill(usage: Usage) -> dict[str, float]:
    """Price it, by service."""
    logs = tiered(usage.lambda_log_bytes, LAMBDA_LOG_BYTES) + usage.access_log_bytes * ACCESS_LOG_BYTE
    stored = (usage.lambda_log_bytes + usage.access_log_bytes) * STORED_LOG_BYTE_MONTH
    lines = {
        "API Gateway": tiered(usage.requests, HTTP_API_REQUESTS),
        "Lambda": usage.requests * LAMBDA_REQUEST + tiered(usage.gb_seconds, LAMBDA_GB_SECONDS),
        "DynamoDB reads": usage.reads * READ_UNIT,
        "DynamoDB writes": usage.writes * WRITE_UNIT,
        "DynamoDB storage": usage.table_gb_months * (TABLE_GB_MONTH + RECOVERY_GB_MONTH),
        "CloudWatch logs": logs + stored,
        "X-Ray": usage.traces * TRACE,
        "Secrets Manager": usage.secret_calls * SECRET_CALL + usage.secret_months * SECRETS * SECRET_MONTH,
    }
    return lines | {"AWS": sum(lines.values()), "Mailgun": usage.mails * MAIL}


def markdown(tables: Mapping[str, Sequence[Mapping[str, str | float]]]) -> str:
    """Render tables by heading; numbers with about two digits that matter."""
    lines = []
    for heading, rows in tables.items():
        lines += [f"## {heading}", "", _line(rows[0]), _line(["---", *["---:"] * (len(rows[0]) - 1)])]
        lines += [*(_line(map(_cell, row.values())) for row in rows), ""]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return value
    digits = 0 if not value or abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
