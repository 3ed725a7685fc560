"""Metrics as members of a log line, in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
A dimension costs money for each of its values and is readable by many: it is a short list known beforehand,
and never anything of a person.
"""

import time
from collections.abc import Mapping
from typing import Any

_namespace = "Passerelle"


def configure(namespace: str) -> None:
    """Name the namespace in which all metrics stand from now on."""
    global _namespace
    _namespace = namespace


def count(name: str, value: float = 1, unit: str = "Count", **dimensions: str) -> dict[str, Any]:
    """Return the members that make a log line also count `value` for a metric with these dimensions."""
    definition = {"Name": name, "Unit": unit}
    directive = {"Namespace": _namespace, "Dimensions": [list(dimensions)], "Metrics": [definition]}
    stamp = int(time.time() * 1000)
    return {"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]}, name: value, **dimensions}


def fault(code: str) -> dict[str, Any]:
    """Return the members of a line that tells of a fault of ours, or of a service that we depend on."""
    return count("Faults", code=code)


def together(*counted: Mapping[str, Any]) -> dict[str, Any]:
    """Let one log line count several metrics; members that count nothing may be among them."""
    embedded = [one["_aws"] for one in counted if "_aws" in one]
    directives = [directive for each in embedded for directive in each["CloudWatchMetrics"]]
    members = {name: value for one in counted for name, value in one.items()}
    return members | {"_aws": {**embedded[0], "CloudWatchMetrics": directives}}
