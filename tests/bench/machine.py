"""Names the machine, without which times say little."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from tests.bench.built import PYTHON


def machine() -> dict[str, str]:
    """Architecture, processor, cores, system, and the interpreters of functions, tests and peers."""
    found = {
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "python": _says([str(PYTHON), "-V"]),
        "this python": f"Python {platform.python_version()}",
    }
    node = shutil.which("node")
    return {**found, "node": f"Node.js {_says([node, '--version'])}"} if node else found


def sentence(found: dict[str, str]) -> str:
    """The same on one line."""
    names = ("architecture", "processor", "cores", "system", "python", "node")
    parts = {**found, "cores": f"{found['cores']} cores"}
    return ", ".join(parts[name] for name in names if parts.get(name))


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown processor"
    match = re.search(r"^(?:model name|CPU part)\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1] if match else "unknown processor"


def _says(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
