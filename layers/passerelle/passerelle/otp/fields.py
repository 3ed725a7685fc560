"""Reads the members of a JSON object one by one, and gathers all that is wrong with them.

By hand, since importing a library for a few small shapes would double the cold start of the one function that
a person waits for most: the one that sends the code.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

Check = Callable[[str], object]


class Fields:
    """One JSON object; what is wrong is noted with its place, and never with its value."""

    def __init__(self, value: object, place: str = "", problems: list[str] | None = None) -> None:
        self._place, self.problems = place, problems if problems is not None else []
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.problem("", "is not an object")

    def inside(self, place: str, value: object) -> "Fields":
        """Read an object that lies in this one."""
        return Fields(value, f"{self._place}.{place}".lstrip("."), self.problems)

    def problem(self, name: str, what: str) -> None:
        """Note what is wrong with a member, or with the object itself."""
        self.problems.append(f"{'.'.join(filter(None, [self._place, name])) or 'body'}: {what}")

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self._value.get(name) is not None

    def text(self, name: str, check: Check = bool, expected: str = "is missing or not a text") -> str:
        """Read a text that must be there and pass the check."""
        value = self._value.get(name)
        if not isinstance(value, str) or not check(value):
            self.problem(name, expected)
            return ""
        return value

    def optional(self, name: str, check: Check = str.__len__, expected: str = "is not a text") -> str | None:
        """Read a text that may be absent, null or empty; one that is there must pass the check."""
        value = self._value.get(name)
        if value is None or value == "":
            return None
        return self.text(name, check, expected)

    def texts(self, name: str, check: Check, expected: str) -> tuple[str, ...]:
        """Read a list of texts that may be absent or null; each must pass the check."""
        value = self._value.get(name)
        if value is None:
            return ()
        if isinstance(value, list) and value and all(isinstance(each, str) and check(each) for each in value):
            return tuple(value)
        self.problem(name, f"one of the list {expected}")
        return ()

    def object(self, name: str) -> Mapping[str, Any]:
        """Read an object that must be there."""
        value = self._value.get(name)
        if isinstance(value, dict):
            return value
        self.problem(name, "is missing or not an object")
        return {}

    def number(self, name: str) -> float:
        """Read a number that must be there."""
        value = self._value.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
            self.problem(name, "is missing or not a number of its kind")
            return 0
        return value


def json_object(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object (RFC 8259, so without NaN); None when the body is none."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        # Neither half a surrogate pair nor a number too large for a float could be written again.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


MAX_LINE = 998
"""Characters of a line in a message (RFC 5322 2.1.1)."""


def is_header(value: str) -> bool:
    """Whether a text may stand in a header: one line of no more than 998 characters."""
    return 0 < len(value) <= MAX_LINE and value.isprintable()
