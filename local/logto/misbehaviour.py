"""Faults that a test can switch on, and the middleware that commits those below HTTP's surface."""

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local.logto.keys import SigningKey

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from local.logto.server import EmbeddedLogto

Json = dict[str, Any]
Pairs = list[tuple[str, str]]


@dataclass
class Misbehaviour:
    """What Logto does wrong; by default nothing. A hook gets the right answer and returns the one to give.

    `authorization_response` gets the parameters of the redirect; `id_token` gets the header, the claims and
    the signing key and returns the whole JWT. The last three are by path: an empty answer with this status,
    a connection closed without an answer, seconds to wait before anything else.
    """

    discovery: Callable[[Json], Json] | None = None
    jwks: Callable[[Json], Json] | None = None
    authorization_response: Callable[[Pairs], Pairs] | None = None
    id_token_claims: Callable[[Json], Json] | None = None
    before_signing: Callable[[], None] | None = None
    id_token: Callable[[Json, Json, SigningKey], str] | None = None
    token_response: Callable[[int, Json], tuple[int, Json | str]] | None = None
    fail: dict[str, int] = field(default_factory=dict)
    drop: set[str] = field(default_factory=set)
    delay: dict[str, float] = field(default_factory=dict)


class Faults:
    """Write down every request, then fail, drop or delay it if that is wished."""

    def __init__(self, app: "WSGIApplication", logto: "EmbeddedLogto") -> None:
        self.app = app
        self.logto = logto

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        path, wish = environ["PATH_INFO"], self.logto.misbehave
        self.logto.requests.append((environ["REQUEST_METHOD"], path))
        time.sleep(wish.delay.get(path, 0))
        if path in wish.drop:
            # Werkzeug keeps a connection open after a request that broke: so it is closed under its feet.
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        if path in wish.fail:
            status = HTTPStatus(wish.fail[path])
            start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
            return []
        return self.app(environ, start_response)
