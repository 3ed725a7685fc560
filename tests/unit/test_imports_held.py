"""What each function loads is held by a list: third-party packages, and what a cold start must not pay for.

Every function runs in a process of its own, as in Lambda, and answers one request that goes all the way.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from local.config import Config
from local.stack import LAYER, Stack
from tests.support.browser import Browser
from tests.support.provider import read_secret, write_secret

ROOT = Path(__file__).parents[2]
CHILD = """
import importlib.util, json, os, sys, types
at_start = set(sys.modules)
hooks = {"before_snapshot": [], "after_restore": []}
runtime = types.ModuleType("snapshot_restore_py")
runtime.register_before_snapshot = hooks["before_snapshot"].append
runtime.register_after_restore = hooks["after_restore"].append
if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
    sys.modules["snapshot_restore_py"] = runtime
spec = importlib.util.spec_from_file_location("app", sys.argv[1])
app = importlib.util.module_from_spec(spec)
spec.loader.exec_module(app)
imported = set(sys.modules)
for hook in hooks["before_snapshot"] + hooks["after_restore"]:
    hook()
prepared = set(sys.modules)
answer = app.handler(json.load(sys.stdin), None)
loaded = {"imported": imported - at_start, "prepared": prepared, "answered": set(sys.modules) - at_start}
status = {"status": answer.get("statusCode", 200)}
print("LOADED", json.dumps(status | {n: sorted(m) for n, m in loaded.items()}))
"""

BASE = {"cryptography"}
HELD = {
    # What a function has loaded before its first request, and after it.
    "home": (BASE, BASE),
    "session": (BASE, BASE),
    "login": (BASE, BASE),
    "logout": (BASE, BASE),
    "callback": (BASE, BASE | {"joserfc"}),
    "send_otp": (BASE, BASE),
    "mailgun_webhook": (BASE, BASE),
    "backchannel_logout": (BASE, BASE | {"joserfc"}),
    "logto_webhook": (BASE, BASE),
    "end_sessions": (BASE, BASE),
    "health": (BASE, BASE | {"joserfc"}),
}
NEVER = {"boto3", "botocore", "urllib3", "pydantic", "httpx", "requests", "authlib", "aws_lambda_powertools"}
EXPENSIVE = {
    "ast",
    "asyncio",
    "concurrent",
    "ctypes",
    "dataclasses",
    "decimal",
    "importlib.metadata",
    "inspect",
    "multiprocessing",
    "pathlib",
    "pdb",
    "pickle",
    "platform",
    "shutil",
    "sqlite3",
    "subprocess",
    "tempfile",
    "unittest",
    "urllib.request",
    "uuid",
    "xml",
    "zipfile",
    "zoneinfo",
}
"""Of the standard library: half a millisecond each, or many."""

# Parts of `cryptography`'s compiled module, and what Debian's Python and setuptools put into every process.
_PARTS = {"_cffi_backend", "_openssl"}
_OF_THE_MACHINE = ("_sysconfigdata_", "_distutils_hack")


class Loaded(NamedTuple):
    """Modules that were loaded when a function was imported, about to be restored, and had answered."""

    status: int
    imported: frozenset[str]
    prepared: frozenset[str]
    answered: frozenset[str]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(Config.ephemeral(SendLimitAddress="1000")) as stack:
        yield stack


@pytest.mark.parametrize("function", HELD)
def test_a_function_loads_the_packages_on_its_list_and_no_others(stack: Stack, function: str) -> None:
    loaded = answer(stack, function)
    assert loaded.status in {200, 303}
    assert (third_party(loaded.imported), third_party(loaded.answered)) == HELD[function]
    assert not NEVER & third_party(loaded.answered)


@pytest.mark.parametrize("function", ["home", "session", "login", "logout"])
def test_what_everybody_waits_for_loads_nothing_expensive(stack: Stack, function: str) -> None:
    loaded = answer(stack, function).answered
    assert not {name for name in EXPENSIVE if name in loaded}


def test_whether_it_is_there_is_answered_without_what_the_checks_need(stack: Stack) -> None:
    done = answer(stack, "health", event("GET", "/health", {}))
    assert not {name for name in EXPENSIVE if name in done.answered}
    ours = {name for name in done.answered if name.startswith("passerelle.")}
    assert not {name for name in ours if name.startswith(("passerelle.otp.con", "passerelle.adapters"))}
    assert {name for name in ours if "health" in name} == {"passerelle.health", "passerelle.health.watch"}


@pytest.mark.parametrize("function", HELD)
def test_a_function_restored_from_a_snapshot_loads_nothing_more(stack: Stack, function: str) -> None:
    loaded = answer(stack, function, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    assert loaded.status in {200, 303}
    assert sorted(loaded.answered - loaded.prepared) == []


def test_every_function_has_its_list() -> None:
    assert {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} == HELD.keys()


def answer(stack: Stack, function: str, asked: Mapping[str, Any] | None = None, **environment: str) -> Loaded:
    """Import the function in a new process and let it answer its request."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(ROOT / "functions" / function / "app.py")],
        input=json.dumps(asked or request(stack, function)),
        env={**os.environ, **environment, "PYTHONPATH": LAYER},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1].removeprefix("LOADED "))
    return Loaded(said["status"], *(frozenset(said[name]) for name in ("imported", "prepared", "answered")))


