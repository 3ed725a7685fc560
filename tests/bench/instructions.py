"""`make bench-instructions`: how many instructions the functions execute, by valgrind's count.

Unlike times, counts hardly depend on what else the machine does, so small changes show. Each function runs
in Lambda's Python over the layers as deployed and talks to the embedded stand-ins, which are not counted.
Three processes tell its parts: one that imports it and builds its services, one that answers a request as
well, and one that answers thirty more. All are shares of `import boto3` with a DynamoDB client.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from local.config import Config
from local.stack import NO_ACCOUNT, Stack
from tests.bench import built
from tests.bench.deployed import MEASURES, function_program
from tests.bench.events import BUSY, STATUSES, Prepare, preparations
from tests.bench.machine import machine
from tests.bench.quiet import silence
from tests.bench.runtime_api import Program
from tests.bench.tables import PATHS, table

KEPT = Path(__file__).with_name("instructions.json")
DRIVER = str(Path(__file__).with_name("driver.py"))
TOLERANCE = 0.02
WARM = 30
COUNTER = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--log-file=/dev/null")
PARTS = {"start": 0, "cold": 1, "warm": 1 + WARM}

Shares = dict[str, dict[str, float]]


_PREPARING = Lock()
"""One at a time: they sign in the same person, and read the newest code."""


def main() -> None:
    """Count, compare with the figures kept, and fail where they are exceeded or long undercut."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.instructions", description=__doc__)
    parser.add_argument("--update", action="store_true", help="keep the new figures")
    options = parser.parse_args()
    silence()
    if shutil.which(COUNTER[0]) is None:
        sys.exit("Instructions are not counted: there is no valgrind here.")
    try:
        built.prepare()
    except built.CannotMeasure as reason:
        sys.exit(f"Instructions are not counted: {reason}.")
    shares = count()
    ran_on = {name: machine()[name] for name in ("architecture", "python")}
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.is_file() else {"on": ran_on, "shares": {}}
    print(compared(shares, kept["shares"]))
    if options.update:
        KEPT.write_text(json.dumps({"on": ran_on, "shares": shares}, indent=2) + "\n")
    elif kept["on"] != ran_on:
        print(f"\nThe figures kept are of another machine, {kept['on']}: nothing is concluded.")
    elif strayed(shares, kept["shares"]):
        again = "make bench-instructions BENCH_OPTIONS=--update"
        sys.exit(f"\nMore than {TOLERANCE:.0%} from the figures kept. If that is meant to be: {again}")


def count() -> Shares:
    """By function and part: instructions as shares of boto3 with a client."""
    with Stack(Config.ephemeral(**BUSY)) as stack, ThreadPoolExecutor(os.cpu_count()) as pool:
        prepare = preparations(stack)
        jobs: dict[tuple[str, str], Callable[[], int]] = {("boto3", "start"): _boto3}
        for name in PATHS:
            program = function_program(stack, name)
            for part, number in PARTS.items():
                jobs[name, part] = _job(program, prepare[name], number, STATUSES[name])
        counted = dict(zip(jobs, pool.map(lambda job: job(), jobs.values()), strict=True))
    boto3 = counted["boto3", "start"]
    return {name: _parts({part: counted[name, part] / boto3 for part in PARTS}) for name in PATHS}


def strayed(shares: Shares, kept: Shares) -> bool:
    """Whether any figure is further from the one kept than is tolerated."""
    return any(
        abs(share / kept.get(name, {}).get(part, share) - 1) > TOLERANCE
        for name, parts in shares.items()
        for part, share in parts.items()
    )


def compared(shares: Shares, kept: Shares) -> str:
    """The shares with what has changed since they were kept."""
    head = ["instructions / boto3 + client", "import and services", "", "and a first request", ""]
    rows = []
    for name, parts in shares.items():
        cells = [PATHS[name]]
        for part, share in parts.items():
            before = kept.get(name, {}).get(part)
            cells += [f"{share:.5f}", f"{share / before - 1:+.1%}" if before else "new"]
        rows.append(cells)
    return table([*head, "each further request", ""], rows)


def shares_kept(shares: Shares) -> str:
    """The shares alone."""
    head = ["instructions / boto3 + client", "import and services", "and a first request"]
    rows = [[PATHS[name], *(f"{share:.5f}" for share in parts.values())] for name, parts in shares.items()]
    return table([*head, "each further request"], rows)


def _parts(totals: dict[str, float]) -> dict[str, float]:
    warm = (totals["warm"] - totals["cold"]) / WARM
    return {"start": round(totals["start"], 5), "cold": round(totals["cold"], 5), "warm": round(warm, 6)}


def _job(program: Program, prepare: Prepare, number: int, status: int) -> Callable[[], int]:
    def counted() -> int:
        # Made when its turn comes: what Logto hands out is good for a minute.
        with _PREPARING:
            events = prepare(number) if number else []
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(json.dumps(events))
            file.flush()
            return _instructions([DRIVER, file.name, str(status)], dict(program.environment))

    return counted


def _boto3() -> int:
    return _instructions(["-c", MEASURES["boto3 + DynamoDB client"]], {**NO_ACCOUNT, "PATH": os.defpath})


def _instructions(arguments: list[str], environment: dict[str, str]) -> int:
    # The order of sets and dicts of strings must not change from run to run.
    variables = {**environment, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.NamedTemporaryFile(suffix=".cachegrind") as out:
        command = [*COUNTER, f"--cachegrind-out-file={out.name}", str(built.PYTHON), *arguments]
        result = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300)
        if result.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{result.stderr[-2000:]}")
        summary = re.search(r"^summary:\s*(\d+)", Path(out.name).read_text(), re.MULTILINE)
    assert summary, "cachegrind has written no summary"
    return int(summary[1])


if __name__ == "__main__":
    main()
