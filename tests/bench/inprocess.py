"""What the functions cost in the process that the stand-ins run in: a measure for any machine and Python.

Import time is that of a fresh process, as a ratio to bare `import boto3` in the same rounds. Network calls
are counted where they arrive. Processor time is that of the handler's own thread, without what the
stand-ins use.
"""

import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import httpx

from local import gateway
from local.config import Config
from local.stack import Stack
from local.template import Function
from passerelle import runtime
from tests.bench.built import FUNCTIONS, ROOT
from tests.bench.calls import count_calls, usual
from tests.bench.events import (
    BUSY,
    FUNCTION_OF,
    due_session,
    log_out,
    send_otp,
    somebody,
    suspension,
    webhook,
)
from tests.support.browser import Browser

WARM_REQUESTS = 30

Row = dict[str, Any]


def in_process(rounds: int) -> dict[str, Row]:
    """By function: import time to that of boto3, calls and processor time."""
    ratios = import_ratios(rounds)
    with Stack(Config.ephemeral(**BUSY)) as stack:
        requests = measure_requests(stack)
    return {
        name: {"import_to_boto3": ratios[FUNCTION_OF.get(name, name)], **row}
        for name, row in requests.items()
    }


def import_ratios(rounds: int) -> dict[str, float]:
    """Median import time of each function in a fresh process over that of boto3, rounds interleaved."""
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name in ["boto3", *FUNCTIONS]:
            times[name].append(_import_time(name))
    boto3 = statistics.median(times["boto3"])
    return {name: round(statistics.median(times[name]) / boto3, 3) for name in FUNCTIONS}


def measure_requests(stack: Stack) -> dict[str, Row]:
    """Count calls and processor time of each function's main request, cold and warm."""
    spent: dict[str, list[float]] = defaultdict(list)
    _time_handlers(spent)
    calls = count_calls(stack)
    rows = {}
    for name, prepare in _requests().items():
        rows[name] = _measure(stack, name, prepare, calls, spent)
    return rows


def _measure(
    stack: Stack,
    name: str,
    prepare: Callable[[Browser], httpx.Request],
    calls: Counter[str],
    spent: dict[str, list[float]],
) -> Row:
    counts: list[dict[str, int]] = []
    function = FUNCTION_OF.get(name, name)
    spent[function].clear()
    with Browser(stack) as browser:
        for turn in range(WARM_REQUESTS + 1):
            request = prepare(browser)
            if turn == 0:
                runtime.forget()
            calls.clear()
            before = len(spent[function])
            answer = browser.http.send(request)
            assert answer.status_code in {200, 303}, f"{name}: {answer.status_code} {answer.text[:300]}"
            assert len(spent[function]) == before + 1
            counts.append(dict(calls))
    return {
        "calls_cold": counts[0],
        "calls_warm": usual(counts[1:]),
        "processor_ms_warm": round(1000 * statistics.median(spent[function][-WARM_REQUESTS:]), 3),
    }


def _requests() -> dict[str, Callable[[Browser], httpx.Request]]:
    def get(path: str) -> Callable[[Browser], httpx.Request]:
        return lambda browser: browser.http.build_request("GET", browser.stack.app_url + path)

    def signed_in(path: str) -> Callable[[Browser], httpx.Request]:
        def prepare(browser: Browser) -> httpx.Request:
            if "__Host-session" not in browser.cookies:
                browser.sign_in(somebody())
            return get(path)(browser)

        return prepare

    def callback(browser: Browser) -> httpx.Request:
        return browser.http.build_request("GET", browser.stop_at_callback(somebody()))

    def logout(browser: Browser) -> httpx.Request:
        browser.sign_in(somebody())
        headers = {"sec-fetch-site": "same-origin"}
        return browser.http.build_request("POST", f"{browser.stack.app_url}/logout", headers=headers)

    return {
        "home": signed_in("/"),
        "login": get("/login"),
        "callback": callback,
        "session": signed_in("/session"),
        "logout": logout,
        "send_otp": lambda browser: send_otp(browser.stack),
        "mailgun_webhook": lambda browser: webhook(browser.stack),
        "refresh": lambda browser: due_session(browser.stack),
        "sessions": signed_in("/sessions"),
        "backchannel_logout": lambda browser: log_out(browser.stack),
        "logto_webhook": lambda browser: suspension(browser.stack),
        "health": get("/health"),
    }


def _time_handlers(spent: dict[str, list[float]]) -> None:
    load = gateway.load

    def timed(function: Function) -> gateway.Handler:
        handler = load(function)
        times = spent[function.file.parent.name]

        def measured(event: dict[str, Any], context: gateway.Context) -> Any:
            start = time.thread_time()
            try:
                return handler(event, context)
            finally:
                times.append(time.thread_time() - start)

        return measured

    gateway.load = timed


def _import_time(name: str) -> float:
    module = "import boto3" if name == "boto3" else "import app"
    program = f"import time; start = time.process_time(); {module}; print(time.process_time() - start)"
    paths = [str(ROOT / "layers/passerelle"), str(ROOT / "functions" / name)]
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(paths), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(result.stdout)
