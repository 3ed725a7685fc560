"""No answer keeps a command for ever or fills the memory, whoever sends it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from cli import bounded
from cli.problems import Refused
from cli.provision.logto import asked, client_for
from local.serving import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@contextmanager
def answering(chunks: Iterable[bytes]) -> Iterator[str]:
    def app(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return chunks

    server = Server(app, "localhost", 0)
    server.start()
    try:
        yield server.url
    finally:
        server.close()


def dripping() -> Iterator[bytes]:
    for _ in range(20):
        time.sleep(0.05)
        yield b" "
    yield b"{}"


def endless() -> Iterator[bytes]:
    for _ in range(64):
        yield bytes(1 << 16)


def ask(url: str) -> httpx.Response:
    with client_for(url) as client:
        return asked(client, "Logto", "GET", url)


def test_an_answer_comes_whole() -> None:
    with answering([b'{"a":', b"1}"]) as url:
        answer = ask(url)
    assert answer.status_code == 200
    assert answer.json() == {"a": 1}
    assert str(answer.request.url).startswith(url)


def test_an_answer_that_drips_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.2)
    with answering(dripping()) as url, pytest.raises(Refused, match="ReadTimeout"):
        ask(url)


def test_an_answer_without_end_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MAX_BYTES", 1 << 20)
    with answering(endless()) as url, pytest.raises(Refused, match="DecodingError"):
        ask(url)


def test_what_goes_wrong_on_the_way_is_told_as_before() -> None:
    with pytest.raises(Refused, match="ConnectError"):
        ask("http://localhost:1/")
