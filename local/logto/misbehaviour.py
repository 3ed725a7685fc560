"""Faults that a test can switch on, and the middleware that commits those below HTTP's surface."""

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from local.logto.keys import SigningKey
from local.outages import Outage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from local.logto.server import EmbeddedLogto

Json = dict[str, Any]
Pairs = list[tuple[str, str]]


@dataclass
class Misbehaviour:
    """What Logto does wrong; by default nothing. A hook gets the right answer and returns the one to give.

    `authorization_response` gets the parameters of the redirect; `id_token` gets the header, the claims and
    the signing key and returns the whole JWT. `refreshed_id_token_claims` is for refreshes alone, where None
    leaves the ID token out; `rotate_always` gives a new refresh token at each. `logout_token` holds what to
    change in the logout tokens of a sign-out, as `EmbeddedLogto.logout_token` takes it.

    The rest is by path. Before anything happens: an empty answer with this status, a connection closed
    without an answer, seconds to wait. After everything has happened: something to do before the answer goes
    out, and an answer that never does, as for a caller that dies in between. `outages` strike one request
    each.
    """

    discovery: Callable[[Json], Json] | None = None
    jwks: Callable[[Json], Json] | None = None
    authorization_response: Callable[[Pairs], Pairs] | None = None
    id_token_claims: Callable[[Json], Json] | None = None
    before_signing: Callable[[], None] | None = None
    id_token: Callable[[Json, Json, SigningKey], str] | None = None
    refreshed_id_token_claims: Callable[[Json], Json | None] | None = None
    rotate_always: bool = False
    userinfo: Callable[[Json], Json] | None = None
    logout_token: Json = field(default_factory=dict)
    token_response: Callable[[int, Json], tuple[int, Json | str]] | None = None
    fail: dict[str, int] = field(default_factory=dict)
    drop: set[str] = field(default_factory=set)
    delay: dict[str, float] = field(default_factory=dict)
    before_answer: dict[str, Callable[[], None]] = field(default_factory=dict)
    drop_answer: set[str] = field(default_factory=set)
    outages: list[Outage] = field(default_factory=list)


class Faults:
    """Write down every request, then fail, drop or delay it if that is wished."""

    def __init__(self, app: "WSGIApplication", logto: "EmbeddedLogto") -> None:
        self.app = app
        self.logto = logto

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        path, wish = environ["PATH_INFO"], self.logto.misbehave
        self.logto.requests.append((environ["REQUEST_METHOD"], path))
        outages = [each for each in wish.outages if each.strikes(environ["REQUEST_METHOD"], path)]
        time.sleep(wish.delay.get(path, 0))
        if path in wish.drop:
            _hang_up(environ)
        if path in wish.fail:
            return _empty(wish.fail[path], start_response)
        if outages:
            return self._strike(outages[0], environ, start_response)
        answer = self.app(environ, start_response)
        if act := wish.before_answer.get(path):
            act()
        if path in wish.drop_answer:
            _hang_up(environ)
        return answer

    def _strike(
        self, outage: Outage, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if outage.done:
            # What it would have answered goes nowhere.
            b"".join(self.app(environ, lambda status, headers, error=None: lambda data: None))
        if outage.status is None:
            _hang_up(environ)
        return _empty(outage.status, start_response)


def _empty(code: int, start_response: "StartResponse") -> Iterable[bytes]:
    status = HTTPStatus(code)
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
    return []


def _hang_up(environ: "WSGIEnvironment") -> NoReturn:
    # Werkzeug keeps a connection open after a request that broke: so it is closed under its feet.
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError
