"""The program behind `make sam-local` and `make stand-ins`, with a Docker and a SAM CLI that are fakes."""

import os
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.support.fake_programs import put_docker, put_python313, put_sam
from tests.support.program import message, started


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A PATH with all that is needed."""
    put_docker(tmp_path)
    put_sam(tmp_path)
    put_python313(tmp_path)
    return {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_command_starts_everything_and_one_signal_stops_it(
    tmp_path: Path, variables: dict[str, str], number: signal.Signals
) -> None:
    with started(tmp_path, "--under-sam", "sam", **variables) as process:
        said = message(process)
        assert said.index("Building") < said.index("Starting the functions") < said.index("  App ")
        app, logto = re.findall(r"(?:App|Logto) +(http://localhost:\d+)", said)
        assert httpx.get(app).status_code == 401, "the fake answers"
        assert httpx.get(f"{logto}/oidc/.well-known/openid-configuration").status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("\nStopped.\n")
    for url in (app, logto):
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


@pytest.mark.parametrize("fake", ["fails to build", "does not reach", "ends"])
def test_what_failed_is_said_and_it_does_not_go_on(
    tmp_path: Path, variables: dict[str, str], fake: str
) -> None:
    with started(tmp_path, "--under-sam", "sam", FAKE=fake, **variables) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "said by" in err
    assert "Traceback" not in err
    assert "Stopped" not in out


def test_without_docker_it_says_how_to_get_it(tmp_path: Path) -> None:
    with started(tmp_path, "--under-sam", "sam", PATH=str(tmp_path)) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert "apt install docker.io" in err


def test_a_port_that_is_taken_is_found_before_anything_is_built(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with started(tmp_path, "--under-sam", "sam", PORT=port, **variables) as process:
            _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"port {port} is taken" in err
    assert "set PORT to" in err
    assert not (tmp_path / "sam.build").exists()


def test_the_app_is_on_the_port_that_goes_without_saying(tmp_path: Path) -> None:
    with started(tmp_path, "--stand-ins-only", PORT="80") as process:
        said = message(process)
    assert "PublicBaseUrl=http://localhost LogtoIssuer" in said
    assert "start-api --port 80 " in said
    assert "Then open http://localhost." in said


def test_a_free_port_is_chosen_for_the_app(tmp_path: Path) -> None:
    with started(tmp_path, "--stand-ins-only", PORT="0") as process:
        said = message(process)
    found = re.search(r"start-api --port (\d+) .*PublicBaseUrl=http://localhost:(\d+) ", said)
    assert found
    assert found[1] == found[2] != "0"
