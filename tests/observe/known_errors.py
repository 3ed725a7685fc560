"""Every error that a function knows, read off the source of the modules that it loads."""

import ast
from collections.abc import Iterator
from functools import cache
from inspect import isclass
from pathlib import Path

from passerelle import errors
from passerelle.errors import PasserelleError
from passerelle.oidc import jws, token

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/passerelle/passerelle"
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))

KINDS: dict[str, type[PasserelleError]] = {
    name: kind
    for module in (errors, jws, token)
    for name, kind in vars(module).items()
    if isclass(kind) and issubclass(kind, PasserelleError)
}


def errors_of(function: str) -> list[PasserelleError]:
    """One of each kind and code that the function's modules raise, and one that nobody knows."""
    made = {PasserelleError.code: PasserelleError()}
    for path in _loaded(ROOT / "functions" / function / "app.py"):
        for name, code in _raised(path):
            error = KINDS[name](code)
            made[f"{name} {error.code}"] = error
    return list(made.values())


def _loaded(path: Path) -> set[Path]:
    """The module and all of ours that it imports, wherever in it, the adapters of `runtime` too."""
    found, left = set[Path](), {path}
    while left:
        found |= left
        left = {each for path in left for each in _imported(path)} - found
    return found


@cache
def _imported(path: Path) -> frozenset[Path]:
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "passerelle":
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = {PACKAGE.parent / f"{name.replace('.', '/')}.py" for name in names}
    return frozenset(each for each in paths if each.is_file())


@cache
def _raised(path: Path) -> frozenset[tuple[str, str | None]]:
    return frozenset(_constructed(ast.parse(path.read_text())))


def _constructed(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            code = node.args[0] if node.args else ast.Constant(None)
            # A code that is no constant comes from outside, and stands for all of those.
            value = code.value if isinstance(code, ast.Constant) else "made_up_elsewhere"
            yield node.func.id, None if value is None else str(value)
