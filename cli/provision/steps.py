"""The order of things: look, say, do; the same for what is only planned."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from cli.problems import Problem, Refused


class Change(NamedTuple):
    """One thing that is not as it should be: what would be done about it, and that done.

    `apply` writes once and no more, so that a failure leaves nothing half done. It reads again what it
    changes, since earlier changes may have made it.
    """

    text: str
    apply: Callable[[], object]


class Step(Protocol):
    """Something that is to hold."""

    title: str

    def look(self) -> list[Change]:
        """Say what is missing, and change nothing; raises `Problem`."""


def not_shown_yet(what: str) -> Refused:
    """Tell that something was made, and does not show: behind a cache, or a database that copies."""
    return Refused(f"Logto does not show {what} yet, which was made a moment ago: run it again")


class Declined(Problem):
    """The operator said no; what else is to be done does not depend on it."""

    exit_code = 1


State = Literal["planned", "done", "declined"]


class Line(NamedTuple):
    """A change, and what became of it."""

    step: str
    text: str
    state: State


@dataclass
class Outcome:
    """What was done, and what was not."""

    lines: list[Line] = field(default_factory=list)
    problem: Problem | None = None
    left: list[str] = field(default_factory=list)
    """Titles of the steps that nobody got to."""

    @property
    def exit_code(self) -> int:
        """0 when all holds, 2 when a plan would change something, else 1 or what the problem says."""
        if self.problem:
            return self.problem.exit_code
        if any(line.state == "declined" for line in self.lines):
            return Declined.exit_code
        return 2 if any(line.state == "planned" for line in self.lines) else 0

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        said: dict[str, Any] = {"changes": [line._asdict() for line in self.lines]}
        if self.problem:
            said |= {"error": str(self.problem), "left": self.left}
        return said


def go_through(steps: Iterable[Step], *, plan: bool, say: Callable[[Line], None]) -> Outcome:
    """Take the steps in their order until one of them fails; with `plan` only look."""
    outcome, todo = Outcome(), list(steps)

    def note(step: Step, change: Change, state: State) -> None:
        line = Line(step.title, change.text, state)
        outcome.lines.append(line)
        say(line)

    while todo:
        try:
            for change in todo[0].look():
                note(todo[0], change, "planned" if plan else _applied(change))
        except Problem as problem:
            outcome.problem, outcome.left = problem, [step.title for step in todo]
            break
        del todo[0]
    return outcome


def _applied(change: Change) -> State:
    try:
        change.apply()
    except Declined:
        return "declined"
    return "done"
