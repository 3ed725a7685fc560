"""API Gateway's HTTP API: requests become events of payload version 2.0, results become responses."""

import base64
import importlib.util
import json
import re
import secrets
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from local.template import Function, Route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY_LIMIT = 10 * 1024 * 1024
ACCOUNT = "123456789012"
TEXT_BODIES = re.compile(r"text/|application/(json|javascript|xml)\b")

Handler = Callable[[dict[str, Any], "Context"], Any]


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler about its invocation."""

    aws_request_id: str
    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    deadline: float
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would end the invocation; here nothing ends it."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass(frozen=True)
class Match:
    """The route that a request takes, and what its variables stand for."""

    route: Route
    variables: Mapping[str, str]

    @property
    def key(self) -> str:
        """The route as API Gateway names it, such as `GET /login`."""
        return self.route.path if self.route.path == "$default" else f"{self.route.method} {self.route.path}"


class Gateway:
    """The WSGI app. Handlers are loaded at their first request and then kept, as in a warm Lambda."""

    def __init__(self, routes: Iterable[Route], functions: Mapping[str, Function]) -> None:
        self._routes = [(_pattern(route.path), route) for route in sorted(routes, key=_generality)]
        self._functions = functions
        self._handlers: dict[str, Handler] = {}
        self._loading = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        match = self._match(request.method, request.path)
        if match is None:
            return _message(404, "Not Found")
        request.max_content_length = BODY_LIMIT
        try:
            incoming = event(request, match)
        except RequestEntityTooLarge:
            return _message(413, "Request Entity Too Large")
        except HTTPException:  # The body broke off, or its chunks are none.
            return _message(400, "Bad Request")
        try:
            return response(self._invoke(match.route.function, incoming))
        except (Exception, SystemExit):  # Whatever a handler does wrong, API Gateway says no more than this.
            traceback.print_exc()
            return _message(500, "Internal Server Error")

    def _match(self, method: str, path: str) -> Match | None:
        for pattern, route in self._routes:
            if route.method in (method, "ANY") and (found := pattern.fullmatch(path)):
                return Match(route, found.groupdict())
        return None

    def _invoke(self, name: str, incoming: dict[str, Any]) -> Any:
        function = self._functions[name]
        with self._loading:
            if name not in self._handlers:
                self._handlers[name] = load(function)
        return self._handlers[name](incoming, _context(function))


def load(function: Function) -> Handler:
    """Import a function's handler under a module name of its own, since all of them are called `app`."""
    name = f"local_function_{function.name}"
    spec = importlib.util.spec_from_file_location(name, function.file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{function.file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    handler: Handler = getattr(module, function.handler)
    return handler


def event(request: Request, match: Match) -> dict[str, Any]:
    """The request as API Gateway would hand it to the function; fields without content are absent."""
    raw_body = request.get_data()
    now = datetime.now(UTC)
    fields = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": request.path,
        "rawQueryString": request.query_string.decode("latin-1"),
        "cookies": _cookies(request),
        "headers": _headers(request),
        "queryStringParameters": _query(request),
        "requestContext": _request_context(request, match, now),
        "pathParameters": dict(match.variables),
        "body": _body(raw_body, request.mimetype) if raw_body else None,
    }
    optional = ("cookies", "queryStringParameters", "pathParameters", "body")
    present = {key: value for key, value in fields.items() if value or key not in optional}
    return {**present, "isBase64Encoded": bool(raw_body) and not _is_text(raw_body, request.mimetype)}


def response(result: Any) -> Response:
    """What a handler returned as HTTP; raises for what API Gateway would not understand."""
    if not isinstance(result, dict) or "statusCode" not in result:
        return Response(json.dumps(result), 200, content_type="application/json")
    body = result.get("body") or ""
    content = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    answer = Response(content, int(result["statusCode"]))
    for name, value in (result.get("headers") or {}).items():
        answer.headers[name] = _header_value(value)
    for cookie in result.get("cookies") or []:
        answer.headers.add("Set-Cookie", cookie)
    return answer


def _generality(route: Route) -> tuple[bool, bool, int, bool]:
    # API Gateway takes the most specific route: a full match, then a greedy one, then $default.
    greedy = "+}" in route.path
    return route.path == "$default", greedy, route.path.count("{"), route.method == "ANY"


def _pattern(path: str) -> re.Pattern[str]:
    if path == "$default":
        return re.compile(".*", re.DOTALL)
    escaped = re.escape(path)
    greedy = re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", escaped)
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", greedy))


def _context(function: Function) -> Context:
    return Context(
        aws_request_id=str(uuid.uuid4()),
        function_name=function.name,
        memory_limit_in_mb=function.memory,
        invoked_function_arn=f"arn:aws:lambda:local:{ACCOUNT}:function:{function.name}",
        deadline=time.monotonic() + function.timeout,
    )


def _cookies(request: Request) -> list[str]:
    # No other white space: a name that begins with \xa0 must not become the name without it.
    parts = (part.strip(" \t") for part in request.headers.get("Cookie", "").split(";"))
    return [part for part in parts if part]


def _headers(request: Request) -> dict[str, str]:
    # Cookies have a field of their own; the server has joined repeated headers by commas already.
    names = {name.lower(): value for name, value in request.headers.items() if name != "Cookie"}
    forwarded = [names["x-forwarded-for"]] if "x-forwarded-for" in names else []
    return {
        **names,
        "x-forwarded-for": ", ".join([*forwarded, request.remote_addr or ""]),
        "x-forwarded-port": request.environ["SERVER_PORT"],
        "x-forwarded-proto": request.scheme,
    }


def _query(request: Request) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _request_context(request: Request, match: Match, now: datetime) -> dict[str, Any]:
    domain = request.host.partition(":")[0]
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.environ["SERVER_PROTOCOL"],
            "sourceIp": request.remote_addr or "",
            "userAgent": request.user_agent.string,
        },
        "requestId": secrets.token_urlsafe(11) + "=",
        "routeKey": match.key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _body(raw: bytes, mimetype: str) -> str:
    return raw.decode() if _is_text(raw, mimetype) else base64.b64encode(raw).decode("ascii")


def _is_text(raw: bytes, mimetype: str) -> bool:
    # Forms are not among API Gateway's text types: they arrive in Base64, on AWS as here.
    if mimetype and not TEXT_BODIES.match(mimetype):
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _header_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"a header cannot hold {type(value).__name__}")


def _message(status: int, text: str) -> Response:
    return Response(json.dumps({"message": text}), status, content_type="application/json")
