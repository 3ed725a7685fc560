"""The report: a line for each check as it ends, then what was found, the worst first, and a summary."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from cli.doctor.advice import Advice, Names, advice
from passerelle.health.findings import Finding, Outcome, Result

WIDTH = 100
INDENT = " " * 8
_NOT_LOOKED_AT = """\
Not looked at, since it takes the right to manage Logto: its e-mail connector, its webhook, its sign-in page.
  ./passerelle provision {stack} --plan"""
_SHOWN: dict[Outcome, str] = {"failed": "FAILED", "warning": "warning", "unknown": "cannot tell", "ok": "ok"}
_WORST_FIRST: tuple[Outcome, ...] = ("failed", "warning", "unknown")


class Report:
    """What is told of one stack."""

    def __init__(self, title: str, base_url: str, names: Names, checks: Sequence[str]) -> None:
        self._title, self._base_url, self._names = title, base_url, names
        self._checks = list(checks)
        self._results: list[Result] = []

    def add(self, result: Result) -> None:
        """Take a result in."""
        self._results.append(result)

    def count(self, outcome: Outcome) -> int:
        """Return how many checks ended so."""
        return sum(result.outcome == outcome for result in self._results)

    def heading(self) -> str:
        """Say what is looked at."""
        return f"Looking at {self._title}, {self._base_url}: {len(self._checks)} checks.\n"

    def row(self, result: Result) -> str:
        """Tell of one check in a line."""
        codes = ", ".join(dict.fromkeys(finding.code for finding in result.findings))
        seconds = f"{result.milliseconds / 1000:.1f} s"
        return f"  {result.check:<18}{_SHOWN[result.outcome]:<13}{seconds:>6}  {codes}".rstrip()

    def conclusion(self) -> str:
        """Tell of every finding, then count."""
        blocks = [self._told(finding) for finding in self._findings()]
        return "\n\n".join(["", *blocks, self._summary()]).removeprefix("\n")

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        ordered = sorted(self._results, key=lambda result: self._checks.index(result.check))
        return {
            "stack": self._title,
            "public_url": self._base_url,
            "checks": [self._check_as_json(result) for result in ordered],
            "summary": {outcome: self.count(outcome) for outcome in _SHOWN},
        }

    def _findings(self) -> Iterator[Finding]:
        """Give the findings, the worst first; of what hangs on another check nothing but its line."""
        ordered = sorted(self._results, key=lambda result: self._checks.index(result.check))
        for outcome in _WORST_FIRST:
            for result in ordered:
                for finding in result.findings:
                    if finding.outcome == outcome and finding.code != "check_skipped":
                        yield finding

    def _told(self, finding: Finding) -> str:
        meaning, effect, remedy = advice(finding, self._names)
        title = f"{_SHOWN[finding.outcome]}: {finding.code}"
        parts = (("what", meaning), ("whom", effect), ("now", remedy))
        return "\n".join([title, *(_wrapped(name, text) for name, text in parts if text)])

    def _summary(self) -> str:
        counts = [(outcome, self.count(outcome)) for outcome in _SHOWN]
        said = ", ".join(f"{count} {_SHOWN[outcome].lower()}" for outcome, count in counts if count)
        if not self.count("failed"):
            return f"Nothing failed: {said}.\n{_NOT_LOOKED_AT.format(stack=self._names.stack)}"
        first = next(self._findings()).code
        return f"{said[0].upper()}{said[1:]}. Begin with {first}, then run doctor again."

    def _check_as_json(self, result: Result) -> dict[str, Any]:
        return {
            "check": result.check,
            "outcome": result.outcome,
            "milliseconds": result.milliseconds,
            "findings": [self._finding_as_json(finding) for finding in result.findings],
        }

    def _finding_as_json(self, finding: Finding) -> dict[str, Any]:
        told: Advice = advice(finding, self._names)
        return {"code": finding.code, "outcome": finding.outcome, "what": finding.what, **told._asdict()}


def _wrapped(name: str, text: str) -> str:
    """Lay a text out; lines after its first are for copying, and stay whole."""
    prose, *copied = text.split("\n")
    lines = textwrap.wrap(
        prose,
        WIDTH,
        initial_indent=f"  {name:<6}",
        subsequent_indent=INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([*lines, *(INDENT + line for line in copied)])
