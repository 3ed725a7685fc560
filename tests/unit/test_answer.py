"""Each row of Mailgun's own list of answers, and what it means."""

import json
from email.utils import formatdate

import pytest

from passerelle.errors import MailerUnavailable, MessageRefused, Misconfigured
from passerelle.otp.answer import judged
from tests.support.doubles import NOW


def said(message: str) -> str:
    return json.dumps({"message": message})


ROWS = [
    (200, '{"id":"<1@mg.example>","message":"Queued. Thank you."}', "accepted"),
    (200, "Mailgun Magnificent API", "answer_unexpected"),
    (200, said("Queued. Thank you."), "answer_unexpected"),
    (200, '{"id":""}', "answer_unexpected"),
    (200, '{"id":7}', "answer_unexpected"),
    (200, "[1]", "answer_unexpected"),
    (200, "[" * 100_000, "answer_unexpected"),
    (202, '{"id":"<1@mg.example>"}', "answer_unexpected"),
    (302, "", "answer_unexpected"),
    (400, said("to parameter is not a valid address. please check documentation"), "recipient_invalid"),
    (400, said("'to' parameter is not a valid address"), "recipient_invalid"),
    (400, said("Need at least one of 'text' or 'html' parameters specified"), "message_invalid"),
    (400, said("Only one parameters 'html' or 'template' is allowed"), "template_invalid"),
    (400, said("from parameter is not a valid address"), "message_invalid"),
    (400, said("Domain x is not allowed to send: Sandbox subdomains are for test purposes only. "
               "Please add your own domain or add the address to authorized recipients"),
     "sandbox_recipient_not_authorised"),
    (403, said("Domain x is not allowed to send: Free accounts are for test purposes only."),
     "sandbox_recipient_not_authorised"),
    (400, said("Domain x is not allowed to send: The domain is unverified and requires DNS configuration."),
     "domain_unverified"),
    (400, said("Domain x is not allowed to send: Please activate your Mailgun account."), "account_inactive"),
    (403, said("Domain x is disabled"), "domain_disabled"),
    (400, "not JSON", "message_invalid"),
    (401, "Forbidden", "mailgun_auth_failed"),
    (402, said("Request failed"), "account_limited"),
    (403, said("Domain x is not allowed to send large batches yet"), "sending_refused"),
    (403, said("Rejected: IP 192.0.2.1"), "sending_refused"),
    (404, said("Domain not found: x"), "domain_not_found"),
    (413, "", "message_invalid"),
    (418, "", "answer_unexpected"),
    (429, said("Domain x is not allowed to send: request limit exceeded"), "mailgun_rate_limited"),
    (500, "<html>", "mailer_unavailable"),
    (503, '{"id":"x"}', "mailer_unavailable"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "cause"), ROWS)
def test_every_answer_has_its_cause(status: int, body: str, cause: str) -> None:
    verdict = judged(status, body)
    assert verdict.cause == cause
    assert verdict.is_accepted == (cause == "accepted")
    assert verdict.is_passing == (status == 429 or status >= 500)


def test_an_accepted_message_has_mailgun_s_id() -> None:
    assert judged(200, '{"id":"<1@mg.example>"}').message_id == "<1@mg.example>"


@pytest.mark.parametrize(
    ("message", "at"),
    [
        (f"recipient limit exceeded, try again after {formatdate(NOW + 40, usegmt=True)}", NOW + 40),
        (f"bytes limit exceeded, try again after {formatdate(NOW + 40)}.", NOW + 40),
        ("request limit exceeded, try again after tomorrow", None),
        ("request limit exceeded, try again after Mon, 99 Nonsense 2026", None),
        ("request limit exceeded", None),
    ],
)
def test_mailgun_may_say_when_to_ask_again(message: str, at: float | None) -> None:
    assert judged(429, said(message)).again_at == at
    assert judged(429, message).again_at == at


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, said("to parameter is missing"), MessageRefused, "message_refused"),
        (401, "Forbidden", Misconfigured, "delivery_failed"),
        (429, "", MailerUnavailable, "mailer_unavailable"),
        (500, "", MailerUnavailable, "mailer_unavailable"),
    ],
)
def test_errors_name_the_cause_for_the_log_and_say_nothing_in_their_code(
    status: int, body: str, kind: type, code: str
) -> None:
    verdict = judged(status, body)
    error = verdict.error(status)
    assert (type(error), error.code) == (kind, code)
    assert error.reason == f"Mailgun answered {status}: {verdict.cause}"
