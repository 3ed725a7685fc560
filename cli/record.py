"""What a command changes in a stack goes into the stack's audit, with the name of the operator who did it."""

import json
import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from cli.problems import Problem
from cli.stack import Stack, deployed
from passerelle import log, metrics

OUTPUT = "OperatorLogName"


class _Lines(logging.Handler):
    """Lines of the audit, and when they were written, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.setFormatter(log.JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, "audit"):
            self.found.append((int(record.created * 1000), self.format(record)))


@contextmanager
def recorded(stack: str | None) -> Iterator[None]:
    """Put what is done meanwhile into the audit of the stack with this name, also when it is stopped.

    Whoever may not write there is told so, and not held up: what they did is done. None is that of
    `make run`, which has no such log.
    """
    logger, lines = logging.getLogger("passerelle"), _Lines()
    token = log.correlation_id.set(secrets.token_hex(8))
    if stack:
        metrics.configure(f"Passerelle/{stack}")
    logger.addHandler(lines)
    try:
        yield
    finally:
        logger.removeHandler(lines)
        log.correlation_id.reset(token)
        if stack and lines.found:
            _write(stack, lines.found)


def _write(name: str, lines: list[tuple[int, str]]) -> None:
    try:
        _put(deployed(name), lines)
    except Problem as problem:
        print(f"passerelle: it is done, but not in the audit of stack {name}: {problem}", file=sys.stderr)


def _put(stack: Stack, lines: list[tuple[int, str]]) -> None:
    by = stack.service("sts").ask("GetCallerIdentity")["Arn"]
    events = [
        {"timestamp": at, "message": json.dumps(json.loads(line) | {"by": by}, separators=(",", ":"))}
        for at, line in lines
    ]
    logs, group = stack.service("logs"), stack.output(OUTPUT)
    stream = f"{datetime.now(UTC):%Y/%m/%d}/{secrets.token_hex(8)}"
    logs.ask("CreateLogStream", logGroupName=group, logStreamName=stream)
    logs.ask("PutLogEvents", logGroupName=group, logStreamName=stream, logEvents=events)
