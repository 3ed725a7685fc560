"""`POST /send-otp` lets the connector in, and sends one message that nobody can bend."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import (
    BearerRefused,
    InvalidRequest,
    MailerUnavailable,
    MessageRefused,
    Misconfigured,
    PasserelleError,
)
from passerelle.messages import parse_mailgun_config, parse_message
from passerelle.otp import deliver, demand_bearer, form_fields, render
from tests.support.doubles import CONNECTOR_TOKEN, NOW, SECRETS, ScriptedMailer, make_services, make_world

BODY: dict[str, Any] = {
    "to": "ada@example.com",
    "type": "SignIn",
    "payload": {"code": "123456", "locale": "en"},
}
MAILGUN = dict(SECRETS["mailgun"])
FIELDS = {"from", "to", "subject", "html", "text", "o:tag", "o:tracking", "o:tracking-clicks",
    "o:tracking-opens",
          "v:delivery-id"}  # fmt: skip


def form(payload: dict[str, Any] | None = None, delivery: dict[str, Any] | None = None) -> dict[str, str]:
    config = MAILGUN | ({"deliveries": {"Generic": delivery}} if delivery else {})
    message = parse_message(json.dumps(BODY | ({"payload": payload} if payload is not None else {})).encode())
    return form_fields(parse_mailgun_config(config), message, "the-id")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_lets_the_connector_in(scheme: str) -> None:
    demand_bearer(make_services(), f"{scheme} {CONNECTOR_TOKEN}", NOW)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", CONNECTOR_TOKEN, f"Basic {CONNECTOR_TOKEN}", f"Bearer {CONNECTOR_TOKEN}x",
     f"Bearer {CONNECTOR_TOKEN[:-1]}", f"Bearer  {CONNECTOR_TOKEN}", f"Bearer {CONNECTOR_TOKEN.upper()}",
     "Bearer é",
     f"Bearer {CONNECTOR_TOKEN} x"],
)  # fmt: skip
def test_lets_nobody_else_in(header: str | None) -> None:
    with pytest.raises(BearerRefused) as refusal:
        demand_bearer(make_services(), header, NOW)
    assert CONNECTOR_TOKEN not in str(refusal.value)


def test_any_of_several_tokens_lets_in() -> None:
    world = make_world()
    world.secrets.put("connector", {"tokens": ["the-older-token-of-it", "the-newer-token-of-it"]})
    for token in ("the-older-token-of-it", "the-newer-token-of-it"):
        demand_bearer(world.services, f"Bearer {token}", NOW)


def test_a_token_that_was_added_since_is_fetched_but_strangers_cost_little() -> None:
    world = make_world()
    demand_bearer(world.services, f"Bearer {CONNECTOR_TOKEN}", NOW)
    world.secrets.put("connector", {"tokens": [CONNECTOR_TOKEN, "the-newer-token-of-it"]})
    demand_bearer(world.services, "Bearer the-newer-token-of-it", NOW + 30)
    for second in range(29):
        with pytest.raises(BearerRefused):
            demand_bearer(world.services, "Bearer guess", NOW + 31 + second)
    assert world.secrets.reads["connector"] == 2


def test_sends_what_logto_asks_for_through_mailgun() -> None:
    world = make_world()
    deliver(world.services, json.dumps(BODY).encode(), NOW)
    [sent] = world.mailer.sent
    assert (sent.endpoint, sent.domain, sent.api_key) == (
        MAILGUN["endpoint"],
        MAILGUN["domain"],
        MAILGUN["apiKey"],
    )
    assert set(sent.form) == FIELDS
    assert sent.form["to"] == "ada@example.com"
    assert sent.form["from"] == MAILGUN["from"]
    assert sent.form["o:tag"] == "SignIn"
    assert {sent.form[name] for name in FIELDS if "tracking" in name} == {"no"}


def test_the_code_is_in_the_body_and_in_nothing_that_mailgun_keeps() -> None:
    fields = form()
    assert {name for name, value in fields.items() if "123456" in value} == {"html", "text"}


def test_a_template_gets_the_payload_as_variables_that_feed_it_only() -> None:
    fields = form(delivery={"subject": "s", "template": "otp", "variables": {"brand": "P", "code": "x"}})
    assert fields["template"] == "otp"
    assert json.loads(fields["t:variables"]) == {"brand": "P", "code": "123456", "locale": "en"}
    assert not {"html", "text"} & set(fields)
    assert {name for name, value in fields.items() if "123456" in value} == {"t:variables"}


def test_the_reply_address_is_a_header() -> None:
    assert form(delivery={"html": "x", "replyTo": "help@example.com"})["h:Reply-To"] == "help@example.com"


def test_what_a_delivery_does_not_have_is_not_sent() -> None:
    assert not {"subject", "text", "h:Reply-To"} & set(form(delivery={"html": "x"}))


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("{{code}}", "123456"),
        ("{{ code }}", "123456"),
        ("{{\tcode\n}}", "123456"),
        ("{{user.name}}", "Ada"),
        ("{{user.missing}}", ""),
        ("{{user}}", ""),
        ("{{user.name.first}}", ""),
        ("{{user.none}}", ""),
        ("{{missing}}", "{{missing}}"),
        ("{{missing.leaf}}", "{{missing.leaf}}"),
        ("{{count}} {{flag}}", "3 true"),
        ("{{list}}", ""),
        ("{code} {{}} {{co de}} {{{code}}}", "{code} {{}} {{co de}} {123456}"),
        ("{{nested}}", "{{code}}"),
        ("{{__class__}} {{user.__class__}}", "{{__class__}} "),
    ],
)
def test_renders_by_logto_s_rules(template: str, rendered: str) -> None:
    payload = {
        "code": "123456",
        "user": {"name": "Ada", "none": None},
        "count": 3,
        "flag": True,
        "list": [1],
        "nested": "{{code}}",
    }
    assert render(template, payload, str) == rendered


def test_values_are_escaped_in_html_and_not_in_text() -> None:
    value = """<img src=x onerror="alert('1')">&"""
    fields = form({"code": value}, {"html": '<a title="{{code}}">{{code}}</a>', "text": "{{code}}"})
    escaped = "&lt;img src=x onerror=&quot;alert(&#x27;1&#x27;)&quot;&gt;&amp;"
    assert fields["html"] == f'<a title="{escaped}">{escaped}</a>'
    assert fields["text"] == value


@given(
    st.text(min_size=1, max_size=60), st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=4)
)
def test_no_payload_adds_a_header_a_field_or_a_recipient(value: str, more: dict[str, str]) -> None:
    delivery = {"subject": "Code {{code}} for {{user.name}}", "html": "{{code}}", "text": "{{code}}"}
    fields = form({**more, "code": value, "user": {"name": value}}, delivery)
    assert set(fields) == FIELDS
    assert fields["to"] == "ada@example.com"
    assert fields["from"] == MAILGUN["from"]
    assert len(fields["subject"].splitlines()) == 1
    assert not [character for character in fields["subject"] if character in "\r\n\0\x85\u2028\u2029"]


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((200, "Mailgun Magnificent API"), Misconfigured, "delivery_failed"),
        ((200, '{"message":"Queued. Thank you."}'), Misconfigured, "delivery_failed"),
        ((200, '{"id":""}'), Misconfigured, "delivery_failed"),
        ((200, "[1]"), Misconfigured, "delivery_failed"),
        ((400, '{"message":"to parameter is not a valid address"}'), MessageRefused, "message_refused"),
        ((400, '{"message":"Domain x is not allowed to send: Sandbox"}'), Misconfigured, "delivery_failed"),
        ((401, "Forbidden"), Misconfigured, "delivery_failed"),
        ((402, ""), Misconfigured, "delivery_failed"),
        ((403, ""), Misconfigured, "delivery_failed"),
        ((404, '{"message":"Domain not found: x"}'), Misconfigured, "delivery_failed"),
        ((429, ""), MailerUnavailable, "mailer_unavailable"),
        ((500, '{"id":"x"}'), MailerUnavailable, "mailer_unavailable"),
        ((503, ""), MailerUnavailable, "mailer_unavailable"),
        (MailerUnavailable(reason="no answer"), MailerUnavailable, "mailer_unavailable"),
    ],
)
def test_says_whose_fault_it_is_when_mailgun_does_not_take_it(
    answer: tuple[int, str] | Exception, kind: type, code: str
) -> None:
    world = make_world(mailer=ScriptedMailer(answer))
    with pytest.raises(PasserelleError) as refusal:
        deliver(world.services, json.dumps(BODY).encode(), NOW)
    assert isinstance(refusal.value, kind)
    assert refusal.value.code == code
    assert len(world.mailer.sent) == 1
    for told in ("123456", "ada@example.com", "the-api-key", "not a valid address"):
        assert told not in str(refusal.value)


def test_a_key_that_was_rotated_is_read_once_more() -> None:
    world = make_world(mailer=ScriptedMailer((401, "Forbidden"), (200, '{"id":"<1>"}')))
    world.services.secrets.mailgun.get(NOW - 60)
    world.secrets.put("mailgun", MAILGUN | {"apiKey": "the-newer-key"})
    deliver(world.services, json.dumps(BODY).encode(), NOW)
    assert [sent.api_key for sent in world.mailer.sent] == ["the-api-key", "the-newer-key"]
    assert len({sent.form["v:delivery-id"] for sent in world.mailer.sent}) == 1


def test_a_key_that_is_wrong_and_unchanged_is_not_tried_again() -> None:
    world = make_world(mailer=ScriptedMailer((401, "Forbidden")))
    world.services.secrets.mailgun.get(NOW - 60)
    with pytest.raises(Misconfigured):
        deliver(world.services, json.dumps(BODY).encode(), NOW)
    assert len(world.mailer.sent) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", json.dumps(BODY | {"to": "a@b,c@d"}).encode()])
def test_sends_nothing_for_a_body_that_is_not_the_connector_s(body: bytes) -> None:
    world = make_world()
    with pytest.raises(InvalidRequest):
        deliver(world.services, body, NOW)
    assert not world.mailer.sent
    assert not world.secrets.reads
