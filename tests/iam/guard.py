"""Stands before the stand-in for AWS as IAM does: notes what is asked for, and refuses what may not be."""

import io
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.iam.calls import Arns, permissions
from tests.iam.policy import Policy, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ACCESS_KEY = re.compile(r"Credential=([^/]+)/")


class Guard:
    """A WSGI app. Whoever signs with a role's name as access key is that role."""

    def __init__(self, app: "WSGIApplication", policies: Mapping[str, Policy], arns: Arns) -> None:
        self._app, self._policies, self._arns = app, dict(policies), arns
        self._lock = threading.Lock()
        self.asked: dict[str, set[Request]] = defaultdict(set)
        self.denied: dict[str, set[Request]] = defaultdict(set)
        self.faults: list[Exception] = []

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one call (PEP 3333)."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            denied = self._judge(environ, body)
        except Exception as error:  # whatever it is, the caller would take it for a passing fault
            self.faults.append(error)
            raise
        if not denied:
            return self._app(environ, start_response)
        code = {"__type": "com.amazon.coral.service#AccessDeniedException"}
        message = f"User is not authorized to perform: {denied[0].action} on resource: {denied[0].resource}"
        start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.0")])
        return [json.dumps(code | {"Message": message}).encode()]

    @contextmanager
    def instead(self, role: str, policy: Policy) -> Iterator[None]:
        """Let a role have another policy, and forget what is asked for meanwhile."""
        before = self._policies[role], set(self.asked[role]), set(self.denied[role])
        self._policies[role] = policy
        yield
        self._policies[role], self.asked[role], self.denied[role] = before

    def _judge(self, environ: "WSGIEnvironment", body: bytes) -> list[Request]:
        found = _ACCESS_KEY.search(environ.get("HTTP_AUTHORIZATION", ""))
        assert found, "a call that nobody signed"
        role = found[1]
        wanted = permissions(environ["HTTP_X_AMZ_TARGET"], json.loads(body), self._arns)
        denied = self._policies[role].denied(wanted)
        with self._lock:
            self.asked[role].update(wanted)
            self.denied[role].update(denied)
        return denied
