"""Pages show what they are given as text, and their policy lets nothing else in."""

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import pages
from passerelle.errors import SignInRefused

EVIL = """"><script>alert(1)</script><img src=x onerror='alert(1)'>"""
ISSUER = "https://logto.example/oidc"
PAGES = {
    "home": pages.signed_out_home(),
    "profile": pages.signed_in_home(
        {"id": "1", "name": "Ada", "image": "https://img.example/a.png"}, [], ISSUER
    ),
    "sign-out": pages.sign_out_page(ISSUER),
    "signed-out": pages.signed_out_page(True),
    "unconfirmed": pages.signed_out_page(False),
    "here-only": pages.signed_out_here_only_page("https://logto.example/end?a=1&b=2"),
    "error": pages.error_page(SignInRefused(), "r-1"),
}


class Outline(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_the_policy_lets_in_the_page_s_own_style_and_no_script(page: pages.Page) -> None:
    [style] = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    directives = dict(part.strip().split(" ", 1) for part in page.content_security_policy.split(";"))
    assert directives["style-src"] == f"'sha256-{digest}'"
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert "script-src" not in directives


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_needs_nothing_that_its_policy_forbids(page: pages.Page) -> None:
    outline = Outline(page.html)
    assert not {"script", "iframe", "link", "object"} & set(outline.tags)
    assert not [name for _, name, _ in outline.attributes if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("name", ["profile", "sign-out"])
def test_the_sign_out_form_may_be_led_on_to_logto(name: str) -> None:
    assert "form-action 'self' https://logto.example;" in PAGES[name].content_security_policy
    assert ("form", "action", "/logout") in Outline(PAGES[name].html).attributes
    assert ("form", "method", "post") in Outline(PAGES[name].html).attributes


def test_signing_out_takes_a_button_and_signing_in_a_link() -> None:
    assert ("a", "href", "/login") in Outline(PAGES["home"].html).attributes
    assert "form" not in Outline(PAGES["home"].html).tags


@given(st.text(max_size=40))
def test_a_profile_adds_no_markup(value: str) -> None:
    profile = {"id": value, "name": value, "email": value, "image": f"https://{value}"}
    shown = Outline(pages.signed_in_home(profile, [], ISSUER).html)
    plain = Outline(
        pages.signed_in_home(dict.fromkeys(profile, "x") | {"image": "https://x"}, [], ISSUER).html
    )
    assert [tag for tag in shown.tags if tag not in {"dt", "dd"}] == [
        tag for tag in plain.tags if tag not in {"dt", "dd"}
    ]
    assert {name for _, name, _ in shown.attributes} == {name for _, name, _ in plain.attributes}


def test_a_profile_is_shown_as_text() -> None:
    page = pages.signed_in_home(
        {"id": EVIL, "name": EVIL, "email": EVIL, "image": f"https://{EVIL}"}, [], ISSUER
    )
    outline = Outline(page.html)
    assert "script" not in outline.tags
    assert outline.text.count(EVIL) == 5
    assert ("img", "src", f"https://{EVIL}") in outline.attributes


@pytest.mark.parametrize(
    "image", [None, "", "http://x/y.png", "javascript:alert(1)", "data:image/png,x", "/x", 5]
)
def test_a_picture_comes_over_https_or_not_at_all(image: object) -> None:
    assert "img" not in Outline(pages.signed_in_home({"id": "1", "image": image}, [], ISSUER).html).tags


def test_an_error_is_shown_as_text() -> None:
    error = SignInRefused(EVIL, remedy=EVIL)
    error.retry = f"/login?return_to={EVIL}"
    outline = Outline(pages.error_page(error, EVIL).html)
    assert "script" not in outline.tags
    assert "img" not in outline.tags
    assert ("a", "href", f"/login?return_to={EVIL}") in outline.attributes
    assert outline.text.count(EVIL) == 3


def test_an_error_keeps_its_status_and_offers_another_try() -> None:
    page = pages.error_page(SignInRefused(), "r-1")
    assert page.status == SignInRefused.status
    assert ("a", "href", "/login") in Outline(page.html).attributes


def test_the_reference_of_an_error_keeps_its_distance_from_the_buttons_and_none_below() -> None:
    html = PAGES["error"].html
    assert ".reference { margin: 1.2rem 0 0 }" in html
    assert re.search(r"</a><p class=reference>.*</p></main>", html)


def test_a_profile_without_a_name_or_address_is_shown_all_the_same() -> None:
    outline = Outline(
        pages.signed_in_home({"id": "1", "name": None, "email": None, "image": None}, [], ISSUER).html
    )
    assert "None" not in outline.text
    assert outline.tags.count("dd") == 1


def test_the_way_to_logto_s_own_sign_out_is_offered_where_there_is_one() -> None:
    links = Outline(PAGES["here-only"].html).attributes
    assert ("a", "href", "https://logto.example/end?a=1&b=2") in links
    assert "Sign out at Logto" not in Outline(pages.signed_out_here_only_page("").html).text


def test_a_return_that_was_not_expected_does_not_claim_that_anybody_is_signed_out() -> None:
    assert "You are signed out" in Outline(PAGES["signed-out"].html).text
    assert "You are signed out" not in Outline(PAGES["unconfirmed"].html).text
