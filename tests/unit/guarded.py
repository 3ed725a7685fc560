"""A handler behind the guard, by the decorator and by the middleware: what is asked, and what is answered."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from passerelle import runtime
from passerelle.access import User, signed_in, signed_in_middleware
from passerelle.sessions import COOKIE
from tests.support.doubles import NOW, World
from tests.unit.journey import make_signing_world, sign_in

Answer = dict[str, Any]
Guarded = Callable[..., Answer]
"""Takes an event, and the options of the guard; the handler behind it answers the user's id."""

SUBJECT = "mjt0ihu0vqqh"
IDLE, ABSOLUTE = 1800, 7200
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def event(method: str = "GET", cookie: str = "", headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Make an event in payload format 2.0."""
    http = {"method": method, "path": "/x"}
    return {
        "version": "2.0",
        "rawPath": "/x",
        "rawQueryString": "a=1",
        "headers": headers or {},
        "cookies": [f"{COOKIE}={cookie}"] if cookie else [],
        "requestContext": {
            "requestId": "r-1",
            "domainName": "api.example",
            "stage": "$default",
            "http": http,
        },
        "isBase64Encoded": False,
    }


def by_decorator(event: dict[str, Any], **options: Any) -> Answer:
    """Ask a handler with `signed_in`."""

    @signed_in(**options)
    def handler(event: dict[str, Any], context: Any, user: User) -> Answer:
        return {"statusCode": 200, "body": user.id}

    answer: Answer = handler(event, None)
    return answer


def by_middleware(event: dict[str, Any], **options: Any) -> Answer:
    """Ask a handler of Powertools with `signed_in_middleware`."""
    app = APIGatewayHttpResolver()
    app.use([signed_in_middleware(**options)])

    @app.route("/x", METHODS)
    def handler() -> tuple[str, int]:
        return app.context["user"].id, 200

    answer: Answer = app.resolve(event, None)  # type: ignore[arg-type]  # Lambda's context, which nobody reads
    return answer


FLAVOURS = {"decorator": by_decorator, "middleware": by_middleware}


class Somebody:
    """A person who signed in, and the world in which that was."""

    def __init__(self, world: World, cookie: str) -> None:
        self.world, self.cookie = world, cookie
        [(self.key, self.session)] = world.store.table.sessions.items()


def sign_somebody_in(monkeypatch: pytest.MonkeyPatch, query: str = "prompt=login", **claims: Any) -> Somebody:
    """Let guards find a world in which somebody has a session."""
    world, logto = make_signing_world(SESSION_IDLE_SECONDS=str(IDLE), SESSION_ABSOLUTE_SECONDS=str(ABSOLUTE))
    monkeypatch.setattr(runtime, "services", lambda needs: world.services)
    logto.changes = {"auth_time": NOW} | claims
    return Somebody(world, sign_in(world, logto, query=query).session_cookie)


def code_of(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer["statusCode"], json.loads(answer["body"])["code"]


def headers_of(answer: Answer) -> dict[str, str]:
    """Headers by names in lower case."""
    return {name.lower(): value for name, value in answer["headers"].items()}
