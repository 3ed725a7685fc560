"""Keeps web pages away from a service that has no sign-in of its own."""

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# At least one of them comes with whatever a page may read or change; AWS's SDKs send none.
OF_BROWSERS = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_REFERER")


class ForProgramsOnly:
    """A WSGI app before another one, which lets nothing through that a browser sent."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass one request on or refuse it."""
        # A page can point its own name at this machine and is then of the same origin, with no such header
        # needed; it cannot do so with a number or with localhost.
        if any(name in environ for name in OF_BROWSERS) or not _is_number_or_localhost(environ):
            _read_body(environ)
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"This is for programs, not for web pages.\n"]
        return self._app(environ, start_response)


def _read_body(environ: "WSGIEnvironment") -> None:
    # With a body left unread, werkzeug's server waits for the client to hang up and serves nobody meanwhile.
    stream = get_input_stream(environ)
    with suppress(ClientDisconnected):
        while stream.read(64 * 1024):
            pass


def _is_number_or_localhost(environ: "WSGIEnvironment") -> bool:
    try:
        name = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or bool(ip_address(name))
    except ValueError:
        return False
