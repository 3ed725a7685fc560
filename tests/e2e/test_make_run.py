"""The program behind `make run`: what it prints, which ports it takes, how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
FREE_PORTS = {"PORT": "0", "LOGTO_PORT": "0", "MAILGUN_PORT": "0"}


@contextmanager
def started(folder: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AUTH_", "MAILGUN_"))
    }
    environment |= {"PYTHONPATH": f"{ROOT / 'layers/passerelle'}:{ROOT}"} | FREE_PORTS | variables
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def message(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(lines)


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
    for name in (
        "PORT",
        "LOGTO_PORT",
        "MAILGUN_PORT",
        "AUTH_LOGTO_ISSUER",
        "MAILGUN_API_KEY",
        "SEND_OTP_TOKEN",
    ):
        assert name in result.stdout
