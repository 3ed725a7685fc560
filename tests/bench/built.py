"""What is measured as it would be deployed: the layers and functions, built into `.bench/`."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from local.sam.needs import Missing
from local.sam.python313 import find_python313

ROOT = Path(__file__).parents[2]
BUILD = ROOT / ".bench"
PYTHON = ROOT / ".venv-bench/bin/python"
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
LAYERS = {
    "dependencies": {"x86_64": "DependenciesX86Layer", "aarch64": "DependenciesArmLayer"},
    "passerelle": {"x86_64": "PasserelleLayer", "aarch64": "PasserelleLayer"},
}


class CannotMeasure(Exception):
    """Something that this measurement stands on is missing from the machine."""


def prepare() -> None:
    """Build the layers and the environment to run them in, each only when its sources have changed."""
    if sys.platform != "linux" or platform.machine() not in LAYERS["dependencies"]:
        raise CannotMeasure("the layers are built for Lambda's Linux on x86_64 or aarch64, which this is not")
    try:
        python = find_python313()
    except Missing as missing:
        raise CannotMeasure(str(missing)) from missing
    once("environment", [ROOT / "requirements/bench.txt"], python, lambda: _make_environment(python))
    sources = [path for path in (ROOT / "layers").rglob("*") if "__pycache__" not in path.parts]
    once("layers", sources, python, lambda: _build_layers(python))
    for name in FUNCTIONS:
        folder = BUILD / "functions" / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "functions" / name, folder, ignore=shutil.ignore_patterns("__pycache__"))


def layer_paths() -> list[Path]:
    """The layers' folders, in the order in which Lambda lays them over each other."""
    return [BUILD / "layers" / layer / "python" for layer in LAYERS]


def deployed_sizes() -> dict[str, dict[str, float]]:
    """MB of 2^20 bytes of each layer and of each function, zipped and not."""
    sizes = {f"{layer} layer": _sizes(BUILD / "layers" / layer) for layer in LAYERS}
    total = {kind: sum(size[kind] for size in sizes.values()) for kind in ("zipped", "unzipped")}
    functions = {name: _sizes(BUILD / "functions" / name) for name in FUNCTIONS}
    largest = {kind: max(size[kind] for size in functions.values()) for kind in ("zipped", "unzipped")}
    return {**sizes, "both layers": total, "largest function": largest}


def _sizes(folder: Path) -> dict[str, float]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    archive = BUILD / "size.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in files:
            zipped.write(path, path.relative_to(folder))
    size = archive.stat().st_size
    archive.unlink()
    return {"zipped": size / 2**20, "unzipped": sum(path.stat().st_size for path in files) / 2**20}


def once(name: str, sources: list[Path], python: str, build: Callable[[], None]) -> None:
    """Build what has this name unless it stands already, from these sources and with this interpreter."""
    digest = hashlib.sha256(python.encode())
    for path in sorted(sources):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    stamp = BUILD / f"{name}.stamp"
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return
    stamp.unlink(missing_ok=True)
    print(f"Building the {name}…", file=sys.stderr)
    build()
    # Written last, so that an interrupted build is begun again.
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest.hexdigest())


def _make_environment(python: str) -> None:
    shutil.rmtree(PYTHON.parents[1], ignore_errors=True)
    _run([python, "-m", "venv", str(PYTHON.parents[1])])
    requirements = str(ROOT / "requirements/bench.txt")
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements])


def _build_layers(python: str) -> None:
    for layer, targets in LAYERS.items():
        artifacts = BUILD / "layers" / layer
        shutil.rmtree(artifacts, ignore_errors=True)
        target = f"build-{targets[platform.machine()]}"
        variables = [f"ARTIFACTS_DIR={artifacts}", f"PYTHON313={python}"]
        _run(["make", "--silent", "-C", str(ROOT / "layers" / layer), target, *variables])


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise CannotMeasure(f"{' '.join(command)} failed:\n{result.stderr[-2000:]}")
