"""What the functions log."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from passerelle.log import JsonFormatter

Json = dict[str, Any]


def refusal(journal: list[Json]) -> Json:
    """The line of the last refused request; what was fetched ahead may have written after it."""
    return [line for line in journal if "status" in line and "code" in line][-1]


@pytest.fixture
def journal() -> Iterator[list[Json]]:
    """The lines that the functions log."""
    with collected() as lines:
        yield lines


@contextmanager
def collected() -> Iterator[list[Json]]:
    """Collect the lines that the functions log."""
    lines: list[Json] = []

    class _Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    collector = _Collector()
    collector.setFormatter(JsonFormatter())
    logger = logging.getLogger("passerelle")
    level = logger.level
    logger.addHandler(collector)
    logger.setLevel(level or "INFO")
    yield lines
    logger.setLevel(level)
    logger.removeHandler(collector)
