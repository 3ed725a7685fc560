"""The ready-made messages ask for what their type brings, load nothing, and are there in both languages."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from passerelle.otp.config import parse_mailgun_config
from passerelle.otp.message import MESSAGE_TYPES
from passerelle.otp.ready_made import READY_MADE

PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")
FIELDS = {"subject", "html", "text"}
MAILGUN = {"domain": "mg.example.com", "apiKey": "key", "from": "Example <no-reply@mg.example.com>"}

MESSAGES: dict[str, dict[str, Any]] = {
    f"{kind}-{language}": message
    for kind, delivery in READY_MADE.items()
    for language, message in {**delivery["locales"], "en": delivery}.items()
}
CODES = {name: message for name, message in MESSAGES.items() if not name.startswith("OrganizationInvitation")}
INVITATIONS = {name: message for name, message in MESSAGES.items() if name not in CODES}

every_message = pytest.mark.parametrize(("name", "message"), MESSAGES.items(), ids=MESSAGES)
every_code = pytest.mark.parametrize("message", CODES.values(), ids=CODES)
every_invitation = pytest.mark.parametrize("message", INVITATIONS.values(), ids=INVITATIONS)
every_type = pytest.mark.parametrize("delivery", READY_MADE.values(), ids=READY_MADE)


class Outline(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.code_stands_in: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "{{code}}" in data:
            assert data == "{{code}}"
            self.code_stands_in.append(list(self.open))

    def values(self, attribute: str) -> list[str]:
        return [value for _, name, value in self.attributes if name == attribute]


def test_every_type_has_a_message_in_both_languages() -> None:
    assert READY_MADE.keys() == MESSAGE_TYPES
    for delivery in READY_MADE.values():
        assert delivery.keys() == FIELDS | {"locales"}
        languages = {language: set(fields) for language, fields in delivery["locales"].items()}
        assert languages == {"en": set(), "fr": FIELDS}


@every_type
def test_a_secret_could_hold_them(delivery: dict[str, Any]) -> None:
    for message in (delivery, delivery["locales"]["fr"]):
        read = parse_mailgun_config({**MAILGUN, "deliveries": {"Generic": message}}).delivery("Generic")
        assert (read.subject, read.html, read.text) == (message["subject"], message["html"], message["text"])


@every_type
def test_french_is_a_translation_throughout(delivery: dict[str, Any]) -> None:
    french = delivery["locales"]["fr"]
    for field in FIELDS:
        assert french[field] != delivery[field]
    assert not set(_lines(delivery["text"])) & set(_lines(french["text"]))


@every_message
def test_each_language_has_its_typography(name: str, message: dict[str, str]) -> None:
    words = message["subject"] + message["text"]
    assert "'" not in words
    if name.endswith("-fr"):
        assert not re.search(r"(?<![\u00a0\u202f])[:;!?]", words)
    else:
        assert not re.search(r"\s[:;!?]", words)


@every_code
def test_a_code_message_asks_for_the_code_alone(message: dict[str, str]) -> None:
    assert _placeholders(message["subject"]) == []
    assert _placeholders(message["html"]) == ["code"]
    assert _placeholders(message["text"]) == ["code"]
    assert message["text"].count("\n{{code}}\n") == 1
    for field in ("html", "text"):
        assert re.search(r"10[ \u00a0]minutes", message[field])


@every_code
def test_the_code_is_no_link_and_one_piece(message: dict[str, str]) -> None:
    [around] = Outline(message["html"]).code_stands_in
    assert around[-1] == "td"
    assert "a" not in around


@every_invitation
def test_an_invitation_asks_for_link_and_organization(message: dict[str, str]) -> None:
    assert _placeholders(message["subject"]) == ["organization.name"]
    for field in ("html", "text"):
        assert set(_placeholders(message[field])) == {"link", "organization.name"}
        assert "minutes" not in message[field]
    assert message["html"].count('href="{{link}}"') == 2
    assert message["html"].count(">{{link}}</a>") == 1
    assert message["text"].count("\n{{link}}\n") == 1


@every_message
def test_html_is_small_and_loads_nothing(name: str, message: dict[str, str]) -> None:
    html = message["html"]
    outline = Outline(html)
    assert not outline.open
    assert len(html.encode()) < 6 * 1024
    assert not re.search(r"https?:|//|url\(|@import|javascript", html, re.IGNORECASE)
    assert set(outline.values("href")) <= {"{{link}}"}
    assert not outline.values("src")
    assert not {"img", "script", "link", "iframe", "form", "svg", "video"} & set(outline.tags)


@every_message
def test_html_says_its_language_and_its_structure(name: str, message: dict[str, str]) -> None:
    outline = Outline(message["html"])
    language = name.rpartition("-")[2]
    assert ("html", "lang", language) in outline.attributes
    assert set(outline.values("lang")) == {language}
    assert outline.tags.count("h1") == 1
    assert outline.values("role") == ["presentation"] * outline.tags.count("table")
    assert outline.values("content").count("light dark") == 2
    assert "prefers-color-scheme:dark" in message["html"]


@every_message
def test_a_subject_is_one_plain_line(name: str, message: dict[str, str]) -> None:
    assert message["subject"].isprintable()
    assert len(PLACEHOLDER.sub("", message["subject"])) <= 50


@every_message
def test_text_has_no_html(name: str, message: dict[str, str]) -> None:
    assert not re.search(r"[<>]|&#?\w+;", message["text"])
    assert message["text"].endswith("\n")


def _placeholders(template: str) -> list[str]:
    assert "{{ " not in template
    return PLACEHOLDER.findall(template)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not PLACEHOLDER.fullmatch(line)]
