"""Each way in which Mailgun can be ill, with every kind of key; nothing is sent, and nothing set off."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.mailgun import EmbeddedMailgun
from local.serving import Server
from local.stack import Stack
from passerelle.adapters import health_web
from passerelle.adapters.transport import Limits
from passerelle.health import mailgun as health_of_mailgun
from tests.support.health import found, look
from tests.support.provider import read_secret, write_secret

SENDING_KEY = "a-key-that-may-only-send"
DOMAIN = "mg.example.test"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_web, "LIMITS", Limits(connect=2, read=0.5, total=0.5))


@pytest.fixture
def mailgun(stack: Stack) -> Iterator[EmbeddedMailgun]:
    assert stack.mailgun is not None
    before = read_secret(stack, "MailgunSecret")
    stack.mailgun.sending_key = SENDING_KEY
    yield stack.mailgun
    stack.mailgun.sending_key = ""
    write_secret(stack, "MailgunSecret", before)
    stack.mailgun.clear()


@pytest.fixture
def rewrite(stack: Stack, mailgun: EmbeddedMailgun) -> Any:
    """Change members of the Mailgun secret."""
    return lambda **changed: write_secret(
        stack, "MailgunSecret", read_secret(stack, "MailgunSecret") | changed
    )


def assert_untouched(mailgun: EmbeddedMailgun) -> None:
    assert mailgun.accepted == []
    assert mailgun.calls or mailgun.requests
    assert not [path for method, path in mailgun.calls if method not in ("GET", "POST") or "verify" in path]
    assert not [each for each in mailgun.requests if each.fields]


def test_a_healthy_domain_is_healthy_and_left_alone(mailgun: EmbeddedMailgun) -> None:
    result = look("mailgun")
    assert (result.outcome, result.findings) == ("ok", ())
    assert_untouched(mailgun)
    assert mailgun.requests == []


def test_a_sending_key_cannot_tell_the_state_and_that_is_no_fault(
    mailgun: EmbeddedMailgun, rewrite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(apiKey=SENDING_KEY)
    monkeypatch.setattr(mailgun.dns["dkim"], "valid", "unknown")
    assert (look("mailgun").outcome, found("mailgun")) == ("unknown", ["domain_unreadable"])
    assert_untouched(mailgun)


def test_with_a_key_that_may_read_both_are_tried(mailgun: EmbeddedMailgun, rewrite: Any) -> None:
    rewrite(apiKey=SENDING_KEY, readApiKey=mailgun.api_key)
    assert found("mailgun") == []
    assert_untouched(mailgun)
    assert len(mailgun.requests) == 1
    rewrite(apiKey="revoked")
    assert found("mailgun") == ["mailgun_key_refused"]


@pytest.mark.parametrize(
    ("ill", "codes"),
    [
        ({"domain_state": "unverified"}, [f"domain_unverified {DOMAIN}"]),
        ({"domain_state": "disabled"}, [f"domain_disabled {DOMAIN}"]),
        ({"is_disabled": True}, [f"domain_disabled {DOMAIN}"]),
        ({"domain_type": "sandbox"}, [f"sandbox_domain {DOMAIN}"]),
        ({"elsewhere": True}, [f"mailgun_domain_not_found {DOMAIN}"]),
    ],
)
def test_the_state_of_the_domain(
    mailgun: EmbeddedMailgun, monkeypatch: pytest.MonkeyPatch, ill: dict[str, object], codes: list[str]
) -> None:
    for name, value in ill.items():
        monkeypatch.setattr(mailgun, name, value)
    assert found("mailgun") == codes
    assert_untouched(mailgun)


@pytest.mark.parametrize(
    ("name", "type_", "codes"),
    [
        ("spf", "TXT", [f"dns_record_missing {DOMAIN}"]),
        ("dkim", "TXT", [f"dns_record_missing k1._domainkey.{DOMAIN}"]),
        ("dkim", "CNAME", [f"dns_record_missing k1._domainkey.{DOMAIN}"]),
        ("tracking", "CNAME", []),
        ("mxa", "MX", []),
    ],
)
def test_a_record_that_is_not_there_is_named_with_the_value_to_set(
    mailgun: EmbeddedMailgun, monkeypatch: pytest.MonkeyPatch, name: str, type_: str, codes: list[str]
) -> None:
    record = mailgun.dns[name]
    monkeypatch.setattr(record, "valid", "unknown")
    monkeypatch.setattr(record, "record_type", type_)
    assert found("mailgun") == codes
    for finding in look("mailgun").findings:
        assert finding.more == {"type": type_, "value": record.value}
    monkeypatch.setattr(record, "is_active", False)
    assert found("mailgun") == []


def test_a_key_that_is_not_accepted(mailgun: EmbeddedMailgun, rewrite: Any) -> None:
    rewrite(apiKey="nobody-s")
    assert (look("mailgun").outcome, found("mailgun")) == ("failed", ["mailgun_key_refused"])
    rewrite(apiKey=SENDING_KEY, readApiKey="nobody-s")
    assert found("mailgun") == ["read_key_refused", "domain_unreadable"]
    assert_untouched(mailgun)


@pytest.mark.parametrize("key", ["account", SENDING_KEY])
def test_a_domain_of_the_other_region_is_found_by_asking_there(
    mailgun: EmbeddedMailgun, rewrite: Any, monkeypatch: pytest.MonkeyPatch, stack: Stack, key: str
) -> None:
    there = EmbeddedMailgun(domain=DOMAIN, api_key=mailgun.api_key, sending_key=SENDING_KEY)
    server = Server(there.app, "127.0.0.1", 0)
    server.start()
    rewrite(apiKey=SENDING_KEY if key == SENDING_KEY else mailgun.api_key)
    monkeypatch.setattr(mailgun, "elsewhere", True)
    try:
        assert found("mailgun") == [f"mailgun_domain_not_found {DOMAIN}"]
        monkeypatch.setattr(health_of_mailgun, "REGIONS", (stack.mailgun_url, server.url))
        assert found("mailgun") == [f"mailgun_other_region {DOMAIN}"]
        assert look("mailgun").findings[0].more == {"here": stack.mailgun_url, "there": server.url}
        assert there.accepted == []
        monkeypatch.setattr(there, "elsewhere", True)
        assert found("mailgun") == [f"mailgun_domain_not_found {DOMAIN}"]
    finally:
        server.close()
        there.close()


def test_the_regions_are_mailguns_own() -> None:
    assert health_of_mailgun.REGIONS == ("https://api.mailgun.net", "https://api.eu.mailgun.net")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((402, {"message": "pay"}), "mailgun_refuses account_limited"),
        (
            (403, {"message": "Domain mg.example.test is not allowed to send: unverified"}),
            "mailgun_refuses domain_unverified",
        ),
        ((500, {"message": "oops"}), "mailgun_answers_error 500"),
        ((429, {"message": "slow down"}), "mailgun_answers_error 429"),
    ],
)
def test_what_mailgun_says_to_the_key_that_sends(
    mailgun: EmbeddedMailgun, rewrite: Any, answer: Any, code: str
) -> None:
    rewrite(apiKey=SENDING_KEY)
    mailgun.misbehave.answer = answer
    assert found("mailgun") == [code]


def test_a_mailgun_that_does_not_answer_or_hangs(mailgun: EmbeddedMailgun, rewrite: Any) -> None:
    rewrite(apiKey=SENDING_KEY)
    mailgun.misbehave.drop = True
    assert found("mailgun") == ["mailgun_unreachable"]
    mailgun.misbehave.drop, mailgun.misbehave.delay = False, 1.0
    assert found("mailgun") == ["mailgun_unreachable"]
    rewrite(endpoint="http://127.0.0.1:1")
    assert found("mailgun") == ["mailgun_unreachable"]
    assert look("mailgun").outcome == "failed"


def test_an_endpoint_that_is_not_mailguns_api(mailgun: EmbeddedMailgun, rewrite: Any, stack: Stack) -> None:
    rewrite(endpoint=f"{stack.mailgun_url}/elsewhere")
    assert found("mailgun") == ["mailgun_answers_error 200"]


def test_templates_are_looked_up_where_the_key_may(
    mailgun: EmbeddedMailgun, rewrite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"subject": "s", "template": "sign-in"}
    invitation = {"subject": "Come", "html": "{{link}}", "template": "unused"}
    rewrite(
        deliveries={
            "Generic": good | {"locales": {"fr": {"template": "connexion"}}},
            "OrganizationInvitation": invitation,
        }
    )
    assert found("deliveries") == ["template_missing connexion", "template_missing sign-in"]
    monkeypatch.setenv("MAILGUN_COMPAT", "logto")
    assert found("deliveries")[-1] == "template_missing unused"
    monkeypatch.setenv("MAILGUN_COMPAT", "")
    rewrite(apiKey=SENDING_KEY)
    assert (look("deliveries").outcome, found("deliveries")) == ("unknown", ["templates_unreadable"])


def test_templates_that_are_stored_are_found(mailgun: EmbeddedMailgun, rewrite: Any) -> None:
    from local.mailgun.account import Template

    mailgun.templates["sign-in"] = Template("sign-in", "{{code}}")
    invitation = {"subject": "Come", "html": "{{link}}"}
    rewrite(
        deliveries={"Generic": {"subject": "s", "template": "sign-in"}, "OrganizationInvitation": invitation}
    )
    assert found("deliveries") == []
