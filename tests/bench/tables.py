"""The results as tables, in Markdown that reads well in a terminal too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.inprocess import WARM_REQUESTS
from tests.bench.machine import sentence

PATHS = {
    "session": "/session",
    "login": "/login",
    "callback": "/callback",
    "logout": "/logout",
    "send_otp": "/send-otp",
    "mailgun_webhook": "/webhooks/mailgun",
    "home": "/",
    "refresh": "/session, tokens renewed",
    "sessions": "/sessions",
    "backchannel_logout": "/backchannel-logout",
    "logto_webhook": "/webhooks/logto",
    "health": "/health",
}
"""The functions in the order of interest."""

Figures = Mapping[str, Mapping[str, Any]]
"""By function, or by what stands beside it."""


@dataclass(frozen=True)
class Goal:
    """What a figure must not exceed; a ratio is to the peer's figure."""

    name: str
    limit: float
    unit: str = ""


COLD_GOALS = {"session": 0.65, "login": 0.6, "callback": 0.85, "send_otp": 0.9}
WARM_GOALS = {"session": 0.25, "callback": 0.3, "login": 0.15, "logout": 0.35, "send_otp": 0.45}
ZIPPED_GOAL = Goal("both layers, zipped", 14, "MB")
MEMORY_GOAL = Goal("peak memory of /session", 45, "MB")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is aligned to the left and all others to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        aligned = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(aligned)} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def of_bench(results: Mapping[str, Any]) -> str:
    """Everything that `make bench` prints."""
    parts = [f"{sentence(results['machine'])}; medians of {results['rounds']} rounds"]
    if results["deployed"]:
        parts += [
            "As deployed, each function in its own process under Lambda's runtime interface client:",
            deployed(results["deployed"]),
            sizes(results["sizes"]),
            absolute_goals(results["deployed"], results["sizes"]),
        ]
    parts += [
        here(results),
        in_process(results["in_process"]),
    ]
    return "\n\n".join(parts)


def deployed(figures: Figures) -> str:
    """Cold and warm costs of the functions, and of boto3 beside them."""
    head = ["", "cold, ms of processor", "of boto3 + client", "cold, ms", "warm, ms of processor", "warm, ms"]
    head += ["peak MB", "calls cold", "calls warm"]
    boto3 = figures["boto3 + DynamoDB client"]["cold_ms"]
    rows = []
    # Of a function that is newer than the figures there is nothing to show.
    for name in [*(path for path in PATHS if path in figures), "import boto3", "boto3 + DynamoDB client"]:
        one = figures[name]
        cold = (PATHS.get(name, name), f"{one['cold_ms']:.0f}", f"{one['cold_ms'] / boto3:.2f}")
        if name not in PATHS:
            rows.append((*cold, "", "", "", f"{one['memory_mb']:.0f}", "", ""))
            continue
        warm = (f"{one['cold_wall_ms']:.0f}", f"{one['warm_ms']:.2f}", f"{one['warm_wall_ms']:.1f}")
        counted = (calls(one["calls_cold"]), calls(one["calls_warm"]))
        rows.append((*cold, *warm, f"{one['memory_mb']:.0f}", *counted))
    return table(head, rows)


def sizes(found: Mapping[str, Mapping[str, float]]) -> str:
    """What is deployed."""
    rows = [(name, f"{size['zipped']:.2f}", f"{size['unzipped']:.2f}") for name, size in found.items()]
    return table(("deployed, MB", "zipped", "unzipped"), rows)


def absolute_goals(figures: Figures, found: Mapping[str, Mapping[str, float]]) -> str:
    """The goals that need no peer."""
    measured = {
        ZIPPED_GOAL: found["both layers"]["zipped"],
        MEMORY_GOAL: max(figures["session"]["memory_mb"], figures["session"]["memory_warm_mb"]),
    }
    rows = [
        (goal.name, f"{value:.1f} {goal.unit}", f"<= {goal.limit:g} {goal.unit}", verdict(value, goal.limit))
        for goal, value in measured.items()
    ]
    return table(("goal", "measured", "wanted", ""), rows)


def beside_peers(figures: Figures) -> str:
    """Processor time of ours and the peer's, with the ratios and the goals."""
    head = ["ms of processor", "cold", "peer's", "ratio", "goal", "", "warm", "peer's", "ratio", "goal", ""]
    rows = []
    for name, one, peer in _pairs(figures):
        cold = _compared(one["cold_ms"], peer["cold_ms"], 0, COLD_GOALS.get(name))
        warm = _compared(one["warm_ms"], peer["warm_ms"], 2, WARM_GOALS.get(name))
        rows.append((PATHS[name], *cold, *warm))
    return table(head, rows)


def calls_of_peers(figures: Figures) -> str:
    """Peak memory, time as a clock sees it, and network calls, of ours and the peer's."""
    head = ["", "peak MB", "cold, ms", "warm, ms", "calls cold", "calls warm"]
    rows = []
    for name, one, peer in _pairs(figures):
        for title, side in ((PATHS[name], one), ("its peer", peer)):
            times = (f"{side['cold_wall_ms']:.0f}", f"{side['warm_wall_ms']:.1f}")
            counted = (calls(side["calls_cold"]), calls(side["calls_warm"]))
            rows.append((title, f"{side['memory_warm_mb']:.0f}", *times, *counted))
    return table(head, rows)


def _pairs(
    figures: Figures,
) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    return [(name, figures[name], figures[f"peer {name}"]) for name in PATHS if f"peer {name}" in figures]


def here(results: Mapping[str, Any]) -> str:
    """What the part that runs anywhere was measured with."""
    python = results["machine"]["this python"]
    return f"In the process of the stand-ins ({python}, {WARM_REQUESTS} warm requests):"


def in_process(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """What is measured without the runtime."""
    head = ("function", "import / boto3", "calls cold", "calls warm", "warm, ms of processor")
    cells = []
    for name in (path for path in PATHS if path in rows):
        row = rows[name]
        counted = (calls(row["calls_cold"]), calls(row["calls_warm"]))
        cells.append(
            (PATHS[name], f"{row['import_to_boto3']:.2f}", *counted, f"{row['processor_ms_warm']:.2f}")
        )
    return table(head, cells)


def calls(counted: Mapping[str, int]) -> str:
    """Calls by service, such as `dynamodb 1`."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "none"


def verdict(value: float, limit: float) -> str:
    """Whether a goal is reached."""
    return "holds" if value <= limit else "MISSED"


def _compared(one: float, peer: float, digits: int, goal: float | None) -> tuple[str, ...]:
    ratio = one / peer
    wanted = (f"<= {goal:g}", verdict(ratio, goal)) if goal is not None else ("", "")
    return (f"{one:.{digits}f}", f"{peer:.{digits}f}", f"{ratio:.2f}", *wanted)
