"""A real HTTP server that does to each request what a test says, and remembers what came."""

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Received(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, handler: BaseHTTPRequestHandler, received: Received) -> None:
        self._handler, self.received = handler, received

    def answer(
        self, status: int, body: bytes, content_type: str = "application/json", **headers: str
    ) -> None:
        self._handler.send_response(status)
        for name, value in {
            "content-type": content_type,
            "content-length": str(len(body)),
            **headers,
        }.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()
        self.write(body)

    def write(self, data: bytes) -> bool:
        """Write without framing; false when the other side has left."""
        try:
            self._handler.wfile.write(data)
            self._handler.wfile.flush()
        except OSError:
            return False
        return True

    def hang_up(self) -> None:
        self._handler.close_connection = True

    def forward(self, target: str) -> tuple[int, bytes]:
        """Hand the request on and return the answer, which is not passed back."""
        kept = {name: value for name, value in self.received.headers.items() if name.lower() not in {"host"}}
        request = urllib.request.Request(target, self.received.body, kept, method=self.received.method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.request.HTTPError as error:
            with error:
                return error.code, error.read()


Script = Callable[[Exchange], None]


class Wire:
    """The server: its `script` deals with each request."""

    def __init__(self) -> None:
        self.script: Script = lambda exchange: exchange.answer(200, b"{}")
        self.received: list[Received] = []
        self.url = ""

    def deal_with(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        received = Received(handler.command, handler.path, dict(handler.headers.items()), body)
        self.received.append(received)
        self.script(Exchange(handler, received))


@contextmanager
def open_wire() -> Iterator[Wire]:
    """Serve on a free port."""
    wire = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_POST(self) -> None:  # noqa: N802
            wire.deal_with(self)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    wire.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answering(*answers: tuple[int, bytes] | None) -> Script:
    """Give these answers in turn, the last for ever; None hangs up without one."""
    left = list(answers)

    def script(exchange: Exchange) -> None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer is None:
            exchange.hang_up()
        else:
            exchange.answer(*answer)

    return script


def silent(seconds: float) -> Script:
    """Say nothing for a while."""

    def script(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.hang_up()

    return script
