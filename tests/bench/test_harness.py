"""The harness itself, on programs that need nothing installed."""

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench import plot, tables
from tests.bench.runtime_api import Program, ProgramFailed, Running

LOOP = """
import json, os, sys, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime"
held = bytearray(HELD)
for number in range(1, 9):
    with urllib.request.urlopen(base + "/invocation/next") as answer:
        request_id, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
    sum(range(300_000))
    kind = "error" if event.get("fail") else "response"
    body = json.dumps({"number": number, "event": event}).encode()
    urllib.request.urlopen(f"{base}/invocation/{request_id}/{kind}", data=body).close()
"""


def program(held: int = 1) -> Program:
    source = LOOP.replace("HELD", str(held))
    environment = {"PATH": os.defpath, "NO_PROXY": "127.0.0.1"}
    return Program((sys.executable, "-c", source), Path.cwd(), environment)


def test_answers_come_in_order_and_what_was_used_is_known() -> None:
    with Running(program()) as running:
        answers = [running.invoke({"is": turn}) for turn in range(3)]
    assert answers == [{"number": turn + 1, "event": {"is": turn}} for turn in range(3)]
    assert len(running.durations) == 3
    assert 0 < running.init < running.first_wall
    assert running.used is not None
    assert running.used.processor > 0.01


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a program's own peak")
def test_memory_is_the_program_s_own_and_not_its_parent_s() -> None:
    ballast = bytearray(b"x" * (200 << 20))
    peaks = []
    for held in (1, 50 << 20):
        with Running(program(held)) as running:
            running.invoke({})
        assert running.used is not None
        peaks.append(running.used.memory)
    assert peaks[0] < 100 < len(ballast) >> 20
    assert peaks[1] - peaks[0] == pytest.approx(50, abs=5)


def test_a_failure_is_told() -> None:
    with pytest.raises(ProgramFailed, match='"fail": true'), Running(program()) as running:
        running.invoke({"fail": True})


def test_a_goal_that_is_not_reached_is_shown_as_missed() -> None:
    one = {"cold_ms": 70, "warm_ms": 1.0}
    figures = {"session": one, "peer session": {"cold_ms": 100, "warm_ms": 5.0}}
    rows = tables.beside_peers(figures).splitlines()
    cells = [cell.strip() for cell in rows[2].strip("|").split("|")]
    assert cells[3:6] == ["0.70", "<= 0.65", "MISSED"]
    assert cells[8:11] == ["0.20", "<= 0.25", "holds"]
    drawing = ElementTree.fromstring(plot.of_peers(figures))
    kinds = [one.get("class") for one in drawing.iter("{http://www.w3.org/2000/svg}rect")]
    assert kinds == ["page", "missed", "held"]
