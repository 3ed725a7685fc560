"""The form for Mailgun: nothing in it can be bent, and nothing that Mailgun keeps opens an account."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.otp.config import parse_mailgun_config
from passerelle.otp.form import Style, form_fields, holds_code, render
from passerelle.otp.message import parse_message
from tests.support.doubles import SECRETS

BODY: dict[str, Any] = {
    "to": "ada@example.com",
    "type": "SignIn",
    "payload": {"code": "123456", "locale": "en"},
}
MAILGUN = dict(SECRETS["mailgun"])
FIELDS = {"from", "to", "subject", "html", "text", "o:tag", "o:tracking", "o:tracking-clicks",
    "o:tracking-opens", "o:require-tls", "v:delivery-id"}  # fmt: skip


def form(
    payload: dict[str, Any] | None = None, delivery: dict[str, Any] | None = None, style: Style | None = None
) -> dict[str, str]:
    config = MAILGUN | ({"deliveries": {"Generic": delivery}} if delivery else {})
    message = parse_message(json.dumps(BODY | ({"payload": payload} if payload is not None else {})).encode())
    return form_fields(parse_mailgun_config(config), message, "the-id", style or Style())


def test_sends_what_logto_asks_for_and_tracks_nobody() -> None:
    fields = form()
    assert set(fields) == FIELDS
    assert (fields["to"], fields["from"]) == ("ada@example.com", MAILGUN["from"])
    assert (fields["o:tag"], fields["v:delivery-id"]) == ("SignIn", "the-id")
    assert {fields[name] for name in FIELDS if "tracking" in name} == {"no"}


def test_encryption_is_demanded_unless_the_setting_says_otherwise() -> None:
    assert form()["o:require-tls"] == "yes"
    assert "o:require-tls" not in form(style=Style(require_tls=False))


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


def as_text(value: object) -> str:
    return form({"code": "x", "value": value}, {"html": "x", "text": "{{value}}"})["text"]


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
    assert render(template, payload, as_text) == rendered


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


def test_a_translation_is_chosen_by_the_payload() -> None:
    delivery = {"subject": "Code", "html": "en", "locales": {"fr": {"subject": "Le code", "html": "fr"},
                                                             "pt-BR": {"html": "pt-BR"}}}  # fmt: skip
    assert form({"code": "1", "locale": "fr-CA"}, delivery)["html"] == "fr"
    assert form({"code": "1", "locale": "de", "uiLocales": "it pt-br"}, delivery)["html"] == "pt-BR"
    assert form({"code": "1", "uiLocales": "pt-br"}, delivery)["subject"] == "Code"
    assert form({"code": "1", "locale": "pt"}, delivery)["html"] == "en"


@pytest.mark.parametrize("kind", ["SignIn", "OrganizationInvitation"])
def test_the_ready_made_messages_speak_the_reader_s_language(kind: str) -> None:
    payload = {"code": "1", "link": "https://x.example", "organization": {"name": "O"}}
    config = parse_mailgun_config(MAILGUN)
    for locale, others, language in (
        ("fr", "en", "fr"), ("fr-FR", "", "fr"), ("en-GB", "en-GB fr", "en"), ("en", "en fr", "en"),
        ("xx", "", "en"), ("xx", "xx fr", "fr"),
    ):  # fmt: skip
        wanted = {"locale": locale, "uiLocales": others}
        message = parse_message(json.dumps(BODY | {"type": kind, "payload": payload | wanted}).encode())
        assert f'lang="{language}"' in form_fields(config, message, "id", Style())["html"]


@pytest.mark.parametrize(
    ("subject", "holds"),
    [("{{code}} is it", True), ("{{ code }}", True), ("{{link}}", True), ("Your code", False), (None, False),
     ("{{user.code}}", False)],
)  # fmt: skip
def test_a_subject_that_holds_the_code_is_noticed(subject: str | None, holds: bool) -> None:
    assert holds_code(subject) is holds


def test_a_subject_is_cut_where_a_line_of_mail_ends() -> None:
    fields = form({"code": "1", "name": "x" * 5000}, {"subject": "For {{name}}", "html": "{{name}}"})
    assert len(fields["subject"]) == 998
    assert len(fields["html"]) == 5000


LIKE_LOGTO = Style(like_logto=True)
PAYLOAD = {"code": "123456", "name": "<b>é</b>", "user": {"name": None, "ok": True},
           "list": [1, [2, "x"], None], "n": 1.0}  # fmt: skip


def test_like_logto_means_its_fields_and_no_others() -> None:
    delivery = {
        "subject": "{{code}} for {{user.name}}",
        "replyTo": "R <r@x.example>",
        "html": "<p>{{name}} {{user}} {{list}} {{n}} {{user.ok}} {{none}} {{ code }}</p>",
        "text": "{{name}}",
    }
    assert form(PAYLOAD, delivery, LIKE_LOGTO) == {
        "from": MAILGUN["from"],
        "to": "ada@example.com",
        "subject": "123456 for ",
        "h:Reply-To": "R <r@x.example>",
        "html": "<p><b>é</b> [object Object] 1,2,x, 1 true {{none}} 123456</p>",
        "text": "<b>é</b>",
    }


def test_like_logto_a_template_s_variables_stand_in_a_header() -> None:
    delivery = {"template": "logto-sign-in", "variables": {"bar": "baz", "code": "x"}}
    assert form({"code": "123456", "é": "ü"}, delivery, LIKE_LOGTO) == {
        "from": MAILGUN["from"],
        "to": "ada@example.com",
        "template": "logto-sign-in",
        "h:X-Mailgun-Variables": '{"bar":"baz","code":"123456","é":"ü"}',
    }


def test_html_wins_over_a_template_unless_all_is_to_be_like_logto() -> None:
    delivery = {"html": "h", "template": "t", "variables": {"a": 1}}
    assert form(delivery=delivery)["html"] == "h"
    assert not {"template", "t:variables"} & set(form(delivery=delivery))
    assert form(delivery=delivery, style=LIKE_LOGTO)["template"] == "t"
    assert "html" not in form(delivery=delivery, style=LIKE_LOGTO)
