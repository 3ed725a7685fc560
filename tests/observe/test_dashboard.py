"""The dashboard is one, and shows metrics that exist, of every function."""

import json
import re
from pathlib import Path

import pytest

from tests.observe.catalogue import documented
from tests.observe.template import (
    ALARMS,
    KNOWN_OF_AWS,
    NAMESPACE,
    TRANSLATED,
    WIDGETS,
    assert_exists,
    translated,
)
from tests.support.journal import Json

SNAPSHOT = Path(__file__).parent / "snapshot.json"
LONGEST_NAME = 64
_OF_OURS = re.compile(r"""SEARCH\('{"(.+)",(\w+)} MetricName="(\w+)"', '(\w+)', \d+\)""")
_OF_FUNCTIONS = re.compile(
    r"""SEARCH\('{AWS/Lambda,FunctionName} MetricName="(\w+)" FunctionName=\((.+)\)', '(\w+)', \d+\)"""
)
METRIC_WIDGETS = [widget for widget in WIDGETS if widget["type"] == "metric"]


def titles(widget: Json) -> str:
    return str(widget["properties"]["title"])


@pytest.mark.parametrize("widget", METRIC_WIDGETS, ids=titles)
def test_every_metric_exists(widget: Json) -> None:
    for metric in widget["properties"]["metrics"]:
        if isinstance(metric[0], dict):
            assert_found(metric[0]["expression"])
        else:
            [namespace, name, *named] = [part for part in metric if isinstance(part, str)]
            assert_exists(namespace, name, dict(zip(named[::2], named[1::2], strict=True)))


def assert_found(expression: str) -> None:
    """The search finds metrics of ours, or of every function."""
    if ours := _OF_OURS.fullmatch(expression):
        namespace, dimension, name, _ = ours.groups()
        assert namespace == NAMESPACE
        assert (name, dimension) in {(each.name, each.dimension) for each in documented()}
        return
    match = _OF_FUNCTIONS.fullmatch(expression)
    assert match, expression
    assert ("AWS/Lambda", match[1]) in KNOWN_OF_AWS
    functions = TRANSLATED.resources("AWS::Lambda::Function").keys()
    assert set(match[2].split(" OR ")) == {f'"{name}"' for name in functions}
    # CloudWatch takes no longer ones, and names of functions begin with the stack's.
    assert len(expression) - len("".join(functions)) + LONGEST_NAME * len(functions) <= 1024


def test_every_alarm_is_shown() -> None:
    [widget] = [widget for widget in WIDGETS if widget["type"] == "alarm"]
    assert set(widget["properties"]["alarms"]) == {TRANSLATED.arn(name) for name in ALARMS}


def test_cold_starts_are_counted_in_the_log_of_every_function() -> None:
    [widget] = [widget for widget in WIDGETS if widget["type"] == "log"]
    sources = re.findall(r"SOURCE '(.+?)'", widget["properties"]["query"])
    functions = TRANSLATED.resources("AWS::Lambda::Function").values()
    assert set(sources) == {function["LoggingConfig"]["LogGroup"] for function in functions}


def test_every_outcome_of_the_documents_is_shown() -> None:
    """Whatever a line counts for by outcome has its own colour; codes and causes are searched for."""
    shown = {
        (metric[1], metric[3])
        for widget in METRIC_WIDGETS
        for metric in widget["properties"]["metrics"]
        if metric[0] == NAMESPACE and len(metric) > 3
    }
    assert shown == {(each.name, each.value) for each in documented() if each.dimension == "outcome"}


@pytest.mark.parametrize(
    ("level", "filtered"), [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "INFO"), ("ERROR", "INFO")]
)
def test_lambda_drops_no_line_that_the_code_writes(level: str, filtered: str) -> None:
    for function in translated(LogLevel=level).resources("AWS::Lambda::Function").values():
        assert function["LoggingConfig"]["ApplicationLogLevel"] == filtered


def test_widgets_do_not_lie_upon_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in WIDGETS:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken, titles(widget)
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_alarms_and_dashboard_are_as_they_were_looked_at() -> None:
    """After a change that is wanted: python -m tests.observe.snapshot, and look at the difference."""
    assert json.loads(SNAPSHOT.read_text()) == {"alarms": ALARMS, "widgets": WIDGETS}
