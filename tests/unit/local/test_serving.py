"""A server that cannot listen says why, and cookies reach a function byte by byte."""

import errno
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.gateway import Gateway
from local.serving import CannotListen, PortTaken, Server
from local.template import Function, Route
from passerelle.settings import read_settings
from tests.support.doubles import ENVIRONMENT

ECHO = """
def handler(event, context):
    return event["cookies"]
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    file = tmp_path / "app.py"
    file.write_text(ECHO)
    function = Function("Echo", file, "handler", {}, timeout=3, memory=128)
    server = Server(Gateway([Route("ANY", "$default", "Echo")], {"Echo": function}), "127.0.0.1", 0)
    server.start()
    yield server
    server.close()


@pytest.mark.parametrize("character", ["\xa0", "\x85", "\x1f", "\x1c", "\x0b"])
def test_only_spaces_and_tabs_around_a_cookie_are_dropped(server: Server, character: str) -> None:
    cookie = f"a=1; \t{character}__Host-session=2{character} ;; b=3"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(
            f"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n".encode(
                "latin-1"
            )
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    found = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert found == ["a=1", f"{character}__Host-session=2{character}", "b=3"]


@pytest.mark.parametrize("address", ["203.0.113.7", "no-such-host.invalid", "::1", "a" * 70])
def test_an_address_of_another_machine_is_told(address: str) -> None:
    with pytest.raises(CannotListen) as raised:
        Server(Gateway([], {}), address, 0)
    assert raised.value.unknown_address
    assert not raised.value.needs_privileges


@pytest.mark.parametrize(("number", "privileged"), [(errno.EACCES, True), (errno.EIO, False)])
def test_a_port_that_the_system_refuses_is_told(
    monkeypatch: pytest.MonkeyPatch, number: int, privileged: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(CannotListen, match="port 80: .*refused") as raised:
        Server(Gateway([], {}), "127.0.0.1", 80)
    assert (raised.value.port, raised.value.needs_privileges) == (80, privileged)
    assert not raised.value.unknown_address


@pytest.mark.parametrize(
    ("port", "url"),
    [(80, "http://localhost"), (8080, "http://localhost:8080"), (443, "http://localhost:443")],
)
def test_an_origin_is_written_as_the_app_and_browsers_write_it(port: int, url: str) -> None:
    server = Server(Gateway([], {}), "127.0.0.1", 0)
    server.close()
    server.port = port
    assert server.url == url == read_settings(ENVIRONMENT | {"PUBLIC_BASE_URL": server.url}).public_base_url


@pytest.mark.parametrize("line", ["GET /callback?code=hidden and more HTTP/1.1", "GET / ?code=hidden"])
def test_a_request_that_cannot_be_read_is_not_repeated_in_the_log(
    server: Server, line: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"{line}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b"Error code: 400" in answer
    assert "hidden" not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("other", ["127.0.0.1", "::1"])
def test_a_port_is_taken_where_a_browser_would_find_another_program(
    monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    def knock(address: tuple[str, int], timeout: float) -> socket.socket:
        if address[0] != other:
            raise ConnectionRefusedError
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", knock)
    with pytest.raises(PortTaken):
        Server(Gateway([], {}), "localhost", 3000)
