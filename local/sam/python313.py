"""The Python that layers are built with, whose bytecode has to be of Lambda's own version."""

import os
import shutil
import subprocess
from pathlib import Path

from local.sam.needs import PYTHON313, Missing

_CHECK = "import sys, pip; sys.exit(sys.version_info[:2] != (3, 13))"


def find_python313() -> str:
    """A Python 3.13 that has pip: the one named by PYTHON313, or on PATH, or of pyenv. Raises `Missing`."""
    if named := os.environ.get("PYTHON313"):
        candidates = [shutil.which(named)]
    else:
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        # The first on PATH may be a shim of pyenv that leads nowhere, or of an environment without pip.
        folders = [*os.get_exec_path(), *map(str, sorted(pyenv.glob("3.13*/bin")))]
        candidates = [shutil.which("python3.13", path=folder) for folder in folders]
    for candidate in filter(None, candidates):
        if not subprocess.run([candidate, "-c", _CHECK], capture_output=True, timeout=60).returncode:
            return candidate
    raise Missing(PYTHON313)
