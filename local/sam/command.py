"""The SAM CLI as a child of this program: what it finds on the machine, and how it ends."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from local.sam.needs import SAM, Missing

LINES_SHOWN = 25
STOP_SECONDS = 30
TICK_SECONDS = 0.05

Pause = Callable[[float], bool | None]
"""Waits so many seconds, less when the program is to stop; says whether it is."""


class SamError(Exception):
    """The SAM CLI failed, or functions do not work under it; the message has its last lines."""


class Interrupted(Exception):
    """The program is to stop before everything was ready."""


@dataclass(frozen=True)
class Command:
    """`sam`, with all that it writes going to the file `log`. Raises `Missing` when it is none."""

    name: str
    python313: str
    environment: Mapping[str, str]
    log: Path
    pause: Pause = time.sleep

    def __post_init__(self) -> None:
        if not shutil.which(self.name):
            raise Missing(SAM.format(command=self.name))

    def without(self, names: Container[str]) -> Self:
        """The same with none of these variables."""
        kept = {name: value for name, value in self.environment.items() if name not in names}
        return replace(self, environment=kept)

    def run(self, *arguments: str) -> None:
        """Run it to its end. Raises `SamError` unless that is a good one, or `Interrupted`."""
        with self.running(*arguments) as process:
            self.wait(lambda: process.poll() is not None)
            if process.returncode:
                raise self.error(f"`sam {arguments[0]}` failed")

    @contextmanager
    def running(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run it until the end of the block, with more variables."""
        # In the system's own folder for such files, the SAM CLI leaves a lock when it is ended while it makes
        # an image, and waits for it five minutes the next time.
        with (
            TemporaryDirectory(prefix="sam-", ignore_cleanup_errors=True) as scratch,
            self.log.open("ab") as log,
        ):
            process = subprocess.Popen(
                [self.name, *arguments],
                env=self._variables() | environment | {"TMPDIR": scratch},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for this program, which ends the other one when its own work is done.
                start_new_session=True,
            )
            try:
                yield process
            finally:
                _end(process)

    def wait(self, until: Callable[[], bool]) -> None:
        """Return once it is so. Raises `Interrupted`."""
        while not until():
            if self.pause(TICK_SECONDS):
                raise Interrupted

    def error(self, what: str) -> SamError:
        """What to raise, with the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
        return SamError("\n".join([what, f"The end of {self.log}:", *(f"  {line}" for line in lines)]))

    def _variables(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(self.python313).parent), os.environ.get("PATH", os.defpath)])
        # PYTHONPATH is for this program; the SAM CLI has packages of its own.
        kept = {name: value for name, value in self.environment.items() if name != "PYTHONPATH"}
        return {**kept, "PATH": path, "PYTHON313": self.python313, "SAM_CLI_TELEMETRY": "0"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it, and what it has started, remove containers and go; if it does not, end it at once."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
