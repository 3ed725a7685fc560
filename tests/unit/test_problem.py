"""What an error leaves behind: a way to try again, and a line in the log at the level it deserves."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from passerelle import log
from passerelle.errors import (
    BodyTooLarge,
    Misconfigured,
    NotSignedIn,
    PasserelleError,
    SignInRefused,
    StoreUnavailable,
)
from passerelle.web import Request, Response, endpoint


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    logger, stream = logging.getLogger("passerelle"), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JsonFormatter())
    kept = logger.level
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(kept)


def answer(error: Exception, method: str = "GET", query: str = "") -> dict[str, Any]:
    @endpoint
    def handler(_: Request) -> Response:
        raise error

    context = {"requestId": "r-1", "http": {"method": method}}
    event = {
        "rawPath": "/x",
        "rawQueryString": query,
        "headers": {"accept": "text/html"},
        "requestContext": context,
    }
    return handler(event, None)


@pytest.mark.parametrize(("query", "link"), [("", 'href="/x"'), ('a=1&b="', 'href="/x?a=1&amp;b=&quot;"')])
def test_what_is_unavailable_may_be_tried_again_at_the_same_address(query: str, link: str) -> None:
    assert link in answer(StoreUnavailable(), query=query)["body"]


def test_what_changes_something_is_not_offered_as_a_link() -> None:
    assert "Try again" not in answer(StoreUnavailable(), method="POST")["body"]


def test_an_error_that_knows_where_to_try_again_says_so() -> None:
    assert 'href="/login"' in answer(SignInRefused())["body"]


def test_what_is_too_large_is_told_to_be_so() -> None:
    page = answer(BodyTooLarge(), method="POST")
    assert page["statusCode"] == 413
    assert "<h1>This request is too large</h1><p>Go back and send less.</p>" in page["body"]


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (NotSignedIn(), "INFO"),
        (SignInRefused(reason="the reason"), "WARNING"),
        (StoreUnavailable(), "WARNING"),
        (Misconfigured(), "ERROR"),
        (ValueError("the-secret"), "ERROR"),
    ],
)
def test_an_error_is_logged_once_with_its_reason(lines: io.StringIO, error: Exception, level: str) -> None:
    answer(error)
    [line] = map(json.loads, lines.getvalue().splitlines())
    assert (line["level"], line["correlation_id"]) == (level, "r-1")
    if isinstance(error, PasserelleError):
        assert (line["code"], line["status"], line["reason"]) == (error.code, error.status, error.reason)
    assert "the-secret" not in lines.getvalue()
