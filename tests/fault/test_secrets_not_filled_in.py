"""A secret still holds its placeholder, or something else that is none."""

import json
from collections.abc import Callable, Iterator

import pytest

from local.stack import Stack
from passerelle import runtime
from passerelle.kept import FAILURE_SECONDS
from tests.fault.conftest import LetPass
from tests.fault.places import ADDRESS, CODE, ask_for_delivery
from tests.support.browser import Browser
from tests.support.journal import Json, refusal
from tests.support.provider import error_code, read_secret, write_secret

Write = Callable[[str, object], None]

LOGTO_PLACEHOLDER = {"clientId": "", "clientSecret": ""}
MAILGUN_PLACEHOLDER = {"domain": "", "apiKey": "", "from": ""}


@pytest.fixture
def write(stack: Stack) -> Iterator[Write]:
    """Write a secret; all are put back afterwards."""
    before: dict[str, Json] = {}

    def write(name: str, value: object) -> None:
        before[name] = read_secret(stack, name)
        write_secret(stack, name, value)
        runtime.forget()

    yield write
    for name, value in before.items():
        write_secret(stack, name, value)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (LOGTO_PLACEHOLDER, "clientId"),
        ({"clientId": "passerelle", "clientSecret": ""}, "clientSecret"),
        ({}, "clientSecret"),
        ("change me", "LogtoSecret"),
        ("[]", "LogtoSecret"),
    ],
    ids=str,
)
def test_a_logto_secret_without_content_is_named_in_the_log(
    write: Write, browser: Browser, journal: list[Json], value: object, named: str
) -> None:
    write("LogtoSecret", value)
    page = browser.get("/login")
    assert (page.status_code, error_code(page.text)) == (500, "secret_invalid")
    assert (refusal(journal)["level"], refusal(journal)["code"]) == ("ERROR", "secret_invalid")
    assert "Logto" in refusal(journal)["reason"]
    assert named in refusal(journal)["reason"]
    assert browser.cookies == {}


@pytest.mark.parametrize(
    "value", [{"key": ""}, {"keys": []}, {"keys": "x"}, {}, "x", {"key": "short"}], ids=str
)
def test_a_key_secret_without_content_is_named_in_the_log(
    write: Write, browser: Browser, journal: list[Json], value: object
) -> None:
    write("KeysSecret", value)
    page = browser.get("/login")
    assert (page.status_code, error_code(page.text)) == (500, "secret_invalid")
    assert "key" in refusal(journal)["reason"].lower()


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("ConnectorSecret", {"token": ""}, "connector"),
        ("ConnectorSecret", {"tokens": ["too-short"]}, "connector"),
        ("ConnectorSecret", "x", "ConnectorSecret"),
        ("MailgunSecret", MAILGUN_PLACEHOLDER, "Mailgun secret: domain"),
        ("MailgunSecret", {"domain": "mg.example.test", "apiKey": "", "from": "a@b.test"}, "apiKey"),
        ("MailgunSecret", "x", "MailgunSecret"),
    ],
    ids=str,
)
def test_a_secret_without_which_no_code_is_sent_is_named_in_the_log(
    stack: Stack, write: Write, journal: list[Json], name: str, value: object, named: str
) -> None:
    write(name, value)
    answer = ask_for_delivery(stack)
    assert (answer.status_code, answer.json()["code"]) == (500, "secret_invalid")
    assert named in refusal(journal)["reason"]
    assert CODE not in answer.text + json.dumps(journal)
    assert ADDRESS not in answer.text + json.dumps(journal)


def test_filling_it_in_is_enough(write: Write, stack: Stack, browser: Browser, let_pass: LetPass) -> None:
    good = read_secret(stack, "LogtoSecret")
    write("LogtoSecret", LOGTO_PLACEHOLDER)
    assert browser.get("/login").status_code == 500
    write_secret(stack, "LogtoSecret", good)
    let_pass(FAILURE_SECONDS)
    assert browser.sign_in().status_code == 200
