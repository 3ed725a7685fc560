"""Checks run side by side; none hides another, whatever it does."""

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from passerelle import runtime
from passerelle.errors import Misconfigured
from passerelle.health.checks import CHECKS
from passerelle.health.facts import Facts, Once
from passerelle.health.findings import Finding, Found, Result
from passerelle.health.runner import Check, run
from tests.support.doubles import ENVIRONMENT


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def facts() -> Facts:
    return Facts(runtime.instruments(""))


def nothing(facts: Facts) -> Iterator[Finding]:
    yield from ()


def results(*checks: Check, facts: Facts) -> dict[str, Result]:
    return {result.check: result for result in run(checks, facts)}


def test_a_hanging_check_is_given_up_and_the_others_are_told_before(facts: Facts) -> None:
    release = threading.Event()

    def hang(_: Facts) -> Iterator[Finding]:
        release.wait(20)
        yield Finding("ttl_off")

    started = time.monotonic()
    told = list(run([Check("hanging", 0.2, hang), Check("other", 5, nothing)], facts))
    assert time.monotonic() - started < 2
    assert [(result.check, result.outcome, result.code) for result in told] == [
        ("other", "ok", "ok"),
        ("hanging", "failed", "check_timed_out"),
    ]
    release.set()


def test_a_check_that_ends_after_its_time_is_told_once(facts: Facts) -> None:
    first_is_over = threading.Event()

    def late(_: Facts) -> Iterator[Finding]:
        first_is_over.wait(5)
        yield Finding("ttl_off")

    def wait(_: Facts) -> Iterator[Finding]:
        first_is_over.wait(5)
        time.sleep(0.2)
        yield from ()

    told = []
    for result in run([Check("late", 0.05, late), Check("waiting", 5, wait)], facts):
        told.append((result.check, result.code))
        first_is_over.set()
    assert told == [("late", "check_timed_out"), ("waiting", "ok")]


def test_all_begin_at_once(facts: Facts) -> None:
    together = threading.Barrier(3)

    def meet(_: Facts) -> Iterator[Finding]:
        together.wait(5)
        yield from ()

    told = results(*(Check(name, 5, meet) for name in ("a", "b", "c")), facts=facts)
    assert {result.outcome for result in told.values()} == {"ok"}


def test_a_check_with_a_fault_of_its_own_says_so_and_not_what_it_held(
    facts: Facts, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: Facts) -> Iterator[Finding]:
        yield Finding("ttl_off")
        raise ValueError("the-secret")

    monkeypatch.setattr(logging.getLogger("passerelle"), "propagate", True)
    told = results(Check("crashing", 5, crash), Check("other", 5, nothing), facts=facts)
    assert {finding.code for finding in told["crashing"].findings} == {"check_crashed", "ttl_off"}
    assert told["other"].outcome == "ok"
    assert {record.getMessage() for record in caplog.records} == {"health_check_crashed"}


def test_what_belongs_to_another_check_is_told_there_alone(facts: Facts) -> None:
    def rely(_: Facts) -> Iterator[Finding]:
        raise Found("owner", "ttl_off")

    told = results(Check("owner", 5, rely), Check("other", 5, rely), facts=facts)
    assert told["owner"].findings == (Finding("ttl_off"),)
    assert (told["other"].outcome, told["other"].findings) == (
        "unknown",
        (Finding("check_skipped", "owner"),),
    )


def test_the_worst_finding_is_the_outcome(facts: Facts) -> None:
    def several(_: Facts) -> Iterator[Finding]:
        for code in ("code_lifetime_unknown", "secret_old", "ttl_off", "par_not_offered"):
            yield Finding(code)

    result = results(Check("several", 5, several), facts=facts)["several"]
    assert (result.outcome, result.code) == ("failed", "ttl_off")
    assert [each.code for each in result.findings][1:] == [
        "secret_old",
        "par_not_offered",
        "code_lifetime_unknown",
    ]


def test_what_several_rely_on_is_fetched_once_and_fails_for_all() -> None:
    fetched = []

    def fetch() -> str:
        fetched.append(1)
        raise Found("owner", "secret_invalid", "KeysSecret", {"cause": "c"})

    once = Once(fetch)
    for _ in range(3):
        with pytest.raises(Found) as raised:
            once.get()
        assert raised.value.finding == Finding("secret_invalid", "KeysSecret", {"cause": "c"})
    assert len(fetched) == 1
    numbers = iter([1, 2])
    value = Once(lambda: next(numbers))
    assert (value.get(), value.get()) == (1, 1)


def test_settings_that_cannot_be_read_end_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLE_NAME")
    with pytest.raises(Misconfigured, match="TABLE_NAME"):
        runtime.instruments("")


def test_names_are_all_different() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
