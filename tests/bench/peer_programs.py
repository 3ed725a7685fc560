"""Auth.js and Logto's Mailgun connector as programs to measure, with sign-ins made through them."""

import json
import secrets
import shutil
import subprocess
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urljoin

import boto3
import httpx

from local.aws import CREDENTIALS, REGION
from local.logto import Client
from local.stack import EMBEDDED_DOMAIN, Stack
from local.template import Route
from tests.bench.built import BUILD, ROOT, CannotMeasure, once
from tests.bench.deployed import WARM, Subject, lambda_variables
from tests.bench.events import event, send_otp, somebody
from tests.bench.runtime_api import Event, Program, Running
from tests.support.browser import Browser

SOURCES = ROOT / "tests/bench/peers"
FOLDER = BUILD / "peers"
TABLE = "next-auth"
ROUTE = Route("ANY", "/auth/{proxy+}", "Auth")


def build() -> None:
    """Install the pinned packages and bundle each program into one file."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise CannotMeasure("there is no Node.js with npm, which the peers run on")
    once("peers", list(SOURCES.iterdir()), node, lambda: _install(npm))


def _install(npm: str) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(SOURCES, FOLDER)
    for arguments in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "bundle"]):
        result = subprocess.run([npm, *arguments], cwd=FOLDER, capture_output=True, text=True)
        if result.returncode:
            raise CannotMeasure(f"npm {' '.join(arguments)} failed:\n{result.stderr[-2000:]}")


class Peers:
    """Both programs beside a running stack; `auth` also runs in a process that sign-ins are prepared with."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        assert stack.logto is not None
        client = Client(
            id="authjs",
            secret=secrets.token_urlsafe(24),
            name="Auth.js",
            redirect_uris=(f"{stack.app_url}/auth/callback/logto",),
        )
        stack.logto.clients[client.id] = client
        _create_table(stack.aws_url)
        self._auth = self._program(
            "auth",
            LOGTO_ISSUER=stack.issuer,
            AUTH_LOGTO_ID=client.id,
            AUTH_LOGTO_SECRET=client.secret,
            AUTH_SECRET=secrets.token_urlsafe(32),
            TABLE_NAME=TABLE,
        )
        self._helper = Running(self._auth)

    def __enter__(self) -> Self:
        self._helper.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._helper.__exit__(kind, error, trace)

    def subjects(self) -> list[Subject]:
        """The peer of each of our functions that has one, named as ours with `peer ` before it."""
        prepare = {
            "session": (self._session_events, 200),
            "login": (lambda count: [self._person().start_event() for _ in range(count)], 302),
            "callback": (lambda count: [self._person().callback_event() for _ in range(count)], 302),
            "logout": (lambda count: [self._person().sign_out_event() for _ in range(count)], 302),
        }
        subjects = [
            Subject(f"peer {name}", self._auth, make, status, WARM[name])
            for name, (make, status) in prepare.items()
        ]
        return [*subjects, self._send_otp()]

    def invoke(self, incoming: Event) -> Any:
        """Answer in the helping process."""
        return self._helper.invoke(incoming)

    def _person(self) -> "_Person":
        return _Person(self)

    def _session_events(self, count: int) -> list[Event]:
        return [self._person().signed_in().session_event()] * count

    def _send_otp(self) -> Subject:
        assert self.stack.mailgun is not None
        key = self.stack.mailgun.api_key
        program = self._program(
            "send_otp",
            MAILGUN_ENDPOINT=self.stack.mailgun_url,
            MAILGUN_DOMAIN=EMBEDDED_DOMAIN,
            MAILGUN_API_KEY=key,
            MAILGUN_FROM=f"Passerelle <sign-in@{EMBEDDED_DOMAIN}>",
            SEND_OTP_TOKEN=self.stack.send_otp_token,
        )
        route = Route("POST", "/send-otp", "SendOtp")
        return Subject(
            "peer send_otp",
            program,
            lambda count: [event(send_otp(self.stack), route) for _ in range(count)],
            200,
            WARM["send_otp"],
        )

    def _program(self, bundle: str, **variables: str) -> Program:
        node = shutil.which("node")
        assert node is not None
        environment = {
            **lambda_variables(bundle, 512),
            "NODE_ENV": "production",
            "PUBLIC_BASE_URL": self.stack.app_url,
            "AWS_ENDPOINT_URL": self.stack.aws_url,
            "PEER_BUNDLE": str(FOLDER / "dist" / f"{bundle}.mjs"),
            **variables,
        }
        return Program((node, "loop.mjs"), FOLDER, environment)


class _Browser(Browser):
    def _follow(self, response: httpx.Response, until: str | None = None) -> httpx.Response:
        return super()._follow(response, until and "/auth/callback/logto")


class _Person:
    """One browser in front of Auth.js."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._url = peers.stack.app_url
        self._cookies: dict[str, str] = {}

    def start_event(self) -> Event:
        return self._post("/auth/signin/logto")

    def callback_event(self) -> Event:
        location = self._open(self.start_event())["headers"]["location"]
        with _Browser(self._peers.stack) as browser:
            url = browser.stop_at_callback(somebody(), location)
        return self._event("GET", url)

    def signed_in(self) -> Self:
        answer = self._open(self.callback_event())
        assert any("session-token" in name for name in self._cookies), answer
        return self

    def session_event(self) -> Event:
        return self._event("GET", "/auth/session")

    def sign_out_event(self) -> Event:
        return self.signed_in()._post("/auth/signout")

    def _post(self, path: str) -> Event:
        token = json.loads(self._open(self._event("GET", "/auth/csrf"))["body"])["csrfToken"]
        return self._event("POST", path, {"csrfToken": token, "callbackUrl": self._url})

    def _open(self, incoming: Event) -> Any:
        answer = self._peers.invoke(incoming)
        assert answer["statusCode"] in {200, 302}, answer
        for line in answer["cookies"]:
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return answer

    def _event(self, method: str, url: str, form: dict[str, str] | None = None) -> Event:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers |= {"content-type": "application/x-www-form-urlencoded", "origin": self._url}
        content = urlencode(form).encode() if form is not None else None
        return event(httpx.Request(method, urljoin(self._url, url), headers=headers, content=content), ROUTE)


def _create_table(endpoint: str) -> None:
    """The table that the adapter's documentation asks for."""
    keys = ("pk", "sk", "GSI1PK", "GSI1SK")
    boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    ).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=_key("pk", "sk"),
        GlobalSecondaryIndexes=[
            {"IndexName": "GSI1", "KeySchema": _key(*keys[2:]), "Projection": {"ProjectionType": "ALL"}}
        ],
    )


def _key(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def versions() -> dict[str, str]:
    """The peers' packages and their pinned versions."""
    found: dict[str, str] = json.loads((SOURCES / "package.json").read_text())["dependencies"]
    return found
