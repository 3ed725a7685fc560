"""`make bench`: what each function costs, measured here and now.

Import time is that of a fresh process, as a ratio to bare `import boto3` in the same rounds, so that the
figure means the same on another machine. Network calls are counted where they arrive. Processor time is
that of the handler's own thread, without what the stand-ins use.
"""

import argparse
import json
import logging
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from local import gateway
from local.config import Config
from local.stack import Stack
from local.template import Function
from passerelle import runtime
from tests.bench.calls import count_calls
from tests.support.browser import Browser

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
WARM_REQUESTS = 30

Row = dict[str, Any]


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds of the import measurement (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    logging.disable()  # the functions' own log lines would stand between the rows
    ratios = import_ratios(options.rounds)
    with Stack(Config.ephemeral()) as stack:
        requests = measure_requests(stack)
    rows = [{"function": name, "import_to_boto3": ratios[name], **requests[name]} for name in FUNCTIONS]
    print(json.dumps(rows, indent=2) if options.json else table(rows))


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


def table(rows: list[Row]) -> str:
    """Render the rows for a terminal."""
    lines = [
        f"{platform.machine()}, Python {platform.python_version()}, {WARM_REQUESTS} warm requests, medians",
        "",
        f"{'function':<10} {'import / boto3':>14} {'calls cold':>24} {'calls warm':>24} {'warm ms':>8}",
    ]
    for row in rows:
        cold, warm = _named(row["calls_cold"]), _named(row["calls_warm"])
        lines.append(
            f"{row['function']:<10} {row['import_to_boto3']:>14.2f} {cold:>24} {warm:>24} "
            f"{row['processor_ms_warm']:>8.2f}"
        )
    return "\n".join(lines)


def _measure(
    stack: Stack,
    name: str,
    prepare: Callable[[Browser], httpx.Request],
    calls: Counter[str],
    spent: dict[str, list[float]],
) -> Row:
    counts: list[dict[str, int]] = []
    spent[name].clear()
    with Browser(stack) as browser:
        for turn in range(WARM_REQUESTS + 1):
            request = prepare(browser)
            if turn == 0:
                runtime.forget()
            calls.clear()
            before = len(spent[name])
            answer = browser.http.send(request)
            assert answer.status_code in {200, 303}, f"{name}: {answer.status_code} {answer.text[:300]}"
            assert len(spent[name]) == before + 1
            counts.append(dict(calls))
    assert all(count == counts[1] for count in counts[1:]), f"{name}: warm requests differ in their calls"
    return {
        "calls_cold": counts[0],
        "calls_warm": counts[1],
        "processor_ms_warm": round(1000 * statistics.median(spent[name][-WARM_REQUESTS:]), 3),
    }


def _requests() -> dict[str, Callable[[Browser], httpx.Request]]:
    def get(path: str) -> Callable[[Browser], httpx.Request]:
        return lambda browser: browser.http.build_request("GET", browser.stack.app_url + path)

    def signed_in(path: str) -> Callable[[Browser], httpx.Request]:
        def prepare(browser: Browser) -> httpx.Request:
            if "__Host-session" not in browser.cookies:
                browser.sign_in()
            return get(path)(browser)

        return prepare

    def callback(browser: Browser) -> httpx.Request:
        return browser.http.build_request("GET", browser.stop_at_callback())

    def logout(browser: Browser) -> httpx.Request:
        browser.sign_in()
        headers = {"sec-fetch-site": "same-origin"}
        return browser.http.build_request("POST", f"{browser.stack.app_url}/logout", headers=headers)

    def send_otp(browser: Browser) -> httpx.Request:
        return browser.http.build_request(
            "POST",
            f"{browser.stack.app_url}/send-otp",
            headers={"authorization": f"Bearer {browser.stack.send_otp_token}"},
            json={"to": "ada@example.com", "type": "SignIn", "payload": {"code": "123456"}},
        )

    return {
        "home": signed_in("/"),
        "login": get("/login"),
        "callback": callback,
        "session": signed_in("/session"),
        "logout": logout,
        "send_otp": send_otp,
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


def _named(calls: dict[str, int]) -> str:
    return " ".join(f"{name} {count}" for name, count in sorted(calls.items())) or "0"


if __name__ == "__main__":
    main()
