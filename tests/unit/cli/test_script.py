"""`./passerelle` finds its own folder, from wherever and by whatever link it is called."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "passerelle"
FAKE_PYTHON = '#!/bin/sh\necho "$PYTHONPATH" "$@"\n'


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("here", "tree/passerelle"),
        ("bin/up", "../tree/passerelle"),
        ("bin/again", "up"),
        ("bin/whole", "{}/up"),
    ],
)
def test_is_found_through_a_link(tmp_path: Path, link: str, target: str) -> None:
    tree, links = tmp_path / "a tree", tmp_path / "bin"
    (tree / ".venv/bin").mkdir(parents=True)
    links.mkdir()
    shutil.copy(SCRIPT, tree)
    python = tree / ".venv/bin/python"
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    (links / "up").symlink_to("../a tree/passerelle")
    called = tmp_path / link
    if not called.is_symlink():
        called.symlink_to(target.replace("tree", "a tree").format(links))
    for command in ([str(called)], ["./" + called.name]):
        done = subprocess.run(
            [*command, "bounces", "a b"],
            cwd=called.parent,
            env=os.environ | {"MAKE": "true"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{tree}/layers/passerelle:{tree} -m cli bounces a b\n"
