"""Faults a test can ask for."""

from dataclasses import dataclass, field
from socket import SHUT_RDWR, socket
from typing import Any, Final, Literal

from flask import Response, jsonify, request

from local.outages import Outage

Answer = tuple[int, str | dict[str, Any]]

DROP: Final = "drop"
"""In a script: close the connection instead of answering."""


@dataclass
class Misbehaviour:
    """What goes wrong from now on; a message met by a fault is not delivered, a merely late one is.

    `script` goes first, one entry a request, `None` standing for good behaviour; once it is used up,
    `drop` and then `answer` hold for every request. `delay` (seconds) holds back whatever is answered.
    Beyond messages, `outages` strike one request each, whatever it is for, and `delays` hold back the
    answers at a path.
    """

    answer: Answer | None = None
    delay: float = 0
    drop: bool = False
    script: list[Answer | Literal["drop"] | None] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    delays: dict[str, float] = field(default_factory=dict)

    def next(self) -> Answer | Literal["drop"] | None:
        """What the next request meets, `None` if it is to be treated properly."""
        try:
            return self.script.pop(0)
        except IndexError:
            return DROP if self.drop else self.answer


def response_for(fault: Answer | Literal["drop"]) -> Response:
    """The HTTP response of a fault."""
    if fault == DROP:
        return Response(map(_break_off, [request.environ.get("werkzeug.socket")]))
    status, body = fault
    response = jsonify(body) if isinstance(body, dict) else Response(body, mimetype="text/plain")
    response.status_code = status
    return response


def _break_off(connection: socket | None) -> bytes:
    # A WSGI server sends no header before the first bytes of the body, so failing there leaves it
    # nothing to answer with. Werkzeug would still wait for the next request on the same connection.
    if connection:
        connection.shutdown(SHUT_RDWR)
    raise ConnectionResetError("dropped on request")
