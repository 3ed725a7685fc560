"""What a month costs at so many sign-ins, with what is paid for whether anybody signs in or not.

python -m tests.bench.month prints it.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from tests.bench import growth, prices
from tests.bench.counted import COUNTED, MEASURED, Counts
from tests.bench.items import Measured
from tests.bench.prices import SECONDS_A_MONTH, Rates

CHECKS_PER_SIGN_IN = prices.CHECKS_PER_USER_MONTH / prices.SIGN_INS_PER_USER_MONTH
HOURS_A_MONTH = SECONDS_A_MONTH / 3600

METRICS_OF_A_SIGN_IN: Mapping[str, float] = {
    "SignIns started": 1,
    "SignIns finished": 1,
    "SignInFailed": 1,
    "Messages accepted": 1,
    "MessageFailed": 1,
    "Messages delivered": 1,
    "MessageBounced": 1,
    "SecondsToDelivery": 1,
    "SessionsEnded replaced": prices.REPLACING_SHARE,
    "SessionsEnded sign_out": prices.REQUESTS_PER_SIGN_IN["logout"],
    "Refreshes renewed": CHECKS_PER_SIGN_IN * growth.RENEWALS_PER_CHECK,
}
"""What is counted when all goes well, and how often for each sign-in. What goes wrong comes on top."""


class Health(NamedTuple):
    """The scheduled look at everything, with what one run of it uses."""

    runs: float = SECONDS_A_MONTH / 300
    metrics: int = 11
    """One for each of ten checks, and one of all."""
    seconds: float = 1.0
    memory_gb: float = 0.5
    reads: float = 3
    writes: float = 1
    secrets: float = 4
    requests: float = 2
    """Of its function: the look, and what it asks of the API as a browser would."""
    log_bytes: float = 11 * 420


def month_rows(measured: Measured, counts: Counts, health: Health | None = None) -> list[growth.Row]:
    """Dollars by item, a column for each number of sign-ins."""
    months = {
        f"{sign_ins:,} sign-ins": _bill(sign_ins, measured, counts, health or Health())
        for sign_ins in (1_000, 1_000_000)
    }
    items = next(iter(months.values()))
    return [{"$ a month": name, **{month: bill[name] for month, bill in months.items()}} for name in items]


def alarm_metrics() -> int:
    """How many metrics the template's alarms look at."""
    blocks = growth.TEMPLATE.split("Type: AWS::CloudWatch::Alarm\n")[1:]
    return sum(block.partition("\n\n")[0].count("MetricStat:") or 1 for block in blocks)


def _bill(sign_ins: int, measured: Measured, counts: Counts, health: Health) -> dict[str, float]:
    rates = Rates(sign_ins / SECONDS_A_MONTH, sign_ins * CHECKS_PER_SIGN_IN / SECONDS_A_MONTH)
    used = growth.usage(rates, measured, counts, SECONDS_A_MONTH, prices.PEAK_FACTOR)
    lines = prices.bill(used)
    own = {name: dollars for name, dollars in lines.items() if name not in ("AWS", "Mailgun")}
    busy = sum(_share(share * sign_ins, HOURS_A_MONTH) for share in METRICS_OF_A_SIGN_IN.values())
    own["CloudWatch metrics"] = busy * prices.METRIC_MONTH
    own["CloudWatch alarms"] = alarm_metrics() * prices.ALARM_METRIC_MONTH
    own["CloudWatch dashboard"] = prices.DASHBOARD_MONTH
    own["KMS"] = _key_calls(rates) * prices.KEY_CALL
    own["Health checks"] = _health(health)
    return own | {"AWS": sum(own.values()), "Mailgun": lines["Mailgun"]}


def _share(events: float, slots: float) -> float:
    """The share of time slots in which something happens that happens so often, at random."""
    return 1 - math.exp(-events / slots)


def _key_calls(rates: Rates) -> float:
    slots = SECONDS_A_MONTH / prices.KEY_KEPT_SECONDS
    callers = (rate for name, rate in rates.of_functions().items() if name != "login")
    return sum(slots * _share(rate * SECONDS_A_MONTH, slots) for rate in callers)


def _health(health: Health) -> float:
    log_bytes = health.log_bytes + health.requests * prices.PLATFORM_LOG_BYTES
    run = (
        prices.SCHEDULE_RUN
        + prices.HTTP_API_REQUESTS[0][1]
        + health.requests * (prices.LAMBDA_REQUEST + prices.TRACE)  # the first of a second is always traced
        + health.seconds * health.memory_gb * prices.LAMBDA_GB_SECONDS[0][1]
        + health.reads * prices.READ_UNIT
        + health.writes * prices.WRITE_UNIT
        + health.secrets * prices.SECRET_CALL
        + log_bytes * (prices.LAMBDA_LOG_BYTES[0][1] + prices.STORED_LOG_BYTE_MONTH)
        + prices.KEY_CALL
    )
    return health.runs * run + health.metrics * prices.METRIC_MONTH


if __name__ == "__main__":
    print(prices.markdown({"A month": month_rows(MEASURED, COUNTED)}))
