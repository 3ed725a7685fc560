"""Imports go one way: functions → use cases → oidc and ports → errors; only runtime knows adapters."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/passerelle/passerelle"

ORDER = """
errors return_to log metrics times devices front
audit
keys settings profile kept blocks otp.clients
otp.fields otp.language otp.ready_made otp.ports otp.outcomes
otp.message
otp.config
ports oidc.metadata otp.form otp.answer otp.samples otp.review oidc.jws
health.ports
oidc.authorization oidc.token oidc.id_token oidc.logout_token
secrets discovery pages
services
client identity userinfo otp.limits
attempts sessions
revocation refresh endings
login logout session_list backchannel logto_events otp.deliver otp.events
callback
health.findings
health.facts
health.runner
health.mailgun
health.logto health.deliveries health.storage health.configuration health.addresses health.public_url
health.checks
runtime
health.watch
snapshot
queued
request
web
access
"""
"""Rooms from the ground up: a module imports from what stands before it."""

FORBIDDEN = {
    "layers/passerelle/passerelle": {
        "functions",
        "local",
        "cli",
        "tests",
        "flask",
        "moto",
        "authlib",
        "httpx",
    },
    "functions": {"local", "cli", "tests", "boto3", "urllib3", "cryptography", "joserfc", "pydantic"},
    "examples": {"local", "cli", "tests", "boto3", "urllib3", "cryptography", "joserfc", "pydantic"},
    "local": {"passerelle", "functions", "cli", "tests"},
    "cli": {"functions", "tests", "flask", "moto", "authlib"},
}


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_no_folder_imports_what_lies_above_it(folder: str) -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in _sources(folder)
        for name in _imports(path)
        if name.split(".")[0] in FORBIDDEN[folder]
    }
    assert not found


def test_only_runtime_imports_adapters() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name != "runtime.py" and path.parent.name != "adapters":
            assert not any(name.startswith("passerelle.adapters") for name in _imports(path)), path


def test_adapters_never_judge() -> None:
    allowed = {"passerelle.adapters", "passerelle.errors", "passerelle.ports", "passerelle.keys"}
    allowed |= {"passerelle.log"}
    for path in (PACKAGE / "adapters").glob("*.py"):
        ours = {name for name in _imports(path) if name.startswith("passerelle")}
        ours -= {"passerelle.otp.ports", "passerelle.health.ports"}
        assert {".".join(name.split(".")[:2]) for name in ours} <= allowed, path


def test_functions_do_not_import_each_other() -> None:
    for path in (ROOT / "functions").rglob("*.py"):
        assert {name.split(".")[0] for name in _imports(path)} <= {"passerelle"} | sys.stdlib_module_names, (
            path
        )


def test_examples_use_of_this_package_what_is_meant_for_applications() -> None:
    for path in _sources("examples"):
        ours = {name for name in _imports(path) if name.split(".")[0] == "passerelle"}
        assert ours == {"passerelle.access"}, path


def test_modules_import_downwards() -> None:
    order = ORDER.split()
    modules = {_module(path): path for path in PACKAGE.rglob("*.py") if path.parent.name != "adapters"}
    modules = {name: path for name, path in modules.items() if not name.endswith("__init__")}
    assert modules.keys() == set(order)
    upwards = [
        (name, imported)
        for name, path in modules.items()
        for imported in _package_imports(path)
        if order.index(imported) >= order.index(name)
    ]
    assert not upwards


def test_no_file_is_longer_than_250_lines() -> None:
    for folder in ("layers/passerelle", "functions", "examples", "local", "cli", "tests"):
        for path in _sources(folder):
            assert len(path.read_text().splitlines()) <= 250, path


def test_no_function_is_longer_than_40_lines() -> None:
    for folder in ("layers/passerelle", "functions", "examples", "local", "cli"):
        for path in _sources(folder):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    assert (node.end_lineno or 0) - node.lineno < 40, f"{path}:{node.name}"


def _sources(folder: str) -> list[Path]:
    """Every file of Python in a folder, but for those that `sam build` left there."""
    return [path for path in (ROOT / folder).rglob("*.py") if ".aws-sam" not in path.parts]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _package_imports(path: Path) -> Iterator[str]:
    """Modules of the package that a module needs when it runs; those for type checkers alone are left out."""
    tree = ast.parse(path.read_text())
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            block.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "passerelle":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("passerelle."):
            name = (node.module or "").removeprefix("passerelle.")
            if name.startswith("adapters"):
                continue
            is_folder = (PACKAGE / name.replace(".", "/")).is_dir()
            yield from (f"{name}.{alias.name}" for alias in node.names) if is_folder else [name]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