def request(stack: Stack, function: str) -> dict[str, Any]:
    """Return an event with which the function goes all the way."""
    with Browser(stack) as browser:
        if function == "callback":
            query = urlsplit(browser.stop_at_callback()).query
            return event("GET", "/callback", browser.cookies, query=query)
        if function == "send_otp":
            headers = {"authorization": f"Bearer {stack.send_otp_token}"}
            body = {"to": "ada@example.com", "type": "SignIn", "payload": {"code": "123456"}}
            return event("POST", "/send-otp", {}, headers=headers, body=json.dumps(body))
        if function == "mailgun_webhook":
            assert stack.mailgun is not None
            told = json.dumps(stack.mailgun.webhook_body("delivered", "ada@example.com"))
            return event("POST", "/webhooks/mailgun", {}, body=told)
        if function in ("backchannel_logout", "logto_webhook", "end_sessions"):
            return told_by_logto(stack, function)
        if function == "health":
            return {"base_url": stack.app_url}
        if function == "login":
            return event("GET", "/login", {})
        browser.sign_in()
        if function == "logout":
            return event("POST", "/logout", browser.cookies, headers={"sec-fetch-site": "same-origin"})
        return event("GET", "/" if function == "home" else "/session", browser.cookies)


def told_by_logto(stack: Stack, function: str) -> dict[str, Any]:
    """Return what Logto tells, or what waits in the queue of it."""
    assert stack.logto is not None
    if function == "end_sessions":
        ending = {
            "user": "n_Vi14kl-Z9RABSh9ATd8Q",
            "sid": "",
            "before": 1_800_000_000,
            "cause": "user_deleted",
        }
        return {"Records": [{"messageId": "m-1", "body": json.dumps(ending)}]}
    if function == "backchannel_logout":
        form = {"logout_token": stack.logto.logout_token("passerelle", sub="somebody")}
        return event("POST", "/backchannel-logout", {}, body=urlencode(form))
    key = "the-signing-key"
    write_secret(stack, "LogtoSecret", read_secret(stack, "LogtoSecret") | {"webhookSigningKey": key})
    webhook = stack.logto.webhook("PostResetPassword", signing_key=key, userId="somebody")
    return event("POST", "/webhooks/logto", {}, headers=webhook.headers, body=webhook.body.decode())


def event(
    method: str,
    path: str,
    cookies: Mapping[str, str],
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> dict[str, Any]:
    return {
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(headers or {}),
        "cookies": [f"{name}={value}" for name, value in cookies.items()],
        "body": body,
        "requestContext": {"requestId": "r-1", "http": {"method": method}},
    }


def third_party(modules: frozenset[str]) -> set[str]:
    """Name the packages that are neither Python's nor ours."""
    packages = {name.split(".")[0] for name in modules} - sys.stdlib_module_names
    ours = {"passerelle", "app", "snapshot_restore_py"}
    return {name for name in packages - ours - _PARTS if not name.startswith(_OF_THE_MACHINE)}
