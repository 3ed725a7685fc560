"""HTTPS to Logto and Mailgun: one pool of connections per environment, a time limit on everything.

urllib3 is what boto3 stands on, so that in Lambda it is loaded already. Redirects are not followed, since
a form that carries a code or a secret must not go where an answer points; nothing is repeated, since not
every call may be.
"""

import time
from collections.abc import Mapping
from functools import cache

import urllib3

MAX_BYTES = 1 << 20

TIMEOUT = urllib3.Timeout(connect=2.0, read=5.0)
TOTAL_SECONDS = 7.0
"""For the whole answer; `TIMEOUT` is for each step, and an answer may drip."""


class NoAnswer(Exception):
    """No answer within the time limit, or not an HTTP one. Never carries what was sent."""


def request(
    method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Send one request, the form url-encoded; return status and body.

    Raises `NoAnswer`, also for an answer of more than a megabyte.
    """
    body = None
    sent = {"user-agent": "passerelle", **headers}
    if form is not None:
        from urllib.parse import urlencode

        body = urlencode(form)
        sent["content-type"] = "application/x-www-form-urlencoded"
    try:
        response = _pool().request(
            method,
            url,
            body=body,
            headers=sent,
            timeout=TIMEOUT,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        return response.status, _body(response)
    except urllib3.exceptions.HTTPError as error:
        # `from None`: urllib3's errors quote the URL and, some of them, more.
        raise NoAnswer(type(error).__name__) from None


def _body(response: urllib3.BaseHTTPResponse) -> bytes:
    deadline, body = time.monotonic() + TOTAL_SECONDS, b""
    while chunk := response.read1(MAX_BYTES):
        body += chunk
        if len(body) > MAX_BYTES or time.monotonic() > deadline:
            response.close()
            raise NoAnswer("too long, or too slow")
    response.release_conn()
    return body


def basic_authorization(user: str, password: str) -> str:
    """Return the value of an `authorization` header for HTTP Basic (RFC 7617)."""
    from base64 import b64encode

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=4, maxsize=8)
