"""The questions to the logs that docs/observe.md gives ask for what the lines really have."""

import re

import pytest

from tests.observe.catalogue import TEXT
from tests.observe.template import access_log_line
from tests.support.audit import SCHEMA

_WORDS = {"filter", "sort", "display", "stats", "by", "as", "and", "or", "not", "in", "asc", "desc", "count"}
_WORDS |= {"count_distinct", "sum"}
_OF_INSIGHTS = {"timestamp"}
SECTION = TEXT.partition("## Questions to the logs")[2].partition("\n## ")[0]
QUERIES = [
    query.replace("\n    ", "\n") for query in re.findall(r"^    (filter .*(?:\n    .*)*)", SECTION, re.M)
]


def test_there_are_some() -> None:
    assert len(QUERIES) == 6


@pytest.mark.parametrize("query", QUERIES)
def test_every_member_exists(query: str) -> None:
    known = set(SCHEMA["properties"]) | set(re.findall(r'"(\w+)":', access_log_line()))
    without_values = re.sub(r'"[^"]*"', "", query)
    named = set(re.findall(r"[A-Za-z_]+", without_values)) - _WORDS - _OF_INSIGHTS
    named -= set(re.findall(r" as (\w+)", query))
    assert named <= known


@pytest.mark.parametrize("query", QUERIES)
def test_every_value_exists(query: str) -> None:
    for name in ("event", "outcome"):
        for values in re.findall(rf'{name} (?:not )?(?:in|=) (\[.*?\]|"\w+")', query):
            assert set(re.findall(r'"(\w+)"', values)) <= set(SCHEMA["properties"][name]["enum"])
