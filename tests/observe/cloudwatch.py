"""CloudWatch, as much of it as one look at an alarm takes: metrics out of lines, statistics, states.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.support.journal import Json

Dimensions = frozenset[tuple[str, str]]


class Metric(NamedTuple):
    """A metric by its whole name."""

    namespace: str
    name: str
    dimensions: Dimensions = frozenset()


class Metrics:
    """Values of metrics by period, the newest last; all periods are as long as the alarm wants them."""

    def __init__(self) -> None:
        self._periods: list[dict[Metric, list[float]]] = [defaultdict(list)]

    def next_period(self) -> None:
        self._periods.append(defaultdict(list))

    def add(self, metric: Metric, *values: float) -> None:
        self._periods[-1][metric] += values

    def add_lines(self, lines: Iterable[Json], namespace: str) -> None:
        """Take the metrics out of lines in the embedded format; all stand in this namespace."""
        for line in lines:
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                [names], [definition] = directive["Dimensions"], directive["Metrics"]
                dimensions = frozenset((name, line[name]) for name in names)
                self.add(Metric(namespace, definition["Name"], dimensions), line[definition["Name"]])

    def filter(self, lines: Iterable[str], metric_filter: Json) -> None:
        """Count the lines of JSON that fit the pattern of an `AWS::Logs::MetricFilter`."""
        [transformation] = metric_filter["MetricTransformations"]
        for line in lines:
            if fits(metric_filter["FilterPattern"], json.loads(line)):
                metric = Metric(transformation["MetricNamespace"], transformation["MetricName"])
                self.add(metric, float(transformation["MetricValue"]))

    def state(self, alarm: Json) -> str:
        """`ALARM` or `OK`: every one of the evaluation periods breaches the threshold, or not."""
        count = alarm["EvaluationPeriods"]
        empty: dict[Metric, list[float]] = {}
        periods = ([empty] * count + self._periods)[-count:]
        breaching = [_is_breaching(alarm, _value(alarm, period)) for period in periods]
        return "ALARM" if all(breaching) else "OK"


def metrics_of(alarm: Json) -> list[Metric]:
    """What an alarm looks at."""
    stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
    return [_metric(each) for each in stats or [alarm]]


def fits(pattern: str, line: Json) -> bool:
    """Whether a line of JSON fits a filter pattern of equalities."""
    assert pattern.startswith("{")
    assert pattern.endswith("}")
    python = re.sub(r'\$\.(\w+) = ("[^"]*")', r'(line.get("\1") == \2)', pattern.strip("{}").strip())
    return bool(eval(python.replace("&&", "and").replace("||", "or"), {}, {"line": line}))


def _metric(described: Json) -> Metric:
    dimensions = frozenset((each["Name"], each["Value"]) for each in described.get("Dimensions", []))
    return Metric(described["Namespace"], described["MetricName"], dimensions)


def _value(alarm: Json, period: Mapping[Metric, list[float]]) -> float | None:
    if "Metrics" not in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return _statistic(period.get(_metric(alarm), []), statistic)
    [expression] = [each["Expression"] for each in alarm["Metrics"] if each.get("ReturnData", True)]
    known: dict[str, Any] = {
        each["Id"]: _statistic(
            period.get(_metric(each["MetricStat"]["Metric"]), []), each["MetricStat"]["Stat"]
        )
        for each in alarm["Metrics"]
        if "MetricStat" in each
    }
    if None in known.values():
        return None  # an expression over what is missing is missing
    match = re.fullmatch(r"IF\((.*), (.*), (.*)\)", expression)
    assert match, expression
    condition, then, otherwise = match.groups()
    return float(eval(then if eval(condition, {}, known) else otherwise, {}, known))


def _statistic(values: list[float], name: str) -> float | None:
    if not values:
        return None
    if name == "p99":
        return sorted(values)[math.ceil(0.99 * len(values)) - 1]
    return {"Sum": sum(values), "Average": sum(values) / len(values), "Maximum": max(values)}[name]


def _is_breaching(alarm: Json, value: float | None) -> bool:
    if value is None:
        return {"breaching": True, "notBreaching": False}[alarm["TreatMissingData"]]
    threshold = alarm["Threshold"]
    compared: dict[str, bool] = {
        "GreaterThanThreshold": value > threshold,
        "GreaterThanOrEqualToThreshold": value >= threshold,
    }
    return compared[alarm["ComparisonOperator"]]
