"""The daemon that takes traces beside a function, as far as it listens."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest

TRACED = "Root=1-67890abc-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"
"""What Lambda puts into `_X_AMZN_TRACE_ID` in a request that is traced."""


class Daemon:
    """A UDP socket of this machine, and what came in."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._received: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def address(self) -> str:
        """As Lambda names it in `AWS_XRAY_DAEMON_ADDRESS`."""
        return "{}:{}".format(*self._socket.getsockname())

    @property
    def text(self) -> str:
        """All that came in."""
        return "".join(self._received)

    def documents(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many datagrams and read their documents."""
        self._socket.settimeout(5)
        found = []
        for _ in range(count):
            self._received.append(self._socket.recv(65536).decode())
            found.append(json.loads(self._received[-1].partition("\n")[2]))
        return found

    def drain(self) -> str:
        """Read all that has come, however much, and return it."""
        while not self.is_empty():
            pass
        return self.text

    def is_empty(self) -> bool:
        """Whether nothing more has come; on this machine a datagram is there once it was sent."""
        self._socket.setblocking(False)
        try:
            self._received.append(self._socket.recv(65536).decode())
        except BlockingIOError:
            return True
        return False


@contextmanager
def traced(patch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Let all requests be traced, and listen to what is told of them."""
    with Daemon() as daemon:
        patch.setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.address)
        patch.setenv("_X_AMZN_TRACE_ID", TRACED)
        yield daemon
