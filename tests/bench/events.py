"""The events that the measured processes are given: real ones, made by signing in through the stack."""

import secrets
from collections.abc import Callable, Iterable

import httpx
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from local import gateway
from local.stack import Stack
from local.template import Route
from local.trust import authorities
from tests.bench.runtime_api import Event
from tests.support.browser import Browser
from tests.support.provider import read_secret, write_secret

Prepare = Callable[[int], list[Event]]

FUNCTION_OF = {"refresh": "session", "sessions": "session"}
"""What is measured beside a function's main request: the name of it, and the function."""

ROUTES = {
    "home": "GET /",
    "refresh": "GET /session",
    "sessions": "GET /sessions",
    "backchannel_logout": "POST /backchannel-logout",
    "logto_webhook": "POST /webhooks/logto",
    "login": "GET /login",
    "callback": "GET /callback",
    "session": "GET /session",
    "logout": "POST /logout",
    "send_otp": "POST /send-otp",
    "mailgun_webhook": "POST /webhooks/mailgun",
    "health": "GET /health",
}
STATUSES = dict.fromkeys(ROUTES, 200) | dict.fromkeys(("login", "callback", "logout"), 303)
BUSY = {"SendLimitDomain": "1000000", "SendBudget": "1000000", "SendLimitAddress": "1000"}
"""Limits of a busy site: a share of them is reserved once for thousands of messages."""


def event(request: httpx.Request, route: Route) -> Event:
    """The request as API Gateway would hand it over."""
    url = request.url
    builder = EnvironBuilder(
        method=request.method,
        base_url=f"{url.scheme}://{url.netloc.decode()}/",
        path=url.path,
        query_string=url.query.decode(),
        headers=list(request.headers.items()),
        data=request.read(),
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    return gateway.event(Request(builder.get_environ()), gateway.Match(route, {}))


def preparations(stack: Stack) -> dict[str, Prepare]:
    """By function: how to make so many events for it, none of which spoils another."""

    def of(name: str, build: Callable[[int], Iterable[httpx.Request]]) -> Prepare:
        method, path = ROUTES[name].split(" ")
        return lambda count: [event(request, Route(method, path, name)) for request in build(count)]

    def signed_in(path: str) -> Callable[[int], Iterable[httpx.Request]]:
        def build(count: int) -> Iterable[httpx.Request]:
            with Browser(stack) as browser:
                browser.sign_in(somebody())
                for _ in range(count):
                    yield browser.http.build_request("GET", stack.app_url + path)

        return build

    return {
        "home": of("home", signed_in("/")),
        "session": of("session", signed_in("/session")),
        "login": of("login", lambda count: [_login(stack) for _ in range(count)]),
        "callback": of("callback", lambda count: [_callback(stack) for _ in range(count)]),
        "logout": of("logout", lambda count: [_logout(stack) for _ in range(count)]),
        "send_otp": of("send_otp", lambda count: [send_otp(stack) for _ in range(count)]),
        "mailgun_webhook": of("mailgun_webhook", lambda count: [webhook(stack) for _ in range(count)]),
        "refresh": of("refresh", lambda count: [due_session(stack) for _ in range(count)]),
        "sessions": of("sessions", signed_in("/sessions")),
        "backchannel_logout": of("backchannel_logout", lambda count: [log_out(stack) for _ in range(count)]),
        "logto_webhook": of("logto_webhook", lambda count: [suspension(stack) for _ in range(count)]),
        "health": of("health", lambda count: [httpx.Request("GET", f"{stack.app_url}/health")] * count),
    }


def somebody() -> str:
    """Make an address that nobody has: of hundreds of codes to one address two are equal now and then.

    The second of those would not be sent.
    """
    return f"{secrets.token_hex(8)}@example.com"


def send_otp(stack: Stack) -> httpx.Request:
    """What Logto sends for a sign-in code: another one to another address each time."""
    address = somebody()
    code = f"{secrets.randbelow(10**6):06}"
    return httpx.Request(
        "POST",
        f"{stack.app_url}/send-otp",
        headers={"authorization": f"Bearer {stack.send_otp_token}", "user-agent": "got"},
        json={"to": address, "type": "SignIn", "payload": {"code": code}},
    )


def webhook(stack: Stack) -> httpx.Request:
    """What Mailgun tells when it has delivered a message that was sent a moment ago."""
    assert stack.mailgun is not None
    # Time enough for stand-ins that collect their garbage just then.
    with httpx.Client(timeout=60, trust_env=False, verify=authorities()) as client:
        client.send(send_otp(stack)).raise_for_status()
    body = stack.mailgun.webhook_body("delivered", stack.mailgun.messages[0])
    return httpx.Request("POST", f"{stack.app_url}/webhooks/mailgun", json=body)


def due_session(stack: Stack) -> httpx.Request:
    """A look at a session whose tokens are to be renewed."""
    assert stack.logto is not None
    with Browser(stack) as browser:
        stack.logto.access_token_ttl = 1
        browser.sign_in(somebody())
        stack.logto.access_token_ttl = 3600
        return browser.http.build_request("GET", f"{stack.app_url}/session")


def log_out(stack: Stack) -> httpx.Request:
    """What Logto tells when it has ended all sessions of a user, who has one here."""
    assert stack.logto is not None
    token = stack.logto.logout_token("passerelle", sub=secrets.token_hex(6))
    return httpx.Request("POST", f"{stack.app_url}/backchannel-logout", data={"logout_token": token})


def suspension(stack: Stack) -> httpx.Request:
    """What Logto tells when it has suspended somebody."""
    assert stack.logto is not None
    secret = read_secret(stack, "LogtoSecret")
    key = secret.get("webhookSigningKey") or secrets.token_hex(16)
    write_secret(stack, "LogtoSecret", secret | {"webhookSigningKey": key})
    data = {"id": secrets.token_hex(6), "isSuspended": True}
    made = stack.logto.webhook("User.SuspensionStatus.Updated", signing_key=key, data=data)
    url = f"{stack.app_url}/webhooks/logto"
    return httpx.Request("POST", url, headers=made.headers, content=made.body)


def _login(stack: Stack) -> httpx.Request:
    with Browser(stack) as browser:
        return browser.http.build_request("GET", f"{stack.app_url}/login")


def _callback(stack: Stack) -> httpx.Request:
    with Browser(stack) as browser:
        return browser.http.build_request("GET", browser.stop_at_callback(somebody()))


def _logout(stack: Stack) -> httpx.Request:
    with Browser(stack) as browser:
        browser.sign_in(somebody())
        headers = {"sec-fetch-site": "same-origin", "origin": stack.app_url}
        return browser.http.build_request("POST", f"{stack.app_url}/logout", headers=headers)
