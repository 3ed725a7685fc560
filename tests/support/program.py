"""The program behind `make run`, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
FREE_PORTS = {"PORT": "0", "LOGTO_PORT": "0", "MAILGUN_PORT": "0"}


@contextmanager
def started(folder: Path, *options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run it in a folder, on free ports unless told otherwise."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AUTH_", "MAILGUN_"))
    }
    environment |= {"PYTHONPATH": f"{ROOT / 'layers/passerelle'}:{ROOT}"} | FREE_PORTS | variables
    process = subprocess.Popen(
        [sys.executable, "-m", "local", *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def message(process: subprocess.Popen[str]) -> str:
    """What it says once everything is up."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(lines)
