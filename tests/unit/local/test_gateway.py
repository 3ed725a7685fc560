"""Events as API Gateway's payload 2.0 documents them, and responses as it understands them."""

import base64
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.gateway import BODY_LIMIT, Gateway
from local.serving import PortTaken, Server
from local.template import Function, Route

ECHO = """
def handler(event, context):
    return {"event": event, "left": context.get_remaining_time_in_millis(), "name": context.function_name}
"""
ANSWERS = """
import base64

ANSWERS = {
    "/full": {"statusCode": "201", "headers": {"X-A": "1", "X-N": 2}, "body": "é", "cookies": ["a=1", "b=2"]},
    "/binary": {
        "statusCode": 200,
        "headers": {"Content-Type": "image/png"},
        "body": base64.b64encode(bytes(range(256))).decode(),
        "isBase64Encoded": True,
    },
    "/bare": {"statusCode": 204},
    "/text": "hello",
    "/junk": {"statusCode": "many"},
    "/object": {"x": object()},
    "/header": {"statusCode": 200, "headers": {"X": ["a", "b"]}},
    "/split": {"statusCode": 200, "headers": {"X": "a\\r\\nSet-Cookie: b=c"}},
}


def handler(event, context):
    if event["rawPath"] == "/exits":
        raise SystemExit(1)
    return ANSWERS[event["rawPath"]]
"""
ROUTES = [
    Route("ANY", "$default", "Echo"),
    Route("ANY", "/things/{proxy+}", "Echo"),
    Route("GET", "/things/{id}", "Echo"),
    Route("GET", "/things/new", "Echo"),
    Route("POST", "/echo", "Echo"),
]


def _function(folder: Path, name: str, code: str) -> Function:
    file = folder / name / "app.py"
    file.parent.mkdir()
    file.write_text(code)
    return Function(name, file, "handler", {}, timeout=10, memory=512)


def _client(app: Gateway) -> httpx.Client:
    return httpx.Client(transport=httpx.WSGITransport(app), base_url="http://localhost:3000")


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[httpx.Client]:
    with _client(Gateway(ROUTES, {"Echo": _function(tmp_path, "Echo", ECHO)})) as client:
        yield client


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[httpx.Client]:
    routes = [Route("GET", "/{path}", "Answers")]
    with _client(Gateway(routes, {"Answers": _function(tmp_path, "Answers", ANSWERS)})) as client:
        yield client


def _event(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200
    event: dict[str, Any] = answer.json()["event"]
    return event


def test_an_event_has_the_documented_shape(echo: httpx.Client) -> None:
    before = int(time.time() * 1000)
    event = _event(
        echo.post(
            "/echo?a=1&a=2&b=x%20y&c=",
            content='{"k": 1}',
            headers=[
                ("Content-Type", "application/json"),
                ("Cookie", "one=1; two=2"),
                ("User-Agent", "tester"),
                ("X-Mixed", "Case"),
            ],
        )
    )
    context = event.pop("requestContext")
    assert event.pop("headers") == {
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "connection": "keep-alive",
        "content-length": "8",
        "content-type": "application/json",
        "host": "localhost:3000",
        "user-agent": "tester",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": "3000",
        "x-forwarded-proto": "http",
        "x-mixed": "Case",
    }
    assert event == {
        "version": "2.0",
        "routeKey": "POST /echo",
        "rawPath": "/echo",
        "rawQueryString": "a=1&a=2&b=x%20y&c=",
        "cookies": ["one=1", "two=2"],
        "queryStringParameters": {"a": "1,2", "b": "x y", "c": ""},
        "body": '{"k": 1}',
        "isBase64Encoded": False,
    }
    assert context.pop("timeEpoch") >= before
    assert context.pop("time").endswith(" +0000")
    assert context.pop("requestId")
    assert context == {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": "localhost",
        "domainPrefix": "localhost",
        "http": {
            "method": "POST",
            "path": "/echo",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "tester",
        },
        "routeKey": "POST /echo",
        "stage": "$default",
    }


def test_fields_without_content_are_absent(echo: httpx.Client) -> None:
    event = _event(echo.get("/things/new"))
    assert not event.keys() & {"body", "cookies", "queryStringParameters", "pathParameters", "stageVariables"}
    assert event["rawQueryString"] == ""
    assert event["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"\xff\x00", "application/octet-stream"),
        (b"\xff\x00", "application/json"),
        (b"a=1", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_not_text_arrives_in_base64(
    echo: httpx.Client, content: bytes, content_type: str
) -> None:
    event = _event(echo.post("/echo", content=content, headers={"Content-Type": content_type}))
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == content


@pytest.mark.parametrize(
    ("method", "path", "key", "variables"),
    [
        ("GET", "/things/new", "GET /things/new", None),
        ("GET", "/things/7", "GET /things/{id}", {"id": "7"}),
        ("GET", "/things/7/parts", "ANY /things/{proxy+}", {"proxy": "7/parts"}),
        ("PUT", "/things/7", "ANY /things/{proxy+}", {"proxy": "7"}),
        ("GET", "/echo", "$default", None),
    ],
)
def test_the_most_specific_route_is_taken(
    echo: httpx.Client, method: str, path: str, key: str, variables: dict[str, str] | None
) -> None:
    event = _event(echo.request(method, path))
    assert event["routeKey"] == key
    assert event.get("pathParameters") == variables


def test_the_context_knows_the_timeout(echo: httpx.Client) -> None:
    answer = echo.post("/echo").json()
    assert 9000 < answer["left"] <= 10000
    assert answer["name"] == "Echo"


def test_a_full_response_becomes_http(answers: httpx.Client) -> None:
    answer = answers.get("/full")
    assert (answer.status_code, answer.text) == (201, "é")
    assert (answer.headers["X-A"], answer.headers["X-N"]) == ("1", "2")
    assert answer.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_base64_response_is_decoded(answers: httpx.Client) -> None:
    assert answers.get("/binary").content == bytes(range(256))


def test_a_response_needs_no_body(answers: httpx.Client) -> None:
    answer = answers.get("/bare")
    assert (answer.status_code, answer.content) == (204, b"")


def test_what_has_no_status_is_taken_for_json(answers: httpx.Client) -> None:
    answer = answers.get("/text")
    assert (answer.status_code, answer.json()) == (200, "hello")
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/junk", "/object", "/header", "/split", "/raises", "/exits"])
def test_a_faulty_handler_is_an_internal_error(
    answers: httpx.Client, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answers.get(path)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "Traceback" in capsys.readouterr().err


def test_an_unknown_route_is_not_found(answers: httpx.Client) -> None:
    for answer in (answers.get("/a/b"), answers.post("/full")):
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_body_over_the_limit_is_refused(echo: httpx.Client) -> None:
    assert echo.post("/echo", content=b"x" * (BODY_LIMIT + 1)).status_code == 413


def test_a_server_answers_until_it_is_closed(tmp_path: Path) -> None:
    gateway = Gateway([Route("ANY", "$default", "Echo")], {"Echo": _function(tmp_path, "Echo", ECHO)})
    server = Server(gateway, "localhost", 0)
    server.start()
    try:
        headers = [("X-Twice", "1"), ("X-Twice", "2")]
        answer = httpx.get(f"{server.url}/x", headers=headers, trust_env=False)
        assert _event(answer)["headers"]["x-twice"] == "1,2"
    finally:
        server.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            Server(Gateway([], {}), "127.0.0.1", port)
    assert raised.value.port == port
