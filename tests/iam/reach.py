"""What a function's code can reach of the ports, read from its source: the measure of a whole repertoire.

Calls are followed by name, through the modules of the package. No branch is judged, so that everything is
found that can happen, and a little that cannot.
"""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/passerelle"

PORTS = ("store", "revocations", "messages", "queue")
SECRETS = {
    "keys": "KeysSecret",
    "client": "LogtoSecret",
    "connector": "ConnectorSecret",
    "mailgun": "MailgunSecret",
}
_HANDED_OVER = ("blocks.take", "clients.see")
"""Methods that call `reserve`, which `runtime` gave them, each for a kind of counter of its own."""

Place = tuple[Path, str]


def reach(folder: str) -> set[str]:
    """Which methods of ports, and which secrets, a function can come to use."""
    found: set[str] = set()
    seen: set[Place] = set()
    waiting = [(ROOT / "functions" / folder / "app.py", "handler")]
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            used, called = _uses(*place)
            found |= used
            waiting += called
    return found


@cache
def _uses(file: Path, name: str) -> tuple[frozenset[str], tuple[Place, ...]]:
    """What a definition uses itself, and what it names of this package."""
    definitions, imports = _names(file)
    if name not in definitions:
        return frozenset(), ()
    used: set[str] = set()
    called: list[Place] = []
    for node in ast.walk(definitions[name]):
        if isinstance(node, ast.Attribute):
            used |= _port(ast.unparse(node))
            if isinstance(node.value, ast.Name) and (module := imports.get(node.value.id)):
                called.append((_file(module), node.attr))
        elif isinstance(node, ast.Name) and node.id in definitions:
            called.append((file, node.id))
        elif isinstance(node, ast.Name) and (whole := imports.get(node.id)):
            module, _, member = whole.rpartition(".")
            called.append((_file(module), member))
    return frozenset(used), tuple(place for place in called if place[0].is_file())


def _port(text: str) -> set[str]:
    if secret := re.fullmatch(r"instruments\.settings\.(\w+)_secret_id", text):
        return {f"{secret[1].capitalize()}Secret"}
    if table := re.fullmatch(r"facts\.instruments\.table\.(\w+)", text):
        return {table[1]}
    owner, _, rest = text.partition(".")
    port, _, method = rest.partition(".")
    if owner != "services":
        return set()
    if rest in _HANDED_OVER:
        return {method}
    if port == "secrets" and method in SECRETS:
        return {SECRETS[method]}
    return {method} if port in PORTS and method.isidentifier() else set()


@cache
def _names(file: Path) -> tuple[dict[str, ast.AST], dict[str, str]]:
    """Definitions of a module, and the whole names of what it imports, inside functions too."""
    tree = ast.parse(file.read_text())
    definitions: dict[str, ast.AST] = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    for node in tree.body:  # such as the list of checks, each of which is called
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            definitions[node.targets[0].id] = node
    imports = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("passerelle")
        for alias in node.names
    }
    return definitions, imports


def _file(module: str) -> Path:
    return (PACKAGE / module.replace(".", "/")).with_suffix(".py")
