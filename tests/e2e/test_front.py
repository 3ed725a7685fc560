"""Behind CloudFront no route answers whoever goes round it, and all of them answer CloudFront."""

from collections.abc import Iterator
from hashlib import sha256

import httpx
import pytest

from local.config import Config
from local.stack import TEMPLATE, Stack
from local.template import Route, Template
from passerelle import runtime

TOKEN = "the-token-of-cloudfront"
ROUTES = Template(TEMPLATE, {"LogtoIssuer": "https://id.example/oidc"}).routes()


@pytest.fixture(scope="module")
def fronted() -> Iterator[Stack]:
    with Stack(Config.ephemeral(FrontSecretSha256=sha256(TOKEN.encode()).hexdigest())) as stack:
        runtime.forget()
        yield stack


def ask(stack: Stack, route: Route, **headers: str) -> httpx.Response:
    path = route.path.replace("{id}", "an-id")
    return httpx.request(route.method, stack.app_url + path, headers=headers)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_answers_by_way_of_cloudfront_only(fronted: Stack, route: Route) -> None:
    for headers in ({}, {"x-passerelle-front": "a-guess"}, {"cloudfront-viewer-address": "198.51.100.7:1"}):
        answer = ask(fronted, route, **headers)
        assert answer.status_code in (400, 403)
        assert "not_through_front" in answer.text
    assert "not_through_front" not in ask(fronted, route, **{"X-Passerelle-Front": TOKEN}).text


def test_a_sign_in_starts_by_way_of_cloudfront(fronted: Stack) -> None:
    [login] = [route for route in ROUTES if route.path == "/login"]
    answer = ask(fronted, login, **{"x-passerelle-front": TOKEN})
    assert answer.headers["location"].startswith(fronted.issuer)
