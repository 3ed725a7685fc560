"""Guards of what the Management API is sent.

They judge as Logto's schemas do: a member of the wrong type is refused, one that nobody knows is dropped.
Each takes a value and where it stands, and returns what is kept of it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from local.logto.management.addresses import is_url

MISSING: Any = object()
"""The value of a member that is not there."""

Path = tuple[str | int, ...]
Guard = Callable[[Any, Path], Any]
Json = dict[str, Any]

_EMAIL = re.compile(r"(?!\.)[A-Z0-9_'+\-.]*[A-Z0-9_+-]@([A-Z0-9][A-Z0-9-]*\.)+[A-Z]{2,}", re.IGNORECASE)


class Invalid(Exception):
    """A value that is not what it should be; every fault of it is an issue."""

    def __init__(self, issues: list[Json]) -> None:
        super().__init__(issues)
        self.issues = issues

    @property
    def lines(self) -> list[str]:
        """The issues for a person to read."""
        return [_line(issue) for issue in self.issues]


def _line(issue: Json) -> str:
    where, code = ".".join(str(step) for step in issue["path"]), issue["code"]
    said = issue["message"]
    if code == "invalid_type":
        said = f"Expected {issue['expected']} but received {issue['received']}."
    return f'Error in key path "{where}": ({code}) {said}'


def _issue(path: Path, code: str, message: str, **more: object) -> Invalid:
    return Invalid([{"code": code, **more, "path": list(path), "message": message}])


def _name(value: Any) -> str:
    names = {bool: "boolean", str: "string", int: "number", float: "number", list: "array", dict: "object"}
    if value is MISSING:
        return "undefined"
    return "null" if value is None else names[type(value)]


def _typed(value: Any, path: Path, expected: str) -> None:
    received = _name(value)
    if received != expected:
        message = "Required" if value is MISSING else f"Expected {expected}, received {received}"
        raise _issue(path, "invalid_type", message, expected=expected, received=received)


def string(minimum: int = 0, maximum: int | None = None, test: Callable[[str], bool] | None = None) -> Guard:
    """Take a string of that many characters that passes the test."""

    def judge(value: Any, path: Path) -> Any:
        _typed(value, path, "string")
        if len(value) < minimum:
            raise _issue(path, "too_small", f"String must contain at least {minimum} character(s)")
        if maximum is not None and len(value) > maximum:
            raise _issue(path, "too_big", f"String must contain at most {maximum} character(s)")
        if test and not test(value):
            raise _issue(path, "invalid_string", "Invalid")
        return value

    return judge


def number(minimum: float | None = None, maximum: float | None = None, whole: bool = False) -> Guard:
    """Take a number from the one to the other, both included."""

    def judge(value: Any, path: Path) -> Any:
        _typed(value, path, "number")
        if whole and value != int(value):
            raise _issue(path, "invalid_type", "Expected integer", expected="integer", received="float")
        if minimum is not None and value < minimum:
            raise _issue(path, "too_small", f"Number must be greater than or equal to {minimum}")
        if maximum is not None and value > maximum:
            raise _issue(path, "too_big", f"Number must be less than or equal to {maximum}")
        return value

    return judge


def boolean(value: Any, path: Path) -> Any:
    """Take true or false."""
    _typed(value, path, "boolean")
    return value


def choice(options: Collection[Any]) -> Guard:
    """Take one of the values."""

    def judge(value: Any, path: Path) -> Any:
        if value is MISSING:
            _typed(value, path, "string")
        if not any(value is option or value == option and _name(value) == "string" for option in options):
            listed = " | ".join(f"'{option}'" for option in options)
            message = f"Invalid enum value. Expected {listed}, received '{value}'"
            raise _issue(path, "invalid_enum_value", message, received=value, options=list(options))
        return value

    return judge


def array(of: Guard, minimum: int = 0) -> Guard:
    """Take a list of such values."""

    def judge(value: Any, path: Path) -> Any:
        _typed(value, path, "array")
        if len(value) < minimum:
            raise _issue(path, "too_small", f"Array must contain at least {minimum} element(s)")
        return list(_all({place: (of, each) for place, each in enumerate(value)}, path).values())

    return judge


def record(of: Guard) -> Guard:
    """Take an object whose members all have such values."""

    def judge(value: Any, path: Path) -> Any:
        _typed(value, path, "object")
        return _all({name: (of, each) for name, each in value.items()}, path)

    return judge


def members(guards: Mapping[str, Guard], strict: bool = False) -> Guard:
    """Take an object of these members; others are dropped, or refused if it is `strict`."""

    def judge(value: Any, path: Path) -> Any:
        _typed(value, path, "object")
        unknown = [name for name in value if name not in guards]
        if strict and unknown:
            raise _issue(path, "unrecognized_keys", f"Unrecognized key(s) in object: {unknown}", keys=unknown)
        kept = _all({name: (guard, value.get(name, MISSING)) for name, guard in guards.items()}, path)
        return {name: each for name, each in kept.items() if each is not MISSING}

    return judge


def _all(values: Mapping[Any, tuple[Guard, Any]], path: Path) -> dict[Any, Any]:
    kept, issues = {}, []
    for step, (guard, value) in values.items():
        try:
            kept[step] = guard(value, (*path, step))
        except Invalid as invalid:
            issues += invalid.issues
    if issues:
        raise Invalid(issues)
    return kept


def optional(guard: Guard) -> Guard:
    """Take such a value or none at all."""
    return lambda value, path: value if value is MISSING else guard(value, path)


def nullable(guard: Guard) -> Guard:
    """Take such a value or null."""
    return lambda value, path: value if value is None else guard(value, path)


def nullish(guard: Guard) -> Guard:
    """Take such a value, null, or none at all."""
    return optional(nullable(guard))


def partial(guards: Mapping[str, Guard]) -> dict[str, Guard]:
    """Return the guards of an object that may lack any member."""
    return {name: optional(guard) for name, guard in guards.items()}


def either(*guards: Guard) -> Guard:
    """Take what one of the guards takes; the first that does decides what is kept."""

    def judge(value: Any, path: Path) -> Any:
        for guard in guards:
            try:
                return guard(value, path)
            except Invalid:
                continue
        raise _issue(path, "invalid_union", "Invalid input")

    return judge


def anything(value: Any, path: Path) -> Any:
    """Take any value that there is."""
    return value


JSON_OBJECT = record(anything)
URL = string(test=is_url)
EMAIL = string(test=lambda text: _EMAIL.fullmatch(text) is not None)
EMPTY = choice([""])
