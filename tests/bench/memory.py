"""`make bench-memory`: cold and warm times at the processor shares that Lambda gives several memory sizes.

Each function runs in a control group that gets memory/1769 of a processor in periods of 20 ms, as on
Lambda. Where no such group can be made, times are computed: waiting as measured, plus processor time
divided by the share. Waiting is for the embedded stand-ins, not for AWS, so times mean something next to
each other, and prices as far as processor time prevails.
"""

import argparse
import json
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local.config import Config
from local.stack import Stack
from tests.bench import built
from tests.bench.deployed import Figures, Subject, ours, run
from tests.bench.events import BUSY
from tests.bench.machine import machine, sentence
from tests.bench.prices import LAMBDA_GB_SECONDS, LAMBDA_REQUEST
from tests.bench.quiet import silence
from tests.bench.shares import WHOLE_MB, NoShares, share
from tests.bench.tables import PATHS, table

RESULTS = built.BUILD / "memory.json"
SIZES = (128, 256, 512, 1024, 1769)
WARM = 20
MILLION = 1_000_000


def main() -> None:
    """Measure all sizes, keep the results, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds (%(default)s)")
    options = parser.parse_args()
    silence()
    try:
        built.prepare()
    except built.CannotMeasure as reason:
        sys.exit(f"Memory sizes are not measured: {reason}.")
    try:
        with share(WHOLE_MB):
            emulated = True
    except NoShares:
        emulated = False
    results: Figures = {"machine": machine(), "rounds": options.rounds, "emulated": emulated}
    results["figures"] = sweep(options.rounds, emulated)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"{sentence(results['machine'])}; medians of {options.rounds} rounds; {how(emulated)}\n")
    print(of_sweep(results["figures"]))


def how(emulated: bool) -> str:
    """Where the times come from."""
    if emulated:
        return "measured in control groups with the share of a processor of each size"
    return "computed from processor time by the share of each size, and waiting as measured"


def sweep(rounds: int, emulated: bool) -> dict[str, dict[str, Figures]]:
    """By function and memory size: seconds cold and warm."""
    seen: dict[tuple[str, int], list[Figures]] = defaultdict(list)
    for turn in range(rounds):
        print(f"Memory sizes: round {turn + 1} of {rounds}", file=sys.stderr)
        for name in PATHS:
            for size in SIZES:
                # A stack for each: its tables answer more slowly the more they hold.
                with Stack(Config.ephemeral(**BUSY)) as stack:
                    subject = next(one for one in ours(stack) if one.name == name)
                    seen[name, size].append(_once(subject, size, emulated))
    found: dict[str, dict[str, Figures]] = defaultdict(dict)
    for (name, size), figures in seen.items():
        found[name][str(size)] = {
            key: statistics.median(one[key] for one in figures) for key in ("cold", "init", "warm")
        }
    return found


def of_sweep(figures: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Times and prices by size, of what was measured."""
    head = ["", *(f"{size} MB" for size in SIZES)]
    titles = {
        "cold": "cold, ms",
        "warm": "warm, ms",
        "price": "a million warm, $",
        "start": "a million cold, $",
    }
    rows = []
    for name in figures:
        path = PATHS[name]
        sizes = {size: figures[name][str(size)] for size in SIZES}
        cells = {
            "cold": [f"{1000 * one['cold']:.0f}" for one in sizes.values()],
            "warm": [f"{1000 * one['warm']:.1f}" for one in sizes.values()],
            "price": [f"{price(size, one['warm']):.2f}" for size, one in sizes.items()],
            "start": [f"{price(size, one['cold']):.2f}" for size, one in sizes.items()],
        }
        rows += [[f"{path} {title}", *cells[key]] for key, title in titles.items()]
    return table(head, rows)


def price(size: int, seconds: float) -> float:
    """Dollars of a million invocations that last so long; Lambda counts whole milliseconds, begun or not."""
    billed = -(-seconds * 1000 // 1) / 1000
    return MILLION * (LAMBDA_REQUEST + billed * size / 1024 * LAMBDA_GB_SECONDS[0][1])


def _once(subject: Subject, size: int, emulated: bool) -> Figures:
    calls: Counter[str] = Counter()
    if not emulated:
        return _computed(subject, size, calls)
    with share(size) as entering:
        program = replace(subject.program, entering=entering)
        running, _ = run(replace(subject, program=program), 1 + WARM, calls)
    # Of the invocations the mean: by the turn, one in several waits for the next period.
    return {
        "cold": running.first_wall,
        "init": running.init,
        "warm": statistics.mean(running.durations[1:]),
    }


def _computed(subject: Subject, size: int, calls: Counter[str]) -> Figures:
    part = size / WHOLE_MB
    cold, _ = run(subject, 1, calls)
    warm, _ = run(subject, 1 + WARM, calls)
    assert cold.used is not None
    assert warm.used is not None
    each = max(0.0, (warm.used.processor - cold.used.processor) / WARM)
    waiting = max(0.0, cold.first_wall - cold.used.processor)
    pausing = max(0.0, statistics.mean(warm.durations[1:]) - each)
    return {
        "cold": waiting + cold.used.processor / part,
        "init": cold.init / part,
        "warm": pausing + each / part,
    }


if __name__ == "__main__":
    main()
