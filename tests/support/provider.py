"""A provider that breaks one rule at a time, and what that must come to."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import boto3

from local import aws
from local.logto import EmbeddedLogto
from local.stack import Stack
from tests.support.browser import Browser

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Json = dict[str, Any]
Pairs = list[tuple[str, str]]

SESSION_COOKIE = "__Host-session"


def logto_of(stack: Stack) -> EmbeddedLogto:
    """The embedded provider, which every stack of these tests has."""
    assert stack.logto is not None
    return stack.logto


def assert_signed_in(browser: Browser, email: str = "ada@example.com") -> None:
    """The browser is on a page of the app, and the session is the one of this address at the provider."""
    assert browser.page.status_code == 200, error_code(browser.page.text)
    answer = browser.session()
    assert answer.status_code == 200
    known = {user.id: user.email for user in logto_of(browser.stack).users.values()}
    assert known[answer.json()["user"]["id"]] == answer.json()["user"]["email"] == email


def assert_refused(browser: Browser, code: str, status: int = 400, *, userinfo: bool = False) -> None:
    """The page names the fault, and nobody is signed in: no cookie, no session, nothing stored.

    The suite fails a client that goes on to userinfo with tokens that it has to refuse.
    """
    assert error_code(browser.page.text) == code
    assert browser.page.status_code == status
    assert SESSION_COOKIE not in browser.cookies
    assert browser.session().status_code == 401
    assert stored_sessions(browser.stack) == []
    assert (("GET", "/oidc/me") in logto_of(browser.stack).requests) == userinfo


def error_code(html: str) -> str:
    """The code that an error page shows."""
    found = re.search(r"Error <code>([a-z_]+)</code>", html)
    return found[1] if found else ""


def stored_sessions(stack: Stack) -> list[Json]:
    """Every session in the table that was not ended."""
    sessions = [item for item in stored_items(stack) if item["sk"]["S"].startswith("s#")]
    return [item for item in sessions if "ended_by" not in item]


def stored_items(stack: Stack) -> list[Json]:
    """Everything in the table."""
    with closing(aws_client(stack, "dynamodb")) as dynamodb:
        items: list[Json] = dynamodb.scan(TableName="Table", ConsistentRead=True)["Items"]
        return items


def empty_table(stack: Stack) -> None:
    """Forget everything that was stored."""
    with closing(aws_client(stack, "dynamodb")) as dynamodb:
        for item in stored_items(stack):
            dynamodb.delete_item(TableName="Table", Key={"pk": item["pk"], "sk": item["sk"]})


def write_secret(stack: Stack, name: str, value: object) -> None:
    """Rotate a secret at AWS, behind the functions' backs."""
    text = value if isinstance(value, str) else json.dumps(value)
    with closing(aws_client(stack, "secretsmanager")) as manager:
        manager.put_secret_value(SecretId=name, SecretString=text)


def read_secret(stack: Stack, name: str) -> Json:
    """Read a secret at AWS."""
    with closing(aws_client(stack, "secretsmanager")) as manager:
        value: Json = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
        return value


def aws_client(stack: Stack, service: str) -> Any:
    """A client that goes to the stand-in itself, whatever the functions are made to believe."""
    return boto3.client(service, endpoint_url=stack.aws_url, region_name=aws.REGION)


def replaced(name: str, value: str | None) -> Callable[[Pairs], Pairs]:
    """A hook for the authorization response: another value for a parameter, or none at all."""
    new = [] if value is None else [(name, value)]
    return lambda pairs: [pair for pair in pairs if pair[0] != name] + new


def changed(**claims: object) -> Callable[[Json], Json]:
    """A hook for claims: other values, `None` taking a claim out."""
    return lambda given: {name: value for name, value in (given | claims).items() if value is not None}


def compact(header: Json, claims: Json, signer: Callable[[bytes], bytes]) -> str:
    """A JWS (RFC 7515 7.1) that no decent library would make."""
    signed = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    return f"{signed}.{_encoded(signer(signed.encode()))}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Recorded:
    """One request as it reached the provider."""

    method: str
    path: str
    authorization: str
    form: dict[str, str]


class Front:
    """Stands before the provider: writes requests down, and lets paths have other names."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app
        self.recorded: list[Recorded] = []
        self.names: dict[str, str] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ["PATH_INFO"]
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        form = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
        self.recorded.append(Recorded(environ["REQUEST_METHOD"], path, authorization, form))
        environ["PATH_INFO"] = self.names.get(path, path)
        return self.app(environ, start_response)

    def requests(self, path: str) -> list[Recorded]:
        """The requests to one path."""
        return [request for request in self.recorded if request.path == path]
