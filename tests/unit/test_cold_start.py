"""What a function says before its settings are read, and what it loads for nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.doubles import ENVIRONMENT

ROOT = Path(__file__).parents[2]
CALL = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("app", sys.argv[1])
app = importlib.util.module_from_spec(spec)
spec.loader.exec_module(app)
event = {"rawPath": "/", "headers": {}, "requestContext": {"requestId": "r-1", "http": {"method": "GET"}}}
print("ANSWER", json.dumps(app.handler(event, None)))
"""
IMPORT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("app", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(" ".join(sys.modules))
"""


def run(code: str, function: str, environment: dict[str, str]) -> str:
    path = str(ROOT / "functions" / function / "app.py")
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "layers" / "passerelle")}
    done = subprocess.run(
        [sys.executable, "-c", code, path], env=kept | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("missing", ["TABLE_NAME", "LOGTO_ISSUER"])
def test_a_setting_that_is_missing_is_named_in_the_log_and_not_in_the_answer(missing: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != missing}
    *lines, answer = run(CALL, "session", environment).splitlines()
    body = json.loads(answer.removeprefix("ANSWER "))
    assert body["statusCode"] == 500
    assert missing not in answer
    assert any(missing in json.loads(line)["reason"] for line in lines)


@pytest.mark.parametrize("function", ["login", "callback", "session", "home", "logout"])
def test_importing_a_function_loads_nothing_heavy(function: str) -> None:
    loaded = run(IMPORT, function, {}).split()
    assert not {"boto3", "botocore", "pydantic", "joserfc"} & set(loaded)
