"""HTTP as API Gateway speaks it: payload format 2.0 in, status, headers and cookies out.

A handler never raises: every error becomes a page for a browser and `application/problem+json` (RFC 9457)
for a program, with the same correlation id that the log lines carry.
"""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from passerelle import audit, log, pages, snapshot
from passerelle.errors import CrossSiteRequest, InvalidRequest, PasserelleError
from passerelle.log import discreet
from passerelle.request import Event as Event
from passerelle.request import Request as Request
from passerelle.request import parse
from passerelle.settings import front_digests

MAX_FORM_BYTES = 4096

SECURITY_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    # `no-referrer` would turn the Origin of our own forms into `null`, which sign-out refuses.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@discreet
class Response(NamedTuple):
    """One response; `cookies` are whole `Set-Cookie` values."""

    status: int
    headers: Mapping[str, str]
    body: str = ""
    cookies: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Render as API Gateway takes it."""
        return {
            "statusCode": self.status,
            "headers": SECURITY_HEADERS | dict(self.headers),
            "cookies": list(self.cookies),
            "body": self.body,
        }


def redirect(location: str, *cookies: str) -> Response:
    """Send the browser elsewhere with a GET, whatever the method was (RFC 9110 15.4.4)."""
    return Response(303, {"location": location}, cookies=cookies)


def json_response(body: Mapping[str, Any], *cookies: str) -> Response:
    """Answer a program."""
    return Response(200, {"content-type": "application/json"}, json.dumps(body), cookies)


def html_response(page: pages.Page, *cookies: str) -> Response:
    """Answer a person."""
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": page.content_security_policy,
        "vary": "accept",
    }
    return Response(page.status, headers, page.html, cookies)


def form_field(request: Request, name: str) -> str:
    """Return a field of a form that was sent; empty when there is none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return ""
    try:
        return dict(parse_qsl(request.body(MAX_FORM_BYTES).decode(), max_num_fields=10)).get(name, "")
    except ValueError as error:
        raise InvalidRequest(reason="the body is not a form") from error


def set_cookie(name: str, value: str, max_age: int) -> str:
    """Render a `__Host-` cookie (RFC 6265bis 4.1.3.2) that scripts do not see; `max_age` in seconds."""
    return f"{name}={value}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=Lax"


def drop_cookie(name: str) -> str:
    """Render the deletion of a cookie."""
    return set_cookie(name, "", 0)


def demand_same_origin(request: Request, base_url: str) -> None:
    """Refuse a request that changes state unless one of our own pages sent it (OWASP ASVS 5.0, 3.5.1).

    `Sec-Fetch-Site` decides where the browser sends it, else `Origin`. A sibling domain (`same-site`) is
    somebody else, and so is whoever hides (`null`, or neither header). Raises `CrossSiteRequest`.
    """
    site = request.headers.get("sec-fetch-site")
    ours = site == "same-origin" if site is not None else request.headers.get("origin") == base_url
    if not ours:
        raise CrossSiteRequest(reason=f"sec-fetch-site is {'absent' if site is None else 'not same-origin'}")


Function = Callable[[Request], Response]
Handler = Callable[[Event, object], dict[str, Any]]
Refusal = Callable[[PasserelleError, Request | None], Response]
Result = TypeVar("Result")


def problem(error: PasserelleError, request: Request | None) -> Response:
    """Tell an error: by a page for a person, by `application/problem+json` (RFC 9457) for a program."""
    correlation_id = log.correlation_id.get()
    challenge = {"www-authenticate": error.challenge} if error.status == 401 else {}
    if request and request.wants_html:
        if error.status == 503 and request.method == "GET":
            error.retry = error.retry or f"{request.path}?{request.query}".rstrip("?")
        page = html_response(pages.error_page(error, correlation_id))
        return page._replace(headers={**page.headers, **challenge})
    body = {
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "correlation_id": correlation_id,
    }
    if error.status == 401 and error.retry:
        body["login"] = error.retry
    headers = {"content-type": "application/problem+json", "vary": "accept", **challenge}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    return Response(error.status, headers, json.dumps(body))


def logout_refusal(error: PasserelleError, request: Request | None) -> Response:
    """Tell that a logout was not done, whatever the reason (OpenID Connect Back-Channel Logout 1.0, 2.8)."""
    body = {"error": "invalid_request", "error_description": error.code}
    return Response(400, {"content-type": "application/json"}, json.dumps(body))


def endpoint(function: Function) -> Handler:
    """Make a Lambda handler of a function from request to response."""
    return endpoint_with()(function)


def endpoint_with(
    refusal: Refusal = problem, tell: audit.Tell = audit.refused_request
) -> Callable[[Function], Handler]:
    """Make a Lambda handler whose errors are told by `refusal` to the caller, and by `tell` in the log."""
    return lambda function: _handler(function, refusal, tell)


def _handler(function: Function, refusal: Refusal, tell: audit.Tell) -> Handler:
    snapshot.register()

    def handler(event: Event, context: object) -> dict[str, Any]:
        return answered(function, event, refusal, tell).payload()

    return handler


def answered(
    function: Callable[[Request], Result],
    event: Event,
    refusal: Refusal = problem,
    tell: audit.Tell = audit.refused_request,
) -> Result | Response:
    """Call a function of a request; whatever it raises becomes the response that `refusal` makes of it."""
    log.configure()
    context = event.get("requestContext")
    with audit.request_of(context if isinstance(context, Mapping) else {}):
        return _answer(function, event, refusal, tell)


def _answer(
    function: Callable[[Request], Result], event: Event, refusal: Refusal, tell: audit.Tell
) -> Result | Response:
    request = None
    try:
        request = parse(event, front_digests(os.environ))
        audit.came_from(request.client_address)
        return function(request)
    except PasserelleError as error:
        audit.report(error, tell)
        return refusal(error, request)
    except Exception:
        crashed = PasserelleError()
        audit.report(crashed, tell)
        return refusal(crashed, request)
