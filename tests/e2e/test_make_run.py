"""The program behind `make run`: what it prints, which ports it takes, how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from local import __main__ as program
from local.config import Config
from local.stopping import Stopping
from tests.support.program import ROOT, message, started


def test_prints_where_everything_is_and_stops_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        said = message(process)
        app, logto = re.findall(r"(?:App|Logto) +(http://localhost:\d+)", said)
        assert httpx.get(app).status_code == 200
        assert f"issuer {logto}/oidc" in said
        token = re.search(r"Bearer (\S{16,})", said)
        assert token
        headers = {"authorization": f"Bearer {token[1]}"}
        assert httpx.post(f"{app}/send-otp", headers=headers, content="{}").status_code == 400
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "Traceback" not in out + err


def test_prints_how_to_reach_the_lists_of_the_embedded_mailgun(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        said = message(process)
        found = re.search(r"Mailgun +(\S+/bounces), user api, password (\S+)", said)
        assert found
        assert httpx.get(found[1], auth=("api", found[2])).json()["items"] == []
        aws = re.search(r"AWS +(\S+)", said)
        assert aws
        assert f"./passerelle bounces list --local {aws[1]}\n" in said


def test_with_a_file_prints_how_to_check_it_and_not_its_key(tmp_path: Path) -> None:
    secret = '{"domain": "mg.example.com", "apiKey": "the-key", "from": "A <a@mg.example.com>"}'
    (tmp_path / "my file.json").write_text(secret)
    with started(tmp_path, MAILGUN_CONFIG="my file.json") as process:
        said = message(process)
    check = "MAILGUN_CONFIG='my file.json' ./passerelle test-email you@example.com --dry-run"
    assert f"Check it: {check}\n" in said
    assert "password its apiKey" in said
    assert "the-key" not in said


def test_names_the_port_that_is_taken_and_how_to_choose_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started(tmp_path, MAILGUN_PORT=str(port)) as process:
            _, err = process.communicate(timeout=20)
        assert process.returncode == 1
        assert str(port) in err
        assert "MAILGUN_PORT" in err
        assert "Traceback" not in err


def test_reads_the_env_file_and_puts_real_services_in_place(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# the tenant\nAUTH_LOGTO_ISSUER=https://tenant.example/oidc\nAUTH_LOGTO_ID=an-id\n"
        'AUTH_LOGTO_SECRET="a secret"\nSEND_OTP_TOKEN=chosen-by-the-operator\n'
    )
    with started(tmp_path) as process:
        said = message(process)
    assert "https://tenant.example/oidc" in said
    assert "/callback" in said
    assert "/logged-out" in said
    assert "/webhooks/logto" in said
    assert "./passerelle provision --local http://localhost:" in said
    assert "tunnel" in said
    assert "Bearer chosen-by-the-operator" in said


def test_says_which_variable_is_missing(tmp_path: Path) -> None:
    with started(tmp_path, AUTH_LOGTO_ISSUER="https://tenant.example/oidc") as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "AUTH_LOGTO_ID" in err
    assert "AUTH_LOGTO_SECRET" in err


def test_help_lists_the_variables() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-m", "local", "--help"], env=environment, capture_output=True, text=True, check=True
    )
    names = ["PORT", "LOGTO_PORT", "MAILGUN_PORT", "AUTH_LOGTO_ISSUER", "MAILGUN_API_KEY", "SEND_OTP_TOKEN"]
    assert [name for name in names if name not in result.stdout] == []


def test_tells_what_is_wrong_with_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    with started(tmp_path) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == "Cannot start: .env is not text in UTF-8; save it in that encoding.\n"


def test_tells_that_an_address_is_another_machines(tmp_path: Path) -> None:
    with started(tmp_path, "--bind", "203.0.113.7") as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err.startswith("Cannot start: this machine has no IPv4 address '203.0.113.7'; give --bind ")


def test_names_the_variable_of_a_privileged_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    really = socket.socket.bind

    def bind(self: socket.socket, address: tuple[str, int]) -> None:
        if address[1] == 81:
            raise PermissionError(13, "Permission denied")
        really(self, address)

    monkeypatch.setattr(socket.socket, "bind", bind)
    config = Config(port=0, logto_port=81, mailgun_port=0)
    assert program._run(config, Stopping()) == 1
    assert "port 81 is not open to this user; set LOGTO_PORT" in capsys.readouterr().err


INTERRUPT = """\
import os, signal, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == os.environ["INTERRUPTED_AT"]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
"""


@pytest.mark.parametrize("module", ["werkzeug", "local.stack", "moto"])
def test_ctrl_c_while_it_imports_is_no_fault(tmp_path: Path, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPT)
    with started(tmp_path, INTERRUPTED_AT=module, PYTHONPATH=f"{tmp_path}:{ROOT}") as process:
        out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("\nStopped.\n", "", 0)


@pytest.mark.parametrize("pause", [0, 0.001])
def test_many_signals_at_once_stop_it_as_one_does(tmp_path: Path, pause: float) -> None:
    with started(tmp_path) as process:
        message(process)
        until = time.monotonic() + 15
        while process.poll() is None and time.monotonic() < until:
            for number in (signal.SIGINT, signal.SIGTERM):
                process.send_signal(number)
            time.sleep(pause)
        assert process.poll() == 0
        out, err = process.communicate()
    assert (out.strip(), err) == ("Stopped.", "")


INTERRUPT_AGAIN = """\
import os, signal, sys

really, left = signal.signal, list(range(50))

def again(frame, event, _):
    if event == "line" and left:
        left.pop()
        os.kill(os.getpid(), signal.SIGINT)
    return again

def interrupted(number, handler):
    def handle(*arguments):
        sys.settrace(again)
        handler(*arguments)
    return really(number, handle if callable(handler) else handler)

signal.signal = interrupted
"""


def test_a_signal_at_every_line_of_the_handler_stops_it_as_one_does(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPT_AGAIN)
    with started(tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}") as process:
        message(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_a_reader_who_leaves_is_no_fault(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
