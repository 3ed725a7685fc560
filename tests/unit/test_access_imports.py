"""What a guarded function needs, and what the guard adds to its cold start: a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.stack import LAYER, Stack
from tests.support.browser import Browser
from tests.unit.test_imports_held import EXPENSIVE, NEVER, event, third_party

PLAIN = Path(__file__).parents[2] / "examples/guarded/plain/app.py"
CHILD = """
import importlib.util, json, sys
at_start = set(sys.modules)
spec = importlib.util.spec_from_file_location("app", sys.argv[1])
app = importlib.util.module_from_spec(spec)
spec.loader.exec_module(app)
imported = set(sys.modules) - at_start
answer = app.hello(json.load(sys.stdin), None)
print("SAID", json.dumps([answer, sorted(imported), sorted(set(sys.modules) - at_start)]))
"""
NEEDED = ("TABLE_NAME", "KEYS_SECRET_ID")
OF_LAMBDA = ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def say(sent: dict[str, Any], *names: str) -> tuple[dict[str, Any], set[str], set[str]]:
    """Ask the example in a process that has these variables: its answer, and modules before and after it."""
    kept = {name: os.environ[name] for name in ("PATH", "AWS_ENDPOINT_URL", *OF_LAMBDA, *names)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(PLAIN)],
        input=json.dumps(sent),
        env=kept | {"PYTHONPATH": LAYER},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    answer, imported, answered = json.loads(done.stdout.splitlines()[-1].removeprefix("SAID "))
    return answer, set(imported), set(answered)


def test_two_variables_are_enough_and_nothing_heavy_is_loaded(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    answer, imported, answered = say(event("GET", "/hello", browser.cookies), *NEEDED)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"hello": "ada@example.com"})
    assert third_party(frozenset(imported)) == third_party(frozenset(answered)) == {"cryptography"}
    assert not (NEVER | EXPENSIVE) & answered


def test_a_stranger_costs_as_little(stack: Stack) -> None:
    answer, _, answered = say(event("GET", "/hello", {}), *NEEDED)
    assert answer["statusCode"] == 401
    assert not (NEVER | EXPENSIVE) & answered


@pytest.mark.parametrize("name", NEEDED)
def test_less_is_not_enough(stack: Stack, name: str) -> None:
    answer, _, _ = say(event("GET", "/hello", {}), *(set(NEEDED) - {name}))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (500, "setting_invalid")
