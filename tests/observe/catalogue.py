"""The metrics that docs/observe.md lists, and those that lines count."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.journal import Json

TEXT = (Path(__file__).parents[2] / "docs/observe.md").read_text()
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ?(\w*) ?\| ?(.*?) ?\|", re.M)
FROM_ACCESS_LOG = "RequestsThrottled"
"""The one metric that no function counts."""


class Counted(NamedTuple):
    """A metric under one value of its dimension."""

    name: str
    unit: str
    dimension: str = ""
    value: str = ""


def documented() -> set[Counted]:
    """Every metric of the table, under every value that its dimension may have."""
    return {
        Counted(name, unit, dimension, value)
        for name, unit, dimension, values in _ROW.findall(_section("Metrics"))
        for value in (_values(name, values) if dimension else [""])
    }


def counted(lines: Iterable[Json]) -> set[Counted]:
    """Every metric that lines count; refuses what CloudWatch would not take for one."""
    return {each for line in lines if "_aws" in line for each in _counted(line)}


def _counted(line: Json) -> Iterator[Counted]:
    assert isinstance(line["_aws"]["Timestamp"], int)
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        [names], [metric] = directive["Dimensions"], directive["Metrics"]
        assert len(names) <= 1, "one dimension is enough"
        assert isinstance(line[metric["Name"]], int | float)
        [(name, value)] = [(name, line[name]) for name in names] or [("", "")]
        assert isinstance(value, str)
        yield Counted(metric["Name"], metric["Unit"], name, value)


def _values(name: str, cell: str) -> list[str]:
    if not cell.startswith("[codes]"):
        return cell.split()
    return re.findall(r"`(\w+)`", _section(f"Codes of `{name}`"))


def _section(heading: str) -> str:
    match = re.search(rf"^(##+) {re.escape(heading)}\n(.*?)(?=^##+ |\Z)", TEXT, re.M | re.S)
    assert match, heading
    return match[2]
