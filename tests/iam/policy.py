"""Decides as IAM does whether a policy allows a request (IAM User Guide, "Policy evaluation logic").

moto enforces policies too, but by actions alone: it knows neither resources nor conditions, and takes
TransactWriteItems for a permission of its own. So the decision is made here, in front of it. What is not
understood raises, since a guess would prove nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple

Json = dict[str, Any]
Conditions = Mapping[tuple[str, str], tuple[str, ...]]
"""Values by operator and key."""


class NotUnderstood(Exception):
    """An element of the policy language that is not judged here."""


@dataclass(frozen=True)
class Request:
    """One permission that is asked for: an action, on the ARN of a resource, in a context."""

    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Statement:
    """A statement, its lists always lists."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)
    effect: str = "Allow"

    def concerns(self, request: Request) -> bool:
        """Whether the statement says anything of the request."""
        return (
            any(_is_like(action.lower(), request.action.lower()) for action in self.actions)
            and any(_is_like(resource, request.resource) for resource in self.resources)
            and all(_holds(*key, values, dict(request.context)) for key, values in self.conditions.items())
        )


class Part(NamedTuple):
    """The smallest thing that a policy grants, and the policy without it."""

    name: str
    rest: "Policy"


@dataclass(frozen=True)
class Policy:
    """All statements that an identity has."""

    statements: tuple[Statement, ...]

    def allows(self, request: Request) -> bool:
        """Whether some statement allows it and none denies it: what is not allowed is denied."""
        effects = {statement.effect for statement in self.statements if statement.concerns(request)}
        return effects == {"Allow"}

    def denied(self, requests: Iterable[Request]) -> list[Request]:
        """Which of these requests it refuses."""
        return [request for request in requests if not self.allows(request)]

    def unneeded(self, requests: Iterable[Request]) -> list[str]:
        """Which of its parts could go, and everything that it allows of these requests would stay allowed."""
        allowed = [request for request in requests if self.allows(request)]
        return [part.name for part in self.parts() if not part.rest.denied(allowed)]

    def parts(self) -> Iterator[Part]:
        """Every action on every resource, and every value of a condition."""
        for number, statement in enumerate(self.statements):
            others = self.statements[:number] + self.statements[number + 1 :]
            for name, rest in _reduced(statement):
                yield Part(name, Policy(others + rest))

    def and_also(self, statement: Statement) -> "Policy":
        """The policy with one statement more."""
        return Policy((*self.statements, statement))


def policy_of(documents: Iterable[Json]) -> Policy:
    """Read policy documents whose intrinsic functions are resolved."""
    return Policy(tuple(_statement(each) for document in documents for each in _list(document["Statement"])))


def _statement(value: Json) -> Statement:
    if unknown := value.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}:
        raise NotUnderstood(f"a statement with {', '.join(sorted(unknown))}")
    conditions = {
        (operator, key): tuple(_list(values))
        for operator, keys in value.get("Condition", {}).items()
        for key, values in keys.items()
    }
    for operator, _ in conditions:
        _operator(operator)
    actions, resources = tuple(_list(value["Action"])), tuple(_list(value["Resource"]))
    return Statement(actions, resources, conditions, value["Effect"])


def _reduced(statement: Statement) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    pairs = [(action, resource) for action in statement.actions for resource in statement.resources]
    for pair in pairs:
        others = (each for each in pairs if each != pair)
        yield (
            f"{pair[0]} on {pair[1]}",
            tuple(
                replace(statement, actions=(action,), resources=(resource,)) for action, resource in others
            ),
        )
    for key, values in statement.conditions.items():
        for value in values:
            fewer = {**statement.conditions, key: tuple(each for each in values if each != value)}
            name = f"{', '.join(statement.actions)} where {key[1]} is {value}"
            yield name, (replace(statement, conditions=fewer),)


def _holds(operator: str, key: str, values: tuple[str, ...], context: Mapping[str, tuple[str, ...]]) -> bool:
    """All keys of a condition have to hold, and one of the values of each."""
    quantifier, matches = _operator(operator)
    given = context.get(key, ())
    found = [any(matches(value, each) for value in values) for each in given]
    if quantifier == "ForAllValues":
        return all(found)  # true also where there is no such key, as IAM has it
    if not quantifier and len(given) > 1:
        raise NotUnderstood(f"{operator} on {key}, which has several values")
    return any(found)


def _operator(name: str) -> tuple[str, Any]:
    quantifier, _, bare = name.rpartition(":")
    operators = {"StringEquals": str.__eq__, "StringLike": _is_like, "ArnLike": _is_like}
    if quantifier not in ("", "ForAllValues", "ForAnyValue") or bare not in operators:
        raise NotUnderstood(f"the operator {name}")
    return quantifier, operators[bare]


def _is_like(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    return re.compile("".join(parts), re.DOTALL)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
