"""Stands before the stand-in for AWS, and lets chosen calls fail in chosen ways."""

import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from http.client import responses
from typing import TYPE_CHECKING, Any, NamedTuple

import urllib3

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KEPT_HEADERS = ("content-type", "authorization", "x-amz-target", "x-amz-date", "x-amz-security-token")


class Answer(NamedTuple):
    """What AWS answers; `None` in its place is a connection that breaks."""

    status: int
    body: bytes


Forward = Callable[[], Answer]
Fault = Callable[[Forward], Answer | None]


class AwsProxy:
    """A WSGI app. `script` is used up one fault a call, then `always` holds; both by operation's name."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(maxsize=64)
        self.released = threading.Event()
        self.script: dict[str, list[Fault]] = defaultdict(list)
        self.always: dict[str, Fault] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one call (PEP 3333)."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        self.calls.append((operation, json.loads(body)))
        script = self.script[operation]
        fault = script.pop(0) if script else self.always.get(operation, well)
        answer = fault(lambda: self._forward(environ, body))
        if answer is None:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        start_response(
            f"{answer.status} {responses[answer.status]}",
            [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(answer.body)))],
        )
        return [answer.body]

    def count(self, operation: str) -> int:
        """How often an operation was called, tries of one call counted each."""
        return [name for name, _ in self.calls].count(operation)

    def hangs(self, forward: Forward) -> Answer | None:
        """Say nothing for longer than anybody waits."""
        self.released.wait(20)
        return None

    def _forward(self, environ: "WSGIEnvironment", body: bytes) -> Answer:
        given = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in KEPT_HEADERS}
        given["content-type"] = environ["CONTENT_TYPE"]
        headers = {name: value for name, value in given.items() if value}
        reply = self._pool.request("POST", self._url, body=body, headers=headers, retries=False)
        return Answer(reply.status, reply.data)


def well(forward: Forward) -> Answer | None:
    """No fault."""
    return forward()


def breaks(forward: Forward) -> Answer | None:
    """Close the connection; nothing is done."""
    return None


def loses_the_answer(forward: Forward) -> Answer | None:
    """Do what was asked and close the connection."""
    forward()
    return None


def answers(status: int, code: str, **more: object) -> Fault:
    """Refuse with an error of AWS."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": f"{code} of a secret", **more}
    return lambda forward: Answer(status, json.dumps(body).encode())


def leaves_keys_unprocessed(forward: Forward) -> Answer | None:
    """Answer a BatchGetItem that was throttled halfway: nothing found, everything still to do."""
    status, body = forward()
    found = json.loads(body)
    keys = [{"pk": {"S": "x"}, "sk": {"S": "x"}}]
    unprocessed = {table: {"Keys": keys} for table in found["Responses"]}
    return Answer(status, json.dumps({"Responses": {}, "UnprocessedKeys": unprocessed}).encode())


throttles = answers(400, "ThrottlingException")
exceeds = answers(400, "ProvisionedThroughputExceededException")
fails_inside = answers(500, "InternalServerError")
denies = answers(400, "AccessDeniedException")
has_no_table = answers(400, "ResourceNotFoundException")
conflicts = answers(
    400,
    "TransactionCanceledException",
    CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}],
)
lacks_capacity = answers(
    400,
    "TransactionCanceledException",
    CancellationReasons=[{"Code": "None"}, {"Code": "ThrottlingError"}],
)
