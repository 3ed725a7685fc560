"""`make run` before there is anything to run: what it says while it installs, and when it cannot."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE_PYTHON = """\
#!{python}
import os, sys, time
arguments = sys.argv[1:]
if arguments[:2] == ["-m", "venv"]:
    if os.environ.get("SLOW") == "venv":
        open(os.environ["READY"], "w").close()
        time.sleep(20)
    os.makedirs(arguments[2] + "/bin")
    os.symlink(os.path.abspath(__file__), arguments[2] + "/bin/python")
elif arguments[:3] == ["-m", "pip", "install"]:
    if os.environ.get("SLOW") == "pip":
        open(os.environ["READY"], "w").close()
        try:
            time.sleep(20)
        except KeyboardInterrupt:
            sys.exit("Traceback, and the end of it")
    sys.exit("Could not find a version")
"""


@contextmanager
def making(folder: Path, slow: str = "", shell: str = "/bin/sh") -> Iterator[subprocess.Popen[str]]:
    """`make run` with a Python that cannot install anything, or takes its time over it."""
    python = folder / "fake-python"
    python.write_text(FAKE_PYTHON.format(python=sys.executable))
    python.chmod(0o755)
    process = subprocess.Popen(
        ["make", "run", f"VENV={folder}/venv", f"PYTHON={python}", f"SHELL={shell}"],
        cwd=ROOT,
        env=os.environ | {"SLOW": slow, "READY": str(folder / "ready")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background has SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        yield process


def test_make_tells_what_to_do_when_nothing_can_be_installed(tmp_path: Path) -> None:
    with making(tmp_path) as process:
        said, _ = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "Could not find a version" in said
    assert "If this machine is offline or behind a proxy:" in said


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize("slow", ["venv", "pip"])
def test_make_is_quiet_about_ctrl_c(tmp_path: Path, slow: str, shell: str) -> None:
    with making(tmp_path, slow, shell) as process:
        while not (tmp_path / "ready").exists():
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=10)
    assert process.returncode != 0
    assert "Traceback" not in said
    assert "offline" not in said
    assert not (tmp_path / "venv/run.stamp").exists()
