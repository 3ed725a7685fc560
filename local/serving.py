"""WSGI apps on real ports, each served from a thread of this process."""

import contextlib
import errno
import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    import ssl

    from _typeshed.wsgi import WSGIApplication

BACKLOG = 128


class PortTaken(Exception):  # noqa: N818
    """Another program listens on the port already."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is taken")
        self.port = port


class CannotListen(Exception):  # noqa: N818
    """The system does not let this program listen at the address."""

    def __init__(self, address: str, port: int, error: Exception) -> None:
        super().__init__(f"cannot listen at {address}, port {port}: {error}")
        self.port = port
        self.needs_privileges = isinstance(error, PermissionError)
        self.unknown_address = (
            isinstance(error, UnicodeError | socket.gaierror)
            or getattr(error, "errno", None) == errno.EADDRNOTAVAIL
        )


class Server:
    """One app on one port, bound when made and served from `start` to `close`; with `tls` on https.

    `name` is what others call the machine, where that is not the address itself.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        host: str,
        port: int,
        threaded: bool = True,
        tls: "ssl.SSLContext | None" = None,
        name: str = "",
    ) -> None:
        address = "127.0.0.1" if host == "localhost" else host
        listener = _listen(address, port)
        handler = _KeepAlive if threaded else _OneRequest
        with listener:
            # werkzeug duplicates the descriptor, and left to bind itself it would exit on a taken port.
            self._server = make_server(
                address,
                port,
                app,
                threaded=threaded,
                request_handler=handler,
                ssl_context=tls,
                fd=listener.fileno(),
            )
        if tls:
            # Else one client that connects and says nothing would keep all others from being accepted.
            self._server.socket.do_handshake_on_connect = False  # type: ignore[attr-defined]
        self._scheme = "https" if tls else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.host = name or ("localhost" if address == "127.0.0.1" else address)
        self.port: int = self._server.port

    @property
    def url(self) -> str:
        """The origin to reach it at, without a trailing slash."""
        return origin(self._scheme, self.host, self.port)

    @property
    def app(self) -> "WSGIApplication":
        """What is served; may be replaced, for apps that have to know their own port first."""
        return self._server.app

    @app.setter
    def app(self, app: "WSGIApplication") -> None:
        self._server.app = app

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def origin(scheme: str, host: str, port: int) -> str:
    """As browsers and the app itself write it: without the port that goes without saying."""
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"


def free_port(port: int = 0) -> int:
    """This port of localhost, or any one for 0. Raises `PortTaken` or `CannotListen`."""
    with _listen("127.0.0.1", port) as listener:
        found: int = listener.getsockname()[1]
        return found


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def log_error(self, format: str, *args: object) -> None:
        # It would repeat a request line that cannot be read, with a code or a token in it.
        pass


class _KeepAlive(_Quiet):
    protocol_version = "HTTP/1.1"


class _OneRequest(_Quiet):
    # A connection kept open would keep a server without threads from everybody else.
    protocol_version = "HTTP/1.0"


def _listen(address: str, port: int) -> socket.socket:
    if port and _answers(address, port):
        raise PortTaken(port)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:  # The latter comes of an address that no name could be.
        listener.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortTaken(port) from error
        raise CannotListen(address, port, error) from error
    return listener


def _answers(address: str, port: int) -> bool:
    # macOS lets 127.0.0.1 be bound beside a listener on all addresses or on ::1, where browsers knock first
    # for localhost, whatever the resolver knows.
    for name in ("127.0.0.1", "::1") if address == "127.0.0.1" else (address,):
        with contextlib.suppress(OSError, UnicodeError), socket.create_connection((name, port), timeout=0.5):
            return True
    return False
