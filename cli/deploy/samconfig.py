"""`samconfig.toml`, the SAM CLI's own file: a table for each stack, so that it is deployed again as it was.

Written as text, so that an operator's comments stay, and read back before it replaces what was there.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.problems import Problem

_HEAD = """\
# How each stack is deployed; `sam deploy --config-env STACK` reads it, too. No secret belongs here.
# template.yaml describes more parameters. Values with spaces take quotes: 'Scopes="openid profile"'.
version = 0.1
"""


class SamConfig:
    """The file, of which nothing is kept between two calls."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def has(self, stack: str) -> bool:
        """Whether a stack was deployed from here; raises `Problem` when the file cannot be read."""
        return isinstance(self._document().get(stack), dict)

    def region(self, stack: str) -> str:
        """Return where a stack is; raises `Problem`."""
        return str(self._globals(stack).get("region", ""))

    def parameters(self, stack: str) -> dict[str, str]:
        """Return the template's parameters, as far as they are listed one by one; raises `Problem`."""
        return {name: _meant(value) for name, value in self._listed(stack).items()}

    def add(self, stack: str, region: str, parameters: Mapping[str, str], **deploy: Any) -> None:
        """Add a stack; `deploy` are more options of `sam deploy`.

        Raises `Problem` when the file could not be read any more, for all stacks that are in it.
        """
        options = {
            "capabilities": "CAPABILITY_IAM",
            "resolve_s3": True,
            "s3_prefix": stack,
            "fail_on_empty_changeset": False,
        }
        lines = [
            f"[{stack}.global.parameters]",
            f"stack_name = {_toml(stack)}",
            f"region = {_toml(region)}",
            _overrides(parameters),
            "",
            f"[{stack}.deploy.parameters]",
            *(f"{name} = {_toml(value)}" for name, value in (options | deploy).items()),
        ]
        text = f"{self._text() or _HEAD}\n" + "\n".join(lines) + "\n"
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Problem(f"{stack} does not go into {self._path.name}: {error}") from None
        self._write(text)

    def set(self, stack: str, parameters: Mapping[str, str]) -> None:
        """Change some of a stack's parameters; raises `Problem` where the file's form does not allow it."""
        wanted = self._listed(stack) | dict(parameters)
        text = self._text()
        table = text.find(f"[{stack}.global.parameters]")
        start = text.find("parameter_overrides = [", table)
        end = text.find("\n]", start)
        if min(table, start, end) >= 0:
            changed = text[:start] + _overrides(wanted) + text[end + 2 :]
            if _means(changed, stack, self._document(), wanted):
                return self._write(changed)
        listed = " ".join(f"{name}={value}" for name, value in parameters.items())
        raise Problem(f"{self._path.name} has another form than expected: add to {stack} yourself: {listed}")

    def _listed(self, stack: str) -> dict[str, str]:
        listed = self._globals(stack).get("parameter_overrides", [])
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise Problem(f"{self._path.name}: parameter_overrides of {stack} is not a list of texts")
        return dict(each.split("=", 1) for each in listed if "=" in each)

    def _globals(self, stack: str) -> dict[str, Any]:
        found = self._document().get(stack, {}).get("global", {}).get("parameters", {})
        return found if isinstance(found, dict) else {}

    def _document(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text())
        except tomllib.TOMLDecodeError as error:
            raise Problem(f"{self._path.name}: {error}") from None

    def _text(self) -> str:
        return self._path.read_text(encoding="utf-8") if self._path.exists() else ""

    def _write(self, text: str) -> None:
        beside = self._path.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._path)


def _meant(value: str) -> str:
    """A value as SAM reads it: an empty one, or one with spaces, is in quotes."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _overrides(parameters: Mapping[str, str]) -> str:
    lines = [f"  {_toml(f'{name}={value}')},\n" for name, value in parameters.items()]
    return f"parameter_overrides = [\n{''.join(lines)}]"


def _toml(value: Any) -> str:
    """Write a value: as JSON does, but for pairs of escapes, which TOML does not know, and DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _means(text: str, stack: str, before: dict[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether the new text says the same as the old one, but for these parameters."""
    before[stack]["global"]["parameters"]["parameter_overrides"] = [
        f"{name}={value}" for name, value in wanted.items()
    ]
    try:
        return tomllib.loads(text) == before
    except tomllib.TOMLDecodeError:
        return False
