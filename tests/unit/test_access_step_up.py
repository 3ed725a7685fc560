"""What takes a fresh sign-in is refused with what leads to one (RFC 9470), and back."""

import json

import pytest

from tests.support.doubles import BASE_URL, NOW
from tests.unit.guarded import (
    FLAVOURS,
    Guarded,
    code_of,
    event,
    headers_of,
    sign_somebody_in,
)

MAX_AGE = 300
TOO_OLD = (401, "insufficient_user_authentication")
HTML = {"accept": "text/html"}
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture(params=FLAVOURS)
def guarded(request: pytest.FixtureRequest) -> Guarded:
    return FLAVOURS[request.param]


@pytest.mark.parametrize(("age", "status"), [(0, 200), (MAX_AGE, 200), (MAX_AGE + 1, 401)])
def test_it_counts_from_when_the_user_proved_who_they_are(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, age: int, status: int
) -> None:
    somebody = sign_somebody_in(monkeypatch, query="max_age=600", auth_time=NOW - age)
    assert guarded(event(cookie=somebody.cookie), max_age=MAX_AGE)["statusCode"] == status


def test_time_goes_on(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = sign_somebody_in(monkeypatch)
    assert guarded(event(cookie=somebody.cookie), max_age=MAX_AGE)["statusCode"] == 200
    somebody.world.clock.time = NOW + MAX_AGE + 1
    assert code_of(guarded(event(cookie=somebody.cookie), max_age=MAX_AGE)) == TOO_OLD
    assert guarded(event(cookie=somebody.cookie))["statusCode"] == 200


@pytest.mark.parametrize("auth_time", [None, "whenever"])
def test_a_sign_in_of_which_nothing_was_told_is_not_fresh(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, auth_time: object
) -> None:
    somebody = sign_somebody_in(monkeypatch, query="", auth_time=auth_time)
    assert code_of(guarded(event(cookie=somebody.cookie), max_age=MAX_AGE)) == TOO_OLD


def test_the_challenge_says_how_fresh_it_has_to_be(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = sign_somebody_in(monkeypatch, auth_time=NOW - 50)
    for accept in (HTML, {}):
        answer = guarded(event(cookie=somebody.cookie, headers=accept), max_age=10)
        said = headers_of(answer)["www-authenticate"]
        assert said == 'Bearer error="insufficient_user_authentication", max_age=10'


def test_a_person_is_led_to_a_fresh_sign_in_and_back(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = sign_somebody_in(monkeypatch, query="", auth_time=None)
    page = guarded(event(cookie=somebody.cookie, headers=HTML), max_age=MAX_AGE)["body"]
    assert 'href="/login?prompt=login&amp;return_to=%2Fx%3Fa%3D1"' in page


@pytest.mark.parametrize(
    ("method", "referer", "return_to"),
    [
        ("GET", f"{BASE_URL}/account?tab=2", "&return_to=%2Faccount%3Ftab%3D2"),
        ("POST", f"{BASE_URL}/account", "&return_to=%2Faccount"),
        ("GET", BASE_URL, "&return_to=%2F"),
        ("GET", "", "&return_to=%2F"),
        ("GET", "https://evil.example/account", ""),
        ("GET", f"{BASE_URL}.evil.example/account", ""),
        ("GET", f"{BASE_URL}//evil.example", ""),
        ("GET", f"{BASE_URL}/{'a' * 600}", ""),
    ],
)
def test_a_program_learns_where_its_page_has_to_go(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, method: str, referer: str, return_to: str
) -> None:
    somebody = sign_somebody_in(monkeypatch, query="", auth_time=None)
    headers = OURS | {"referer": referer}
    answer = guarded(event(method, somebody.cookie, headers), max_age=MAX_AGE)
    assert code_of(answer) == TOO_OLD
    assert json.loads(answer["body"])["login"] == f"/login?prompt=login{return_to}"


def test_a_form_that_is_refused_leads_back_to_its_page(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = sign_somebody_in(monkeypatch, query="", auth_time=None)
    headers = OURS | HTML | {"referer": f"{BASE_URL}/account"}
    page = guarded(event("POST", somebody.cookie, headers), max_age=MAX_AGE)["body"]
    assert 'href="/login?prompt=login&amp;return_to=%2Faccount"' in page


def test_who_is_not_allowed_is_not_sent_to_sign_in_for_nothing(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = sign_somebody_in(monkeypatch, query="", auth_time=None)
    answer = guarded(event(cookie=somebody.cookie), max_age=MAX_AGE, allow=lambda _: False)
    assert code_of(answer) == (403, "forbidden")
