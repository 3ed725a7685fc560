"""A body that does not arrive as announced is the sender's fault, and told quietly."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.gateway import BODY_LIMIT, Gateway
from local.serving import Server
from local.template import Function, Route

COUNT = """
def handler(event, context):
    return len(event.get("body", ""))
"""
LENGTH = "Content-Length: {}\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    file = tmp_path / "app.py"
    file.write_text(COUNT)
    function = Function("Count", file, "handler", {}, timeout=3, memory=128)
    server = Server(Gateway([Route("POST", "/", "Count")], {"Count": function}), "127.0.0.1", 0)
    server.start()
    yield server
    server.close()


def sent(server: Server, rest: str) -> tuple[int, object]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\n{rest}".encode())
        connection.shutdown(socket.SHUT_WR)
        head, _, body = b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "rest",
    [
        LENGTH.format(10) + "short",
        CHUNKED + "5\r\nab",
        CHUNKED + "5\r\nabcde\r\n",
        CHUNKED + "zz\r\nabc\r\n0\r\n\r\n",
        CHUNKED + "3\r\nabcdef\r\n0\r\n\r\n",
    ],
)
def test_a_body_that_breaks_off_or_is_badly_chunked_is_a_bad_request(
    server: Server, rest: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    assert sent(server, rest) == (400, {"message": "Bad Request"})
    assert caplog.text + "".join(capfd.readouterr()) == ""


def test_a_body_that_is_announced_too_long_is_still_told_so(server: Server) -> None:
    answer = sent(server, LENGTH.format(BODY_LIMIT + 1) + "a")
    assert answer == (413, {"message": "Request Entity Too Large"})


@pytest.mark.parametrize("rest", [LENGTH.format(3) + "abc", CHUNKED + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"])
def test_a_whole_body_arrives(server: Server, rest: str) -> None:
    assert sent(server, rest) == (200, 3)
