"""The audit: which line of the log tells of a security event, and what such a line says.

A line belongs to it when it has the member `audit`, the version of its schema (`docs/audit.schema.json`). It
is the same line that says what happened, and that counts it. Who somebody is stands there as a keyed hash,
and where from as a network: pseudonyms, which the operator alone can lead back to people.
"""

import socket
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

from passerelle import log, metrics
from passerelle.errors import PasserelleError

VERSION = 1

_caller: ContextVar[str] = ContextVar("caller", default="")


class Line(NamedTuple):
    """A log line: its event, and its members."""

    event: str
    members: Mapping[str, Any]


Tell = Callable[[PasserelleError], Line]
"""What the log says of an error."""


class request_of:  # noqa: N801 - a `with` statement reads it, and a generator in its place costs each request more
    """While it is open, lines carry the id and the origin of the request with this `requestContext`."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        http = context.get("http")
        self._id = str(context.get("requestId", ""))[:64]
        self._caller = str(http.get("sourceIp", "")) if isinstance(http, Mapping) else ""

    def __enter__(self) -> None:
        self._tokens = log.correlation_id.set(self._id), _caller.set(self._caller)

    def __exit__(self, *_: object) -> None:
        log.correlation_id.reset(self._tokens[0])
        _caller.reset(self._tokens[1])


def came_from(address: str) -> None:
    """Let the lines of this request carry another origin: the visitor's, where a front told it."""
    _caller.set(address)


def entry(outcome: str, *, who: str = "") -> dict[str, Any]:
    """Return the members that make a log line one of the audit.

    `who` is a keyed hash: the partition of a user, or of an address. What is not known is left out.
    """
    known = {"who": who, "source": network_of(_caller.get())}
    return {"audit": VERSION, "outcome": outcome} | {name: value for name, value in known.items() if value}


def note(
    event: str, outcome: str, *, who: str = "", counted: Mapping[str, Any] | None = None, **more: object
) -> None:
    """Log a security event that is as it should be, and let its line count what it has to."""
    log.info(event, **{**more, **entry(outcome, who=who), **(counted or {})})


def report(error: PasserelleError, tell: Tell) -> None:
    """Write the one line that a refused request leaves, with all that it counts.

    Called while the error, or for a crash what caused it, is being handled.
    """
    event, members = tell(error)
    members = {"code": error.own_code, "status": error.status, **error.about, **members}
    if error.status >= 500:
        members = metrics.together(members, metrics.fault(error.code))
    if type(error) is PasserelleError:
        log.crash(event, **members)
    else:
        write = log.error if error.status == 500 else log.info if error.status == 401 else log.warning
        write(event, reason=error.reason, **members)


def refused_request(error: PasserelleError) -> Line:
    """Tell a request that was refused, where its function has nothing of its own to say about that."""
    if error.status == 403:
        return Line("request_refused", entry("refused"))
    return Line("request_crashed" if type(error) is PasserelleError else "request_refused", {})


def refused_call(event: str) -> Tell:
    """Tell a call of another program that was not believed, or could not be acted upon."""
    return lambda error: Line(event, entry("failed" if error.status >= 500 else "refused"))


def network_of(address: str) -> str:
    """Return the network of an address: of an IPv4 one the first 24 bits, of an IPv6 one the first 48.

    Enough to see where an attack comes from, and to tell few people apart. Empty for what is no address.
    """
    for family, kept, size in ((socket.AF_INET, 3, 4), (socket.AF_INET6, 6, 16)):
        try:
            network = socket.inet_pton(family, address)[:kept]
        except (OSError, ValueError):
            continue
        return f"{socket.inet_ntop(family, network.ljust(size, bytes(1)))}/{8 * kept}"
    return ""
