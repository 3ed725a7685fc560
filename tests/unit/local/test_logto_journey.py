"""A whole sign-in at the embedded Logto over HTTP, and the `Lab` that the other tests of it use."""

import base64
import json
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from werkzeug.serving import make_server

from local.logto import Client, EmbeddedLogto

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CALLBACK = "http://localhost:3000/callback"
GOODBYE = "http://localhost:3000/logged-out"
WEB = Client("web", "web secret:1", "Web shop", (CALLBACK,), (GOODBYE,))
OTHER = Client("other", "other-secret", "Other", ("http://localhost:3100/callback",), ())
ALL_SCOPES = "openid offline_access profile email"


@dataclass
class Clock:
    now: float = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now


@dataclass
class Connector:
    """What stands at the other end of Logto's e-mail connector."""

    status: str = "204 No Content"
    body: str = ""
    headers: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self.messages.append(json.loads(raw))
        self.headers.append({k[5:].lower(): v for k, v in environ.items() if k.startswith("HTTP_")})
        start_response(self.status, [("Content-Type", "text/plain")])
        return [self.body.encode()]

    @property
    def code(self) -> str:
        return str(self.messages[-1]["payload"]["code"])


@contextmanager
def serving(app: "WSGIApplication") -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Lab:
    """An embedded Logto, its connector's endpoint, a clock, and browsers."""

    def __enter__(self) -> Self:
        self.clock, self.connector, self.stack = Clock(), Connector(), ExitStack()
        endpoint = self.stack.enter_context(serving(self.connector)) + "/send-otp"
        self.logto = EmbeddedLogto(
            issuer="http://localhost:1/oidc",
            clients=[WEB, OTHER],
            connector_endpoint=endpoint,
            connector_authorization="Bearer connector",
            clock=self.clock,
        )
        self.url = self.stack.enter_context(serving(self.logto.app))
        self.logto.issuer = self.issuer = f"{self.url}/oidc"
        self.http = self.browser()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def browser(self) -> httpx.Client:
        return self.stack.enter_context(httpx.Client(base_url=self.url, trust_env=False, verify=False))

    def authorize(self, browser: httpx.Client, **extra: str) -> httpx.Response:
        params = {"client_id": "web", "redirect_uri": CALLBACK, "response_type": "code", "state": "s t&1"}
        return browser.get("/oidc/auth", params=params | {"scope": ALL_SCOPES, "nonce": "n-1"} | extra)

    def ask_for_code(self, browser: httpx.Client, email: str = "ada@example.com", **extra: str) -> str:
        page = self.authorize(browser, **extra).headers["location"]
        return browser.post(page, data={"email": email}).headers["location"]

    def sign_in(self, browser: httpx.Client, email: str = "ada@example.com", **extra: str) -> dict[str, str]:
        code_page = self.ask_for_code(browser, email, **extra)
        resume = browser.post(code_page, data={"code": self.connector.code}).headers["location"]
        return answer(browser.get(resume))

    def token(self, *, auth: Any = (WEB.id, WEB.secret), **fields: str) -> httpx.Response:
        return self.http.post("/oidc/token", data=fields, auth=auth)

    def exchange(self, code: str, **fields: str) -> httpx.Response:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **fields)

    def refresh(self, refresh_token: str, **fields: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **fields)

    def tokens(self, browser: httpx.Client | None = None, **extra: str) -> dict[str, Any]:
        code = self.sign_in(browser or self.browser(), **({"prompt": "consent"} | extra))["code"]
        return dict(self.exchange(code).json())

    def userinfo(self, access_token: str) -> httpx.Response:
        return self.http.get("/oidc/me", headers={"Authorization": f"Bearer {access_token}"})


def answer(response: httpx.Response) -> dict[str, str]:
    """Return the parameters of a redirect to the application."""
    assert response.status_code == 303
    location = response.headers["location"]
    assert location.startswith(f"{CALLBACK}?")
    return dict(parse_qsl(urlsplit(location).query))


