"""Log lines are JSON, carry the request's id, and never the text of an exception."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from passerelle import log


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    logger = logging.getLogger("passerelle")
    kept = logger.handlers[:], logger.level, logger.propagate
    logger.handlers.clear()
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stdout", stream)
        log.configure("DEBUG")
        yield stream
    logger.handlers[:], logger.propagate = kept[0], kept[2]
    logger.setLevel(kept[1])


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_is_an_object_with_event_level_time_and_id(lines: io.StringIO) -> None:
    token = log.correlation_id.set("r-1")
    log.info("session_ended", user="u", cause="sign_out")
    log.correlation_id.reset(token)
    log.warning("next")
    first, second = read(lines)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "level": "INFO",
        "event": "session_ended",
        "correlation_id": "r-1",
        "user": "u",
        "cause": "sign_out",
    }
    assert (second["level"], second["correlation_id"]) == ("WARNING", "")


def test_times_are_utc(lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.makeLogRecord({"msg": "x", "created": 1_800_000_000.25, "msecs": 250.0})
    assert json.loads(log.JsonFormatter().format(record))["timestamp"] == "2027-01-15T08:00:00.250Z"


@pytest.mark.parametrize("text", ["the-secret", "line\nbreak the-secret", '"quoted" the-secret'])
def test_a_crash_is_told_by_type_and_place_and_not_by_its_text(lines: io.StringIO, text: str) -> None:
    try:
        try:
            raise KeyError(text)
        except KeyError as error:
            raise ValueError(text) from error
    except ValueError:
        log.crash("request_crashed")
    [line] = read(lines)
    assert line["traceback"][-1] == "ValueError"
    assert "test_log.py" in line["traceback"][0]
    assert "the-secret" not in lines.getvalue()


def test_a_line_stays_one_line(lines: io.StringIO) -> None:
    log.error("x", reason='a\r\nb\u2028"}')
    assert len(lines.getvalue().splitlines()) == 1


def test_what_json_does_not_know_is_no_crash(lines: io.StringIO) -> None:
    log.error("x", value={1, 2}, name_=object)
    assert len(read(lines)) == 1


def test_talkative_libraries_stay_quiet_at_debug(lines: io.StringIO) -> None:
    for name in ("botocore.endpoint", "botocore.auth", "urllib3.connectionpool", "boto3.resources", "httpx"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    assert logging.getLogger("passerelle").isEnabledFor(logging.DEBUG)


def test_a_line_is_not_printed_a_second_time_by_the_root(lines: io.StringIO) -> None:
    seen: list[logging.LogRecord] = []
    handler = _Collecting(seen)
    logging.getLogger().addHandler(handler)
    log.info("once")
    logging.getLogger().removeHandler(handler)
    assert not seen
    assert len(read(lines)) == 1


def test_configuring_again_changes_the_level_and_nothing_else(lines: io.StringIO) -> None:
    log.configure("ERROR")
    log.warning("not this")
    log.configure("INFO")
    log.info("this")
    assert [line["event"] for line in read(lines)] == ["this"]


@pytest.mark.parametrize("members", [{"audit": 1}, {"_aws": {}}])
def test_audit_and_metrics_are_written_at_every_level(lines: io.StringIO, members: dict[str, Any]) -> None:
    log.configure("ERROR")
    log.info("not this")
    log.info("this", **members)
    assert [line["event"] for line in read(lines)] == ["this"]


class _Collecting(logging.Handler):
    def __init__(self, seen: list[logging.LogRecord]) -> None:
        super().__init__()
        self.seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record)
