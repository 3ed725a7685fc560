"""The list of official tests: every name has its file, every file its name; no outcome is glossed over."""

import ast
import re
from pathlib import Path

import pytest

from tests.conformance.plans import PLANS, Plan, module_of
from tests.conformance.report import is_complete, outcomes, told

ROOT = Path(__file__).parents[2]
FILES = {path.stem: path for path in (ROOT / "tests/conformance").glob("test_oidcc_*.py")}
NAMES = [name for plan in PLANS for name in plan.tests]
PLAN = Plan("Short", "a-plan", ("oidcc-a", "oidcc-b"))


def test_the_plans_are_as_long_as_the_suites() -> None:
    assert [len(plan.tests) for plan in PLANS] == [14, 6, 3, 8, 3]
    assert len(NAMES) == 34
    assert [name for name in set(NAMES) if NAMES.count(name) > 1] == ["oidcc-client-test-idtoken-sig-none"]


def test_every_official_test_has_its_file_and_every_file_its_test() -> None:
    assert {module_of(name) for name in NAMES} == FILES.keys()


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_the_file_says_which_test_it_is(name: str) -> None:
    tree = ast.parse(FILES[module_of(name)].read_text())
    assert (ast.get_docstring(tree) or "").startswith(f"`{name}`")


def test_the_readme_has_the_number() -> None:
    assert re.search(r"`make conformance`[^.]*\b34\b", (ROOT / "README.md").read_text())


def case(module: str, inside: str = "") -> str:
    return f'<testcase classname="tests.conformance.{module}" name="test_it">{inside}</testcase>'


def results(*cases: str) -> dict[str, str]:
    return outcomes(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")


GOOD = [case("test_oidcc_a"), case("test_oidcc_b")]


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ("<failure/>", "FAIL"),
        ("<error/>", "FAIL"),
        ('<skipped type="pytest.xfail"/>', "OPEN"),
        ('<skipped type="pytest.skip"/>', "SKIP"),
    ],
)
def test_the_worst_of_a_file_counts(more: str, outcome: str) -> None:
    found = results(*GOOD, case("test_oidcc_b", more), case("test_oidcc_b"))
    assert found == {"test_oidcc_a": "PASS", "test_oidcc_b": outcome}
    assert not is_complete(found, [PLAN])
    assert [*told(found, [PLAN])][-1] == "In all, 1 of 2 pass."


def test_what_was_not_run_is_missing() -> None:
    found = results(GOOD[0])
    assert not is_complete(found, [PLAN])
    assert "  MISSING oidcc-b" in told(found, [PLAN])


def test_a_file_that_cannot_be_imported_has_failed() -> None:
    broken = '<testcase classname="" name="tests.conformance.test_oidcc_b"><error/></testcase>'
    assert results(GOOD[0], broken)["test_oidcc_b"] == "FAIL"


def test_all_is_well_when_all_pass() -> None:
    found = results(*GOOD)
    assert is_complete(found, [PLAN])
    assert [*told(found, [PLAN])] == [
        "Short (a-plan)",
        "  PASS    oidcc-a",
        "  PASS    oidcc-b",
        "  2 of 2 pass",
        "",
        "In all, 2 of 2 pass.",
    ]
