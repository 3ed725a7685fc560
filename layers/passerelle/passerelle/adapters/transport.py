"""HTTP to everything outside: connections kept alive, a time limit on every step and on the whole.

The standard library's client, since importing any other costs a cold function more than all else that it
loads. Redirects are not followed: a form that carries a code or a secret must not go where an answer points.
"""

import http.client
import io
import os
import select
import socket
import ssl
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from passerelle.adapters import trace

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_BYTES = 1 << 20
MAX_IDLE = 8

FORM = "application/x-www-form-urlencoded"

HASHED_AUTHORITIES = "/opt/authorities"
"""The dependencies layer's certificate authorities, one file each under its hash, as OpenSSL looks them up.

Reading all of them from one file costs a cold start 20 to 45 ms; looking up the one that is asked for, none.
"""


Origin = tuple[str, str, int | None]
_Message = tuple[str, str, Mapping[str, str], bytes | None]
_idle: dict[Origin, list[http.client.HTTPConnection]] = defaultdict(list)


class Limits(NamedTuple):
    """Seconds for connecting, for each wait for data, and for the whole exchange."""

    connect: float
    read: float
    total: float


class NoAnswer(Exception):
    """No answer within the limits, or none that is HTTP. Its text names the cause and never what was sent."""


class Answer(NamedTuple):
    """What came back; header names as `http.client` compares them, regardless of case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    *,
    repeatable: bool = False,
) -> Answer:
    """Send one request and read its answer; raises `NoAnswer`, also for an answer of more than a megabyte.

    A connection that died while its environment was frozen is found out before it is used, as a rule. When it
    breaks under a request that is `repeatable`, that request is sent once more, on a new one.
    """
    origin, target = _destination(url)
    traced, status = trace.Call(origin[1], method, headers), None
    try:
        answer = _answer(origin, (method, target, headers, body), limits, repeatable=repeatable)
        status = answer.status
        return answer
    finally:
        traced.end(status)


def _answer(origin: Origin, message: _Message, limits: Limits, *, repeatable: bool) -> Answer:
    deadline = time.monotonic() + limits.total
    while True:
        connection = _idle_connection(origin)
        is_new = connection is None
        try:
            connection = connection or _connection(origin, limits)
            return _exchange(connection, origin, message, limits, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if connection is not None:
                connection.close()
            is_broken = isinstance(error, ConnectionError)  # `RemoteDisconnected` is one, a time-out is not
            if is_new or not repeatable or not is_broken:
                raise NoAnswer(type(error).__name__) from None


def basic_authorization(user: str, password: str) -> str:
    """Return the value of an `authorization` header for HTTP Basic (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def forget() -> None:
    """Close every idle connection, as in a new execution environment."""
    while _idle:
        for connection in _idle.popitem()[1]:
            connection.close()
    _tls_context.cache_clear()


class _TimedReader(io.RawIOBase):
    """What a connection sends, within a limit for each wait and one for everything, header lines included.

    A socket's own time limit is for each wait only: an answer that drips would outlast any other.
    """

    def __init__(self, sock: socket.socket, seconds: float, deadline: float) -> None:
        self._sock, self._seconds, self._deadline = sock, seconds, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._sock.settimeout(min(self._seconds, remaining))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _destination(url: str) -> tuple[Origin, str]:
    try:
        parts = urlsplit(url)
        origin = (parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        raise NoAnswer("InvalidURL") from None
    if origin[0] not in {"https", "http"} or not origin[1]:
        raise NoAnswer("InvalidURL")
    return origin, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _exchange(
    connection: http.client.HTTPConnection,
    origin: Origin,
    message: _Message,
    limits: Limits,
    deadline: float,
) -> Answer:
    def response_on(sock: socket.socket, *, method: str | None = None) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, method=method)
        response.fp.close()
        response.fp = io.BufferedReader(_TimedReader(sock, limits.read, deadline))
        return response

    method, target, headers, body = message
    if connection.sock is None:
        connection.connect()
    connection.response_class = response_on  # type: ignore[assignment]
    connection.request(method, target, body, dict(headers))
    response = connection.getresponse()
    content = _content(response)
    if not response.will_close and len(_idle[origin]) < MAX_IDLE:
        _idle[origin].append(connection)
    else:
        connection.close()
    return Answer(response.status, response.headers, content)  # type: ignore[arg-type]


def _content(response: http.client.HTTPResponse) -> bytes:
    content = b""
    while not response.isclosed() and (chunk := response.read1(65536)):
        content += chunk
        if len(content) > MAX_BYTES:
            response.close()
            raise ValueError("the answer is too long")
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and len(content) < int(declared):
        raise http.client.IncompleteRead(b"")
    response.close()  # not every Python does so by itself at the end, and the next request needs it
    return content


def _idle_connection(origin: Origin) -> http.client.HTTPConnection | None:
    """Take an idle connection that the other side has not closed meanwhile."""
    while True:
        try:
            connection = _idle[origin].pop()
        except IndexError:
            return None
        if connection.sock is not None and not _is_readable(connection.sock):
            return connection
        connection.close()


def _is_readable(sock: socket.socket) -> bool:
    """Whether there is something to read where nothing was asked: the other side's farewell."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _connection(origin: Origin, limits: Limits) -> http.client.HTTPConnection:
    scheme, host, port = origin
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=limits.connect, context=_tls_context())
    return http.client.HTTPConnection(host, port, timeout=limits.connect)


@cache
def _tls_context() -> ssl.SSLContext:
    chosen = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    if chosen or not os.path.isdir(HASHED_AUTHORITIES):
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(capath=HASHED_AUTHORITIES)
    return context
