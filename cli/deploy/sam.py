"""The SAM CLI, and the Python that it builds with."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cli.problems import Problem, Refused

ROOT = Path(__file__).parents[2]
_ASK = "import pip, sys; print(sys.executable if sys.version_info[:2] == (3, 13) else '')"

_NO_SAM = """\
The AWS SAM CLI is not here. `make deploy` installs one for this folder (requirements/sam.txt into .venv-sam);
or bring your own: brew install aws-sam-cli, or SAM=/where/it/is"""
_NO_PYTHON = """\
Building takes a Python 3.13 with pip, as Lambda's, and none was found. Install it (brew install python@3.13,
uv python install 3.13, pyenv install 3.13, or python.org), or name it: PYTHON313=/where/it/is"""


class Sam(NamedTuple):
    """The program, and the environment in which it finds Python 3.13."""

    program: str
    environment: Mapping[str, str]

    def build(self, stack: str) -> None:
        """Build for a stack of `samconfig.toml`; raises `Refused`."""
        self._run("build", stack)

    def deploy(self, stack: str) -> None:
        """Deploy it, and wait until it is done; raises `Refused`."""
        self._run("deploy", stack)

    def _run(self, command: str, stack: str) -> None:
        done = subprocess.run(  # noqa: S603  the operator's own program
            [self.program, command, "--config-env", stack], cwd=ROOT, env=self.environment, check=False
        )
        if done.returncode:
            raise Refused(f"`sam {command} --config-env {stack}` failed, see above; the same command goes on")


def find_sam(environment: Mapping[str, str] = os.environ) -> Sam:
    """Find what building and deploying takes; raises `Problem` that says where to get it."""
    named = environment.get("SAM") or "sam"
    own = str(ROOT / ".venv-sam" / "bin" / "sam")
    program = shutil.which(named, path=environment.get("PATH")) or shutil.which(own)
    if not program:
        raise Problem(_NO_SAM)
    python = _python313(environment)
    # Ours is not SAM's: it brings its own packages.
    kept = {name: value for name, value in environment.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    path = os.pathsep.join([str(python.parent), environment.get("PATH", "")])
    return Sam(program, kept | {"PATH": path, "PYTHON313": str(python)})


def _python313(environment: Mapping[str, str]) -> Path:
    """Find the interpreter itself: SAM refuses shims, such as pyenv's."""
    named = environment.get("PYTHON313")
    for candidate in (
        [named] if named else ["python3.13", _said(["uv", "python", "find", "3.13"], environment)]
    ):
        found = _said([candidate, "-c", _ASK], environment) if candidate else ""
        if found and (python := Path(found).with_name("python3.13")).exists():
            return python
    raise Problem(_NO_PYTHON)


def _said(command: list[str], environment: Mapping[str, str]) -> str:
    program = shutil.which(command[0], path=environment.get("PATH"))
    if not program:
        return ""
    try:
        done = subprocess.run(  # noqa: S603  as named by the operator, or found on PATH
            [program, *command[1:]], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
