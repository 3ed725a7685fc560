"""Lambda's Runtime API, and programs that run under it as processes of their own."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROUTE = "/2018-06-01/runtime"
PATIENCE_SECONDS = 60

Event = dict[str, Any]


@dataclass(frozen=True)
class Program:
    """What is started, and where. `entering` is put before the command, such as to enter a control group."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    entering: tuple[str, ...] = ()


@dataclass(frozen=True)
class Used:
    """What a process used between its start and its end. Times in seconds, memory in MB of 2^20 bytes."""

    processor: float
    memory: float


class ProgramFailed(Exception):
    """The program ended, did not answer in time, or answered with an error."""


class RuntimeApi:
    """The server, for one process and one invocation at a time."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self.idle = threading.Event()
        self.answered = threading.Event()
        self.answer: Any = None
        self.failure: str | None = None
        self.started = self.ended = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.api = self  # type: ignore[attr-defined]
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.events.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next_event(self) -> Event | None:
        """Wait for the next event; nothing when there will be none."""
        self.idle.set()
        event = self.events.get()
        self.started = time.perf_counter()
        return event

    def take(self, path: str, body: bytes) -> None:
        """Take an answer, or the report of a failure."""
        self.ended = time.perf_counter()
        if path.endswith("/response"):
            self.answer = json.loads(body)
        else:
            self.failure = body.decode(errors="replace")
        self.answered.set()
        if path.endswith("/init/error"):
            self.idle.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: otherwise delayed acknowledgements would be measured.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        api: RuntimeApi = self.server.api  # type: ignore[attr-defined]
        event = api.next_event()
        if event is None:
            self.close_connection = True
            return
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 30) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:local:123456789012:function:measured",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=0;Sampled=0",
        }
        self._send(200, headers, json.dumps(event).encode())

    def do_POST(self) -> None:
        api: RuntimeApi = self.server.api  # type: ignore[attr-defined]
        body = self._body()
        api.take(self.path, body)
        self._send(202, {"Content-Type": "application/json"}, b'{"status":"OK"}')

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Running:
    """A program in its process, from `with` to its end. It is killed while it waits, as Lambda does."""

    program: Program
    used: Used | None = None
    first_wall: float = 0.0
    """Seconds from the process's start to its first answer."""
    durations: list[float] = field(default_factory=list)
    """Seconds of each invocation, from the event handed out to the answer taken."""
    init: float = 0.0
    """Seconds from the process's start until it asks for its first event."""

    def __enter__(self) -> Self:
        self._api = RuntimeApi()
        self._log = tempfile.TemporaryFile()
        variables = {**self.program.environment, "AWS_LAMBDA_RUNTIME_API": self._api.address}
        self._start = time.perf_counter()
        self._process = subprocess.Popen(
            [*self.program.entering, *self.program.command],
            cwd=self.program.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.idle.wait(PATIENCE_SECONDS if error is None else 0)
        peak = peak_memory(self._process.pid)
        self._process.send_signal(signal.SIGKILL)
        self.used = reap(self._process, peak)
        self._api.close()
        self._log.close()

    def invoke(self, event: Event) -> Any:
        """Hand the event over and return the answer; the process then waits for the next one."""
        self._wait(self._api.idle)
        if not self.durations:
            self.init = time.perf_counter() - self._start
        self._api.idle.clear()
        self._api.answered.clear()
        self._api.events.put(event)
        self._wait(self._api.answered)
        self.durations.append(self._api.ended - self._api.started)
        if len(self.durations) == 1:
            self.first_wall = self._api.ended - self._start
        # It has read the reply to its answer once it asks again: what follows belongs to the next one.
        self._wait(self._api.idle)
        return self._api.answer

    def log(self) -> str:
        """What the process has printed so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _wait(self, what: threading.Event) -> None:
        if not what.wait(PATIENCE_SECONDS) or self._api.failure:
            raise ProgramFailed(f"{self._api.failure or 'no answer'}\n{self.log()[-3000:]}")


def peak_memory(pid: int) -> float | None:
    """The most memory that the program has held, where the kernel tells it for the program alone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line), None)


def reap(process: subprocess.Popen[bytes], peak: float | None = None) -> Used:
    """Wait for the end of a process, and tell what it used.

    A new process counts its parent's memory as its own peak until it is replaced by the program, so
    `ru_maxrss` stands in only where there is nothing better.
    """
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Used(usage.ru_utime + usage.ru_stime, peak or usage.ru_maxrss / 1024)
