"""How the SAM CLI is run: what it is told, what is said when it fails, and that nothing of it stays."""

import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.config import Config
from local.sam import api as module
from local.sam import command
from local.sam.api import SamApi
from local.sam.command import Interrupted, Pause, SamError
from local.sam.containers import Engine
from local.sam.needs import Missing
from local.stack import Stack
from tests.support.fake_programs import put_docker, put_sam

ENGINE = Engine("127.0.0.1", "a", {"DOCKER_HOST": "unix:///x.sock"})


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Addresses; nobody answers there."""
    stack = Stack(
        Config(port=0, logto_port=0, mailgun_port=0, gateway=False, parameters={"Scopes": "openid email"})
    )
    yield stack
    stack.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the fakes are, what they write, and what is built."""
    put_docker(tmp_path, ps=f"echo left {tmp_path}/built/HomeFunction")
    put_sam(tmp_path)
    monkeypatch.setattr(module, "BUILDS", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def api(folder: Path, sam: str = "", pause: Pause = time.sleep) -> SamApi:
    return SamApi(sam or str(folder / "sam"), "/of/3.13/python3.13", ENGINE, "built", ["--more"], pause)


def seen(folder: Path, what: str) -> Any:
    return json.loads((folder / f"sam.{what}").read_text())


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_without_a_sam_cli_it_says_how_to_get_one(folder: Path) -> None:
    with pytest.raises(Missing, match="there is no /none. `make own-sam`"):
        api(folder, "/none")


def test_its_log_is_for_whoever_started_it(folder: Path) -> None:
    assert stat.S_IMODE(api(folder).log.stat().st_mode) == 0o600


def test_it_builds_for_this_machine_apart_from_what_is_deployed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    api(folder).build()
    call = seen(folder, "build")
    assert call["arguments"][-4:] == [
        "--build-dir",
        f"{folder}/built",
        "--parameter-overrides",
        "Architecture=arm64",
    ]
    assert call["environment"]["PATH"].startswith(f"/of/3.13{os.pathsep}")
    assert call["environment"]["PYTHON313"] == "/of/3.13/python3.13"
    assert "PYTHONPATH" not in call["environment"]


def test_a_build_that_fails_shows_what_was_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE", "fails to build")
    with pytest.raises(SamError, match=r"`sam build` failed\n(.|\n)*said by build"):
        api(folder).build()


def test_it_serves_with_the_addresses_of_the_stand_ins_and_no_account(
    folder: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "https://dynamodb.example")
    monkeypatch.setenv("SCOPES", "of another program")
    with api(folder).serving(stack):
        pass
    call = seen(folder, "local")
    overrides = call["arguments"][call["arguments"].index("--parameter-overrides") + 1]
    assert f"AwsEndpointUrl={stack.aws_url} " in overrides
    assert f"LogtoIssuer={stack.issuer} " in overrides
    assert 'Scopes="openid email"' in overrides
    assert call["arguments"][-3:] == ["--add-host", "a:host-gateway", "--more"]
    environment = call["environment"]
    assert environment["AWS_ENDPOINT_URL_STS"] == stack.aws_url
    assert environment["DOCKER_HOST"] == "unix:///x.sock"
    unwanted = {"AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "SCOPES"}
    assert not unwanted & environment.keys()


def test_every_function_has_answered_once_before_it_is_ready(folder: Path, stack: Stack) -> None:
    with api(folder).serving(stack):
        asked = (folder / "requests").read_text().splitlines()
    assert asked[:3] == ["GET /", "GET /login", "GET /callback"]
    assert {"GET /session", "POST /send-otp", "POST /webhooks/logto"} < set(asked)
    assert len(asked) == len(set(asked))
    assert not any("{" in line for line in asked)


@pytest.mark.parametrize("fake", ["", "stubborn"])
def test_in_the_end_it_is_gone_and_its_containers_are(
    folder: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch, fake: str
) -> None:
    monkeypatch.setenv("FAKE", fake)
    monkeypatch.setattr(command, "STOP_SECONDS", 0.3)
    with api(folder).serving(stack) as process:
        assert listens(stack.app_port)
    assert process.poll() is not None
    assert not listens(stack.app_port)
    assert (folder / "docker.asked").read_text().splitlines()[-1] == "rm --force left"


@pytest.mark.parametrize(
    ("fake", "said"),
    [
        ("ends", "`sam local start-api` ended by itself"),
        ("ends later", "`sam local start-api` ended by itself"),
        ("raises", r"GET \S+/: 200 .*No module"),
        ("does not reach", r"GET \S+/login: 503 .*a_code.*\n(.|\n)*ufw"),
    ],
)
def test_what_does_not_work_is_said(
    folder: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch, fake: str, said: str
) -> None:
    monkeypatch.setenv("FAKE", fake)
    with pytest.raises(SamError, match=f"{said}(.|\n)*said by local"), api(folder).serving(stack):
        pass
    assert not listens(stack.app_port)


def test_whoever_stops_it_early_waits_for_nothing(
    folder: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE", "takes long")
    with pytest.raises(Interrupted):
        api(folder, pause=lambda seconds: True).build()
    with pytest.raises(Interrupted), api(folder, pause=lambda seconds: True).serving(stack):
        pass
    assert not listens(stack.app_port)
