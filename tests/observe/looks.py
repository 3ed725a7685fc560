"""The schedule's look at everything, by checks that find what a test wants."""

from collections.abc import Callable, Iterator

import pytest

from passerelle.health.checks import CHECKS
from passerelle.health.facts import Facts
from passerelle.health.findings import Finding
from passerelle.health.runner import Check
from passerelle.health.watch import watch


def look(failed: int = 0) -> None:
    """Look once; so many of the checks fail."""
    checks = [Check(check.name, 6, _finds(number < failed)) for number, check in enumerate(CHECKS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("passerelle.health.checks.CHECKS", checks)
        patch.setattr("passerelle.health.facts.Facts", lambda _: None)
        patch.setattr("passerelle.runtime.instruments", lambda _: None)
        watch("")


def _finds(something: bool) -> Callable[[Facts], Iterator[Finding]]:
    return lambda _: iter([Finding("table_missing")] if something else [])
