"""Events of API Gateway become requests, and whatever happens becomes an answer."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import (
    BodyTooLarge,
    CrossSiteRequest,
    InvalidRequest,
    Misconfigured,
    NotSignedIn,
    PasserelleError,
    SignInRefused,
)
from passerelle.web import (
    SECURITY_HEADERS,
    Request,
    Response,
    demand_same_origin,
    drop_cookie,
    endpoint,
    json_response,
    redirect,
    set_cookie,
)

BASE_URL = "https://app.example"


def event(**changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "version": "2.0",
        "rawPath": "/x",
        "rawQueryString": "a=1",
        "headers": {"accept": "*/*"},
        "requestContext": {"requestId": "r-1", "domainName": "api.example", "http": {"method": "GET"}},
        "isBase64Encoded": False,
    }
    return {name: value for name, value in (made | changed).items() if value is not ...}


def parsed(**changed: Any) -> Request:
    seen: list[Request] = []

    @endpoint
    def handler(request: Request) -> Response:
        seen.append(request)
        return json_response({})

    assert handler(event(**changed), None)["statusCode"] == 200
    return seen[0]


def failing(error: Exception, accept: str = "*/*") -> dict[str, Any]:
    @endpoint
    def handler(_: Request) -> Response:
        raise error

    return handler(event(headers={"accept": accept}), None)


def test_reads_method_path_query_and_domain() -> None:
    request = parsed()
    assert (request.method, request.path, request.query) == ("GET", "/x", "a=1")
    assert request.base_url("") == "https://api.example"
    assert request.base_url(BASE_URL) == BASE_URL


def test_reads_cookies_from_where_api_gateway_puts_them_and_from_where_sam_leaves_them() -> None:
    expected = {"a": "1", "b": "2=3", "c": ""}
    assert parsed(cookies=["a=1", "b=2=3", "c"]).cookies == expected
    assert parsed(headers={"Cookie": "a=1; b=2=3; c"}).cookies == expected
    assert parsed(cookies=["a=1", "a=2"]).cookies == {"a": "1"}  # the first of a name counts


def test_header_names_are_lower_case_whatever_sent_them() -> None:
    request = parsed(headers={"Sec-Fetch-Site": "none", "ACCEPT": "text/html"})
    assert request.headers["sec-fetch-site"] == "none"
    assert request.wants_html


@pytest.mark.parametrize(
    "changed", [{"headers": None}, {"headers": ...}, {"rawQueryString": ...}, {"cookies": None}]
)
def test_does_without_what_an_event_may_lack(changed: dict[str, Any]) -> None:
    assert parsed(**changed).method == "GET"


@pytest.mark.parametrize(
    ("accept", "html", "json_"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", True, False),
        ("application/json", False, True),
        ("text/html, application/json", True, False),
        ("*/*", False, False),
        ("", False, False),
    ],
)
def test_knows_who_waits_for_the_answer(accept: str, html: bool, json_: bool) -> None:
    request = parsed(headers={"accept": accept})
    assert (request.wants_html, request.wants_json) == (html, json_)


@given(st.binary(max_size=64))
def test_reads_a_body_in_base64(body: bytes) -> None:
    assert parsed(body=b64encode(body).decode(), isBase64Encoded=True).body(64) == body


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=64))
def test_reads_a_body_in_clear(body: str) -> None:
    assert parsed(body=body).body(1000) == body.encode()


def test_a_body_has_a_limit_in_bytes() -> None:
    for body, encoded in (("é" * 50, False), (b64encode(b"a" * 100).decode(), True)):
        assert len(parsed(body=body, isBase64Encoded=encoded).body(100)) == 100
        with pytest.raises(BodyTooLarge):
            parsed(body=body, isBase64Encoded=encoded).body(99)
    with pytest.raises(BodyTooLarge):
        parsed(body="a" * 10_000).body(100)


@pytest.mark.parametrize("body", ["!", "AAA", "é", "AA==\nAA=="])
def test_a_body_that_is_not_what_it_says_is_refused(body: str) -> None:
    with pytest.raises(InvalidRequest):
        parsed(body=body, isBase64Encoded=True).body(100)


@pytest.mark.parametrize(
    ("site", "origin", "ours"),
    [
        ("same-origin", None, True),
        ("same-origin", "https://evil.example", True),
        ("same-site", BASE_URL, False),
        ("cross-site", BASE_URL, False),
        ("none", BASE_URL, False),
        ("", BASE_URL, False),
        ("Same-Origin", BASE_URL, False),
        ("same-origin, cross-site", BASE_URL, False),
        (None, BASE_URL, True),
        (None, f"{BASE_URL}/", False),
        (None, "http://app.example", False),
        (None, "https://app.example:8443", False),
        (None, "https://app.example.evil.example", False),
        (None, "https://sub.app.example", False),
        (None, "null", False),
        (None, "", False),
        (None, None, False),
    ],
)
def test_only_our_own_pages_change_state(site: str | None, origin: str | None, ours: bool) -> None:
    named = {"sec-fetch-site": site, "origin": origin, "referer": BASE_URL}
    request = parsed(headers={name: value for name, value in named.items() if value is not None})
    if ours:
        demand_same_origin(request, BASE_URL)
    else:
        with pytest.raises(CrossSiteRequest):
            demand_same_origin(request, BASE_URL)


def test_a_program_gets_a_problem_with_a_code_and_no_reason() -> None:
    answer = failing(SignInRefused("nonce_mismatch", reason="the reason"))
    assert answer["statusCode"] == 400
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"]) == {
        "title": SignInRefused.title,
        "status": 400,
        "code": "nonce_mismatch",
        "correlation_id": "r-1",
    }


def test_a_person_gets_a_page_with_the_same_code_and_id() -> None:
    answer = failing(SignInRefused("nonce_mismatch", reason="the reason"), "text/html")
    assert answer["headers"]["content-type"].startswith("text/html")
    assert "nonce_mismatch" in answer["body"]
    assert "r-1" in answer["body"]
    assert "the reason" not in answer["body"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "error", [ValueError("the-secret"), KeyError("the-secret"), RecursionError("the-secret")]
)
def test_a_crash_becomes_a_neutral_answer(error: Exception, accept: str) -> None:
    answer = failing(error, accept)
    assert answer["statusCode"] == 500
    assert "internal_error" in answer["body"]
    assert "the-secret" not in json.dumps(answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"requestContext": ...},
        {"requestContext": None},
        {"requestContext": {}},
        {"rawPath": ...},
        {"headers": {"a": None}, "cookies": [None]},
        {"headers": "x"},
        {"cookies": 5},
    ],
)
def test_a_handler_never_raises(changed: dict[str, Any]) -> None:
    handler = endpoint(lambda _: json_response({}))
    assert handler(event(**changed), None)["statusCode"] in {200, 500}


@pytest.mark.parametrize("error", [PasserelleError(), Misconfigured(), NotSignedIn(), ValueError()])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_has_the_security_headers(error: Exception, accept: str) -> None:
    headers = failing(error, accept)["headers"]
    assert SECURITY_HEADERS.keys() <= headers.keys()
    for name in SECURITY_HEADERS.keys() - {"content-security-policy"}:
        assert headers[name] == SECURITY_HEADERS[name]
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_a_401_names_a_way_to_authenticate() -> None:
    assert failing(NotSignedIn())["headers"]["www-authenticate"] == "Bearer"
    assert "www-authenticate" not in failing(SignInRefused())["headers"]


def test_a_redirect_turns_into_a_get_and_leaves_nothing_in_the_next_answer() -> None:
    payload = redirect("/x", "a=b").payload()
    assert (payload["statusCode"], payload["headers"]["location"]) == (303, "/x")
    payload["headers"]["x-left"] = "1"
    assert "x-left" not in redirect("/x").payload()["headers"]
    assert redirect("/x").payload()["cookies"] == []


def test_cookies_are_out_of_reach_of_scripts_and_other_hosts() -> None:
    attributes = set_cookie("__Host-a", "b", 60).split("; ")
    assert set(attributes) == {"__Host-a=b", "Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Lax"}
    assert drop_cookie("__Host-a").split("; ")[0] == "__Host-a="
    assert "Max-Age=0" in drop_cookie("__Host-a")


def test_a_request_does_not_show_what_came_with_it() -> None:
    request = parsed(headers={"authorization": "Bearer the-token"}, cookies=["__Host-session=the-cookie"])
    assert "the-token" not in repr(request)
    assert "the-cookie" not in repr(request)
