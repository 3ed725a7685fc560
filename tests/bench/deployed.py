"""Cold and warm costs of programs under Lambda's Runtime API, in rounds that take turns between them."""

import gc
import statistics
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from local.config import Config
from local.stack import NO_ACCOUNT, Stack
from local.template import Template
from tests.bench.built import BUILD, PYTHON, layer_paths
from tests.bench.calls import count_calls, usual
from tests.bench.events import BUSY, FUNCTION_OF, ROUTES, STATUSES, Prepare, preparations
from tests.bench.runtime_api import Event, Program, Running, peak_memory, reap

Figures = dict[str, Any]

WARM = dict.fromkeys(ROUTES, 40) | dict.fromkeys(("home", "session", "login", "send_otp", "sessions"), 200)
"""Invocations that the warm figure is spread over: many, because Node.js grows faster over its first ones,
and fewer where each takes a sign-in to prepare."""

MEASURES = {
    "import boto3": "import boto3",
    "boto3 + DynamoDB client": "import boto3; boto3.client('dynamodb', region_name='eu-central-1')",
}
_HOLD = "; print(flush=True); input()"


@dataclass(frozen=True)
class Subject:
    """One program to measure, with the events it is given and the status that it has to answer."""

    name: str
    program: Program
    prepare: Prepare
    status: int
    warm: int


Opened = tuple[list[Subject], Counter[str]]
"""What is measured in a round, and the counter of its network calls."""


def ours(stack: Stack) -> list[Subject]:
    """Every function under the runtime interface client, as Lambda runs it."""
    prepare = preparations(stack)
    return [
        Subject(name, function_program(stack, name), prepare[name], STATUSES[name], WARM[name])
        for name in ROUTES
    ]


def function_program(stack: Stack, name: str) -> Program:
    """One function with the variables that the template and Lambda give it."""
    name = FUNCTION_OF.get(name, name)
    folder = BUILD / "functions" / name
    template = Template(BUILD.parent / "template.yaml", stack.parameters)
    function = next(one for one in template.functions().values() if one.file.parent.name == name)
    variables = {
        **function.environment,
        **lambda_variables(function.name, function.memory),
        "_HANDLER": "app.handler",
        "LAMBDA_TASK_ROOT": str(folder),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "PYTHONPATH": ":".join(map(str, [folder, *layer_paths()])),
        # /var/task is read-only on Lambda: the function's own file is compiled at every cold start.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Program((str(PYTHON), "-m", "awslambdaric", "app.handler"), folder, variables)


def lambda_variables(name: str, memory: int) -> dict[str, str]:
    """What Lambda adds to a function's own variables, with an account that does not exist."""
    return {
        **NO_ACCOUNT,
        "AWS_SESSION_TOKEN": "local",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "NO_PROXY": "localhost,127.0.0.1",
    }


def measure(
    opened: Callable[[], AbstractContextManager[Opened]], rounds: int, told: Callable[[str], None]
) -> dict[str, Figures]:
    """Median figures of each subject; milliseconds, and MB of 2^20 bytes.

    Opened anew for every round: the stand-in for DynamoDB takes longer for each item that it holds.
    """
    seen: dict[str, list[Figures]] = defaultdict(list)
    for turn in range(rounds):
        told(f"round {turn + 1} of {rounds}")
        with opened() as (subjects, calls):
            for subject in subjects:
                seen[subject.name].append(_once(subject, calls))
        for name, program in MEASURES.items():
            seen[name].append(_bare(program))
    return {name: _summary(figures) for name, figures in seen.items()}


@contextmanager
def ours_alone() -> Iterator[Opened]:
    """Our functions in front of a stack of their own."""
    with Stack(Config.ephemeral(**BUSY)) as stack:
        yield ours(stack), count_calls(stack)


def _once(subject: Subject, calls: Counter[str]) -> Figures:
    cold, cold_calls = run(subject, 1, calls)
    warm, warm_calls = run(subject, 1 + subject.warm, calls)
    assert cold.used is not None
    assert warm.used is not None
    return {
        "cold_ms": 1000 * cold.used.processor,
        "cold_wall_ms": 1000 * cold.first_wall,
        "init_wall_ms": 1000 * cold.init,
        "warm_ms": 1000 * (warm.used.processor - cold.used.processor) / subject.warm,
        "warm_wall_ms": 1000 * statistics.median(warm.durations[1:]),
        "memory_mb": cold.used.memory,
        "memory_warm_mb": warm.used.memory,
        "calls_cold": cold_calls[0],
        "calls_warm": usual(warm_calls[1:]),
    }


@contextmanager
def _without_collector() -> Iterator[None]:
    """The stand-ins run in this process: while it collects garbage they answer late, and are asked again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def run(subject: Subject, count: int, calls: Counter[str]) -> tuple[Running, list[dict[str, int]]]:
    """Start a process, invoke it so often, and kill it; with the network calls of each invocation."""
    counted = []
    with _without_collector():
        events: list[Event] = subject.prepare(count)
    with Running(subject.program) as running, _without_collector():
        for event in events:
            calls.clear()
            answer = running.invoke(event)
            counted.append(dict(calls))
            if answer.get("statusCode") != subject.status:
                raise AssertionError(f"{subject.name}: {answer}\n{running.log()[-2000:]}")
    return running, counted


def _bare(program: str) -> Figures:
    process = subprocess.Popen(
        [str(PYTHON), "-c", program + _HOLD],
        env={"PATH": "/usr/bin:/bin", **NO_ACCOUNT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        peak = peak_memory(process.pid)
        process.kill()
        used = reap(process, peak)
    return {"cold_ms": 1000 * used.processor, "memory_mb": used.memory}


def _summary(figures: list[Figures]) -> Figures:
    return {
        key: value if isinstance(value, Mapping) else statistics.median(one[key] for one in figures)
        for key, value in figures[0].items()
    }
