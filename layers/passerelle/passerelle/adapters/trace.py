"""Outgoing calls as subsegments of AWS X-Ray: whom we asked, which operation, how long, and how it ended.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
One datagram a call to the daemon that Lambda runs beside a function, and only in the requests that it has
chosen to trace. Never a path, a query, a header or a body: codes, tokens and addresses are in those.
"""

import json
import os
import socket
import time
from collections.abc import Mapping
from typing import Any

from passerelle.log import correlation_id

_HEADER = b'{"format": "json", "version": 1}\n'
_SERVICES = {"DynamoDB_20120810": "DynamoDB", "secretsmanager": "SecretsManager", "AmazonSQS": "SQS"}
"""As X-Ray names the services of AWS, by what stands before the operation in `x-amz-target`."""


class Call:
    """One outgoing call: made before it, ended by `end`; when the request is not traced it is neither."""

    def __init__(self, host: str, method: str, headers: Mapping[str, str]) -> None:
        # Read now: a call that outlasts its request belongs to it all the same.
        self._trace = _traced(os.environ.get("_X_AMZN_TRACE_ID", ""))
        if self._trace:
            self._started_at = time.time()
            self._what = _described(host, method, headers)

    def end(self, status: int | None) -> None:
        """Tell the daemon; `status` is HTTP's, and None when there was no answer. Never raises."""
        if not self._trace:
            return
        document = {
            "id": os.urandom(8).hex(),
            "trace_id": self._trace["Root"],
            "parent_id": self._trace["Parent"],
            "type": "subsegment",
            "start_time": self._started_at,
            "end_time": time.time(),
            "annotations": {"correlation_id": correlation_id.get()},
            **self._what,
            **_ended(self._what, status),
        }
        _send(_HEADER + json.dumps(document).encode())


def _traced(header: str) -> dict[str, str]:
    """Return the members of Lambda's trace header; nothing when the request is not traced."""
    if "Sampled=1" not in header:
        return {}
    members = dict(part.partition("=")[::2] for part in header.split(";"))
    return members if members.keys() >= {"Root", "Parent"} else {}


def _described(host: str, method: str, headers: Mapping[str, str]) -> dict[str, Any]:
    prefix, _, operation = headers.get("x-amz-target", "").rpartition(".")
    if prefix not in _SERVICES:
        return {"name": host, "namespace": "remote", "http": {"request": {"method": method}}}
    aws = {"operation": operation, "region": os.environ.get("AWS_REGION", "")}
    return {"name": _SERVICES[prefix], "namespace": "aws", "aws": aws, "http": {}}


def _ended(what: Mapping[str, Any], status: int | None) -> dict[str, Any]:
    if status is None:
        return {"fault": True}
    flags = {"fault": status >= 500, "error": 400 <= status < 500, "throttle": status == 429}
    http = {**what["http"], "response": {"status": status}}
    return {"http": http} | {name: True for name, is_so in flags.items() if is_so}


def _send(datagram: bytes) -> None:
    host, _, port = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "").rpartition(":")
    try:
        # A socket for each: one that was kept would lie in a snapshot.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(datagram, (host, int(port)))
    except (OSError, ValueError, OverflowError):
        pass  # a trace is not worth a request
