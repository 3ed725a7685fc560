"""Runs checks side by side, each within a time limit of its own, so that none hides another."""

import queue
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from threading import Thread
from typing import NamedTuple

from passerelle import log
from passerelle.health.facts import Facts
from passerelle.health.findings import Finding, Found, Result, worst_first

Look = Callable[[Facts], Iterable[Finding]]


class Check(NamedTuple):
    """Something to look at: its name in logs and metrics, and the seconds that it may take."""

    name: str
    seconds: float
    look: Look


def run(checks: Iterable[Check], facts: Facts) -> Iterator[Result]:
    """Begin all checks at once, and give each result as it comes.

    A check that is over its time is given up on, and its thread left behind: every call that a check makes
    has a limit of its own and ends by itself.
    """
    started = time.monotonic()
    waiting = {check.name: check for check in checks}
    done: queue.SimpleQueue[Result] = queue.SimpleQueue()
    for check in waiting.values():
        run_in_context = copy_context().run
        arguments = (_look, check, facts, started, done)
        Thread(target=run_in_context, args=arguments, name=f"check-{check.name}", daemon=True).start()
    while waiting:
        first = min(waiting.values(), key=lambda check: check.seconds)
        try:
            result = done.get(timeout=max(0.0, started + first.seconds - time.monotonic()))
        except queue.Empty:
            result = Result(first.name, (Finding("check_timed_out"),), _since(started))
        if waiting.pop(result.check, None):
            yield result


def _look(check: Check, facts: Facts, started: float, done: "queue.SimpleQueue[Result]") -> None:
    findings = worst_first(_found(check, facts))
    done.put(Result(check.name, findings, _since(started)))


def _found(check: Check, facts: Facts) -> Iterator[Finding]:
    """Give what the check finds, and at last what ends it before its time."""
    try:
        yield from check.look(facts)
    except Found as found:
        yield found.finding if found.owner == check.name else Finding("check_skipped", found.owner)
    except Exception:
        log.crash("health_check_crashed")
        yield Finding("check_crashed")


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
