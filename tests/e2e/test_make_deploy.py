"""`make deploy` hands the stack's name on, and gets a SAM CLI where there is none."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.cli.deploying import program

ROOT = Path(__file__).parents[2]


def make(folder: Path, *arguments: str) -> str:
    """What make would do, on a machine with nothing but the programs of this folder and the system's."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "STACK", "SAM")
    }
    done = subprocess.run(
        ["make", "-n", *arguments],
        cwd=ROOT,
        env=environment | {"PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(("target", "command"), [("deploy", "deploy"), ("deploy-firewall", "firewall")])
def test_the_stack_has_a_name_or_the_products(tmp_path: Path, target: str, command: str) -> None:
    program(tmp_path / "sam", "#!/bin/sh\n")
    assert f'-m cli {command} --stack "passerelle"' in make(tmp_path, target)
    assert f'-m cli {command} --stack "app-staging"' in make(tmp_path, target, "STACK=app-staging")


def test_a_sam_cli_is_installed_beside_only_where_there_is_none(tmp_path: Path) -> None:
    assert ".venv-sam" in make(tmp_path, "deploy")
    program(tmp_path / "mine", "#!/bin/sh\n")
    assert ".venv-sam" not in make(tmp_path, "deploy", f"SAM={tmp_path / 'mine'}")
    program(tmp_path / "sam", "#!/bin/sh\n")
    assert ".venv-sam" not in make(tmp_path, "deploy")