def decode(jwt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in jwt.split("."))
    return json.loads(header), json.loads(claims)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_the_whole_way_by_the_forms(lab: Lab) -> None:
    browser = lab.browser()
    start = lab.authorize(browser, prompt="consent")
    assert (start.status_code, start.headers["location"]) == (303, "/sign-in?app_id=web")
    page = browser.get("/sign-in?app_id=web").text
    assert re.search(r'<input id="email" type="email" name="email" .*autofocus autocomplete="email"', page)
    to_code = browser.post("/sign-in?app_id=web", data={"email": "ada@example.com"})
    code_page = "/sign-in/verification-code?app_id=web"
    assert (to_code.status_code, to_code.headers["location"]) == (303, code_page)
    page = browser.get(code_page).text
    assert 'inputmode="numeric" autocomplete="one-time-code"' in page
    assert "ada@example.com" in page
    done = browser.post(code_page, data={"code": lab.connector.code})
    got = answer(browser.get(done.headers["location"]))
    assert set(got) == {"code", "state", "iss"}
    assert got["state"] == "s t&1"
    assert got["iss"] == lab.issuer


def test_the_tokens_of_a_new_person(lab: Lab) -> None:
    got = lab.exchange(lab.sign_in(lab.browser(), prompt="consent")["code"])
    assert got.headers["cache-control"] == "no-store"
    tokens = got.json()
    assert tokens.keys() == {
        "access_token",
        "expires_in",
        "id_token",
        "refresh_token",
        "scope",
        "token_type",
    }
    assert len(tokens["access_token"]) == 43
    assert (tokens["expires_in"], tokens["scope"], tokens["token_type"]) == (3600, ALL_SCOPES, "Bearer")
    header, claims = decode(tokens["id_token"])
    assert header == {"alg": "ES384", "kid": lab.logto.keys.current.kid}
    (sub,) = lab.logto.users
    assert re.fullmatch("[a-z0-9]{12}", sub)
    now = int(lab.clock())
    profile: dict[str, Any] = {"name": None, "picture": None, "username": None}
    profile |= {"sub": sub, "email": "ada@example.com", "email_verified": True}
    profile |= {"created_at": 1_800_000_000_250, "updated_at": 1_800_000_000_250}
    tail = {"nonce": "n-1", "aud": "web", "exp": now + 3600, "iat": now, "iss": lab.issuer}
    assert claims == profile | tail
    assert lab.userinfo(tokens["access_token"]).json() == profile


def test_the_connector_gets_the_request_that_logto_makes(lab: Lab) -> None:
    lab.ask_for_code(lab.browser())
    (message,), (headers,) = lab.connector.messages, lab.connector.headers
    assert re.fullmatch(r"\d{6}", message["payload"].pop("code"))
    assert message == {
        "to": "ada@example.com",
        "type": "SignIn",
        "payload": {"locale": "en", "application": {"id": "web", "name": "Web shop"}},
        "ip": "::ffff:127.0.0.1",
    }
    assert headers == {
        "host": urlsplit(lab.logto.connector_endpoint).netloc,
        "user_agent": "got (https://github.com/sindresorhus/got)",
        "authorization": "Bearer connector",
        "accept_encoding": "gzip, deflate, br",
        "connection": "keep-alive",
    }


def test_a_browser_that_is_signed_in_gets_its_code_at_once(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    assert "code" in answer(lab.authorize(browser, login_hint="somebody@else.example"))
    assert len(lab.connector.messages) == 1


def test_the_cookies_are_logtos_and_closed_to_scripts(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    assert {cookie.name for cookie in browser.cookies.jar} == {"_session", "_interaction"}
    set_cookie = lab.authorize(lab.browser()).headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Secure" not in set_cookie


def test_two_applications_can_sign_in_at_once_in_one_browser(lab: Lab) -> None:
    browser = lab.browser()
    first = lab.ask_for_code(browser)
    code = lab.connector.code
    lab.authorize(browser, client_id="other", redirect_uri=OTHER.redirect_uris[0])
    assert browser.get("/sign-in?app_id=other").status_code == 200
    assert "/oidc/auth/" in browser.post(first, data={"code": code}).headers["location"]


def test_the_sign_in_of_another_browser_cannot_be_finished(lab: Lab) -> None:
    victim = lab.browser()
    code_page = lab.ask_for_code(victim)
    resume = victim.post(code_page, data={"code": lab.connector.code}).headers["location"]
    assert lab.browser().get(resume).status_code == 400
    assert lab.browser().get(code_page).status_code == 400
    assert "code" in answer(victim.get(resume))
    assert victim.get(resume).status_code == 400


def test_every_request_is_recorded(lab: Lab) -> None:
    lab.tokens()
    lab.logto.requests.clear()
    lab.userinfo(secrets.token_urlsafe())
    assert lab.logto.requests == [("GET", "/oidc/me")]
