"""What `sam local` takes is found on the machine, or it is said how to get it."""

import os
from pathlib import Path

import pytest

from local.sam.__main__ import main
from local.sam.containers import find_engine, remove_containers
from local.sam.needs import Missing
from local.sam.python313 import find_python313
from tests.support.fake_programs import put_docker, put_python313

BY_NAME = ("--add-host", "stand-ins.localhost:host-gateway")


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    for name in ("DOCKER_HOST", "PYTHON313"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_all_that_is_missing_is_said_at_once_with_how_to_get_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 1
    said = capsys.readouterr().err
    for words in ("Docker is needed", "apt install docker.io", "colima start", "uv python install 3.13"):
        assert words in said


def test_nothing_is_said_when_nothing_is_missing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_docker(path)
    put_python313(path)
    assert main() == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
            "systemctl start",
        ),
        ("permission denied while trying to connect to the docker API at unix:///x", "usermod -aG docker"),
    ],
)
def test_an_engine_that_does_not_answer(path: Path, said: str, advice: str) -> None:
    put_docker(path, version=f"echo '{said}' >&2; exit 1")
    with pytest.raises(Missing, match=advice) as raised:
        find_engine()
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "networks",
    [
        '[{"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}]',
        '[{"Subnet": "fd00::/64"}, {"Subnet": "127.0.0.0/8"}]',
    ],
)
def test_stand_ins_listen_at_the_bridge_that_is_this_machine_s(path: Path, networks: str) -> None:
    put_docker(path, network=f"echo '{networks}'")
    engine = find_engine()
    assert (engine.bind, engine.sam_options) == ("127.0.0.1", ())


@pytest.mark.parametrize(
    "answer",
    ["""echo '[{"Subnet": "203.0.113.0/24"}]'""", "echo '[]'", "echo null", "echo no such >&2; exit 1"],
)
def test_a_bridge_elsewhere_is_reached_by_the_name_of_this_machine(path: Path, answer: str) -> None:
    put_docker(path, network=answer)
    engine = find_engine()
    assert (engine.bind, engine.sam_options) == ("127.0.0.1", BY_NAME)


def test_an_address_that_is_given_is_not_doubted(path: Path) -> None:
    put_docker(path, network="exit 1")
    engine = find_engine("192.0.2.1")
    assert (engine.bind, engine.sam_options) == ("192.0.2.1", ())


def test_the_sam_cli_is_led_to_the_engine_of_the_context(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_docker(path)
    assert find_engine().environment == {"DOCKER_HOST": "unix:///of/the/context.sock"}
    monkeypatch.setenv("DOCKER_HOST", "unix:///of/mine.sock")
    assert find_engine().environment == {}


def test_only_containers_with_our_code_in_them_are_removed(path: Path) -> None:
    put_docker(path, ps="echo id-1 /home/us/built/HomeFunction; echo id-2 /home/them/built; echo id-3")
    assert remove_containers(Path("/home/us/built")) == ["id-1"]
    assert (path / "docker.asked").read_text().splitlines()[-1] == "rm --force id-1"


def test_no_container_is_asked_to_go_when_there_is_none(path: Path) -> None:
    put_docker(path, ps="echo id-2 /home/them/built")
    assert remove_containers(Path("/home/us/built")) == []
    assert "rm --force" not in (path / "docker.asked").read_text()


def test_a_python_that_cannot_build_is_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_python313(path / "shims", status=127)
    right = put_python313(path / "right")
    monkeypatch.setenv("PATH", os.pathsep.join([str(path / "shims"), str(path / "right")]))
    assert find_python313() == str(right)


def test_a_python_of_pyenv_need_not_be_on_path(path: Path) -> None:
    right = put_python313(path / "pyenv/versions/3.13.9/bin")
    assert find_python313() == str(right)


def test_a_python_that_is_named_has_to_be_right(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_python313(path)
    monkeypatch.setenv("PYTHON313", str(put_python313(path / "named", status=1)))
    with pytest.raises(Missing, match="Python 3.13 with pip"):
        find_python313()
