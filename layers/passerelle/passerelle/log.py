"""One JSON object a line, with a correlation id; names of events instead of prose.

Codes, tokens, cookies, secrets and e-mail addresses are never passed in here. Libraries that write requests
and responses into their debug output are kept at WARNING, whatever the level of our own logger.
"""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

Record = TypeVar("Record")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")

_LOGGER = logging.getLogger("passerelle")
_TALKATIVE = ("botocore", "boto3", "urllib3", "httpx", "httpcore", "joserfc", "asyncio")
_ALWAYS = frozenset({"audit", "_aws"})
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Renders a record and the fields given with it as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; times are UTC, in ISO 8601 with milliseconds."""
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "event": record.getMessage(),
            "correlation_id": correlation_id.get(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["traceback"] = _places(record)
        return json.dumps(line, default=lambda value: type(value).__name__, separators=(",", ":"))


def discreet(record: type[Record]) -> type[Record]:
    """Give a record a `repr` that shows nothing, lest its secrets get into a log line or a traceback."""
    record.__repr__ = lambda self: f"{type(self).__name__}(...)"  # type: ignore[method-assign]
    return record


def configure(level: str = "") -> None:
    """Set up our logger once per environment, at INFO; a call that names a level changes it."""
    if level:
        _LOGGER.setLevel(level)
    if _LOGGER.handlers:
        return
    _LOGGER.setLevel(level or "INFO")
    import time

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    JsonFormatter.converter = time.gmtime
    _LOGGER.addHandler(handler)
    # Lambda's own handler on the root logger would print every line a second time.
    _LOGGER.propagate = False
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def info(event: str, **fields: object) -> None:
    """Log what happened."""
    _write(logging.INFO, event, fields)


def warning(event: str, **fields: object) -> None:
    """Log what was refused, or went wrong on the other side."""
    _write(logging.WARNING, event, fields)


def error(event: str, **fields: object) -> None:
    """Log what an operator has to look at."""
    _write(logging.ERROR, event, fields)


def crash(event: str, **fields: object) -> None:
    """Log the exception being handled: its type and the places it passed, never its text.

    The text of an exception may quote the value that caused it, and that value may be a secret.
    """
    _write(logging.ERROR, event, fields, sys.exc_info())


def _write(level: int, event: str, fields: Mapping[str, object], trace: Any = None) -> None:
    # What belongs to the audit, or counts something, is written at every level: an alarm must not go blind
    # because somebody wants fewer lines.
    if _ALWAYS.isdisjoint(fields) and not _LOGGER.isEnabledFor(level):
        return
    _LOGGER.handle(_LOGGER.makeRecord(_LOGGER.name, level, "", 0, event, (), trace, extra=fields))


def _places(record: logging.LogRecord) -> list[str]:
    import traceback

    kind, _, trace = record.exc_info or (None, None, None)
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return [*frames, kind.__name__ if kind else ""]
