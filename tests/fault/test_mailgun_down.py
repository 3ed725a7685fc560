"""Mailgun fails: what Logto is told is neutral, since Logto shows it to whoever is at the browser."""

import json
import time

import pytest

from local.mailgun import DROP, EmbeddedMailgun
from local.stack import EMBEDDED_DOMAIN, Stack
from passerelle import runtime
from tests.fault.places import ADDRESS, CODE, ask_for_delivery, closed_url
from tests.support.browser import Browser
from tests.support.journal import Json, refusal
from tests.support.provider import assert_signed_in, read_secret, write_secret

TELLING = {"message": f"{ADDRESS} {CODE} {EMBEDDED_DOMAIN} is not allowed"}


@pytest.fixture
def mailgun(stack: Stack) -> EmbeddedMailgun:
    assert stack.mailgun is not None
    return stack.mailgun


def assert_neutral(answer_text: str, journal: list[Json]) -> None:
    """Nothing of the message is in the answer or in the log."""
    assert set(json.loads(answer_text)) == {"title", "status", "code", "correlation_id"}
    assert EMBEDDED_DOMAIN not in answer_text
    for secret in (ADDRESS, CODE):
        assert secret not in answer_text
        assert secret not in json.dumps(journal)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ((200, {"message": "Queued. Thank you."}), 500, "delivery_failed"),
        ((200, {"id": "", "message": "Queued. Thank you."}), 500, "delivery_failed"),
        ((200, "Mailgun Magnificent API"), 500, "delivery_failed"),
        ((202, {"id": "<x@y>"}), 500, "delivery_failed"),
        ((302, ""), 500, "delivery_failed"),
        ((400, TELLING), 500, "delivery_failed"),
        ((400, {"message": f"to parameter is not a valid address: {ADDRESS}"}), 422, "message_refused"),
        ((401, "Forbidden"), 500, "delivery_failed"),
        ((402, TELLING), 500, "delivery_failed"),
        ((403, TELLING), 500, "delivery_failed"),
        ((404, {"message": f"Domain not found: {EMBEDDED_DOMAIN}"}), 500, "delivery_failed"),
        ((429, {"message": "Too many requests"}), 503, "mailer_unavailable"),
        ((500, "<html>oops</html>"), 503, "mailer_unavailable"),
        ((503, ""), 503, "mailer_unavailable"),
    ],
    ids=str,
)
def test_an_answer_other_than_accepted_becomes_a_neutral_one(
    stack: Stack,
    mailgun: EmbeddedMailgun,
    journal: list[Json],
    answer: tuple[int, str | Json],
    status: int,
    code: str,
) -> None:
    mailgun.misbehave.answer = answer
    got = ask_for_delivery(stack)
    assert (got.status_code, got.json()["status"], got.json()["code"]) == (status, status, code)
    assert_neutral(got.text, journal)
    assert str(answer[0]) in refusal(journal)["reason"] or code == "message_refused"
    assert mailgun.messages == []
    assert len(mailgun.requests) == (2 if status == 503 else 1), "what may pass is tried once more"


@pytest.mark.parametrize("fault", ["refuses", "drops", "hangs"])
def test_no_answer_in_time_is_an_outage(
    stack: Stack, mailgun: EmbeddedMailgun, journal: list[Json], short_timeout: float, fault: str
) -> None:
    before = read_secret(stack, "MailgunSecret")
    if fault == "refuses":
        write_secret(stack, "MailgunSecret", before | {"endpoint": closed_url()})
    mailgun.misbehave.drop = fault == "drops"
    mailgun.misbehave.delay = 1.5 if fault == "hangs" else 0
    ask_for_delivery(stack, "a stranger's, which warms the functions up")
    started = time.monotonic()
    got = ask_for_delivery(stack)
    took = time.monotonic() - started
    write_secret(stack, "MailgunSecret", before)
    assert (got.status_code, got.json()["code"]) == (503, "mailer_unavailable")
    assert took < short_timeout
    assert_neutral(got.text, journal)
    assert len(mailgun.requests) == (0 if fault == "refuses" else 2), "what may pass is tried once more"


def test_the_person_sees_nothing_of_the_message_and_can_ask_again(
    stack: Stack, mailgun: EmbeddedMailgun, browser: Browser
) -> None:
    mailgun.misbehave.script = [DROP, DROP, (401, TELLING)]
    browser.get("/login")
    for _ in range(2):
        page = browser.submit({"email": ADDRESS})
        assert page.status_code == 400
        assert "connector.general" in page.text
        assert "correlation_id" in page.text
        assert EMBEDDED_DOMAIN not in page.text
        assert ADDRESS not in page.text
        browser.get("/login")
    browser.sign_in(ADDRESS)
    assert_signed_in(browser, ADDRESS)


def test_a_late_answer_within_the_limit_is_waited_for(stack: Stack, mailgun: EmbeddedMailgun) -> None:
    runtime.forget()
    mailgun.misbehave.delay = 0.7
    assert ask_for_delivery(stack).status_code == 200
    assert len(mailgun.messages) == 1
