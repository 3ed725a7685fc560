"""The embedded Logto's sign-in pages and its e-mail connector, when things go wrong."""

import secrets
from collections.abc import Iterator

import pytest

from local.logto import sign_in as pages
from tests.unit.local.test_logto_journey import Lab, answer


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_wrong_code_is_said_in_the_page(lab: Lab) -> None:
    browser = lab.browser()
    code_page = lab.ask_for_code(browser)
    got = browser.post(code_page, data={"code": another(lab.connector.code)})
    assert got.status_code == 400
    assert f'role="alert">{pages.WRONG}' in got.text
    assert browser.post(code_page, data={"code": lab.connector.code}).status_code == 303


def test_ten_wrong_tries_make_the_right_code_useless(lab: Lab) -> None:
    browser = lab.browser()
    code_page = lab.ask_for_code(browser)
    wrong = {"code": another(lab.connector.code)}
    assert all(pages.WRONG in browser.post(code_page, data=wrong).text for _ in range(10))
    assert pages.TOO_MANY in browser.post(code_page, data=wrong).text
    assert pages.TOO_MANY in browser.post(code_page, data={"code": lab.connector.code}).text
    browser.post(code_page, data={"again": "yes"})
    assert browser.post(code_page, data={"code": lab.connector.code}).status_code == 303


def test_a_code_expires_after_ten_minutes(lab: Lab) -> None:
    browser = lab.browser()
    code_page = lab.ask_for_code(browser)
    lab.clock.now += 600
    assert pages.EXPIRED in browser.post(code_page, data={"code": lab.connector.code}).text


def test_sending_again_replaces_the_earlier_code(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([111111, 222222])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(numbers))
    browser = lab.browser()
    code_page = lab.ask_for_code(browser)
    code_page = browser.post(code_page, data={"again": "yes"}).headers["location"]
    assert "a new six-digit code" in browser.get(code_page).text
    assert pages.WRONG in browser.post(code_page, data={"code": "111111"}).text
    assert browser.post(code_page, data={"code": "222222"}).status_code == 303


def test_the_register_screen_sends_type_register(lab: Lab) -> None:
    assert "code" in lab.sign_in(lab.browser(), first_screen="register")
    assert lab.connector.messages[-1]["type"] == "Register"


def test_the_language_and_the_organization_travel_in_the_payload(lab: Lab) -> None:
    lab.logto.organizations["o1"] = "Lab Org"
    lab.ask_for_code(lab.browser(), ui_locales="fr-FR de", organization_id="o1")
    payload = lab.connector.messages[-1]["payload"]
    assert (payload["locale"], payload["uiLocales"]) == ("fr", "fr-FR de")
    assert payload["organization"] == {"id": "o1", "name": "Lab Org", "branding": {}}
    lab.ask_for_code(lab.browser(), organization_id="unknown")
    assert "organization" not in lab.connector.messages[-1]["payload"]


def test_an_unknown_first_screen_takes_the_language_down_with_it(lab: Lab) -> None:
    lab.ask_for_code(lab.browser(), ui_locales="fr", first_screen="nonsense")
    assert lab.connector.messages[-1]["payload"]["locale"] == "en"
    assert "uiLocales" not in lab.connector.messages[-1]["payload"]


def test_no_authorization_header_unless_configured(lab: Lab) -> None:
    lab.logto.connector_authorization = None
    lab.ask_for_code(lab.browser())
    assert "authorization" not in lab.connector.headers[-1]


def test_the_endpoints_refusal_is_shown_verbatim_and_escaped(lab: Lab) -> None:
    lab.connector.status, lab.connector.body = "429 Too Many Requests", '{"error": "<b>slow down</b>"}'
    browser = lab.browser()
    got = browser.post(lab.authorize(browser).headers["location"], data={"email": "ada@example.com"})
    assert got.status_code == 400
    assert "{&#34;error&#34;: &#34;&lt;b&gt;slow down&lt;/b&gt;&#34;}" in got.text
    assert len(lab.connector.messages) == 1


def test_an_unreachable_endpoint_is_named_and_nothing_else(lab: Lab) -> None:
    lab.logto.connector_endpoint = "http://localhost:1/send-otp"
    browser = lab.browser()
    got = browser.post(lab.authorize(browser).headers["location"], data={"email": "ada@example.com"})
    assert got.status_code == 400
    assert "http://localhost:1/send-otp" in got.text
    assert "Bearer" not in got.text


def test_an_address_that_is_none_is_refused_in_the_page(lab: Lab) -> None:
    browser = lab.browser()
    page = lab.authorize(browser, login_hint="ada@example.com").headers["location"]
    assert 'value="ada@example.com"' in browser.get(page).text
    got = browser.post(page, data={"email": "ada@"})
    assert got.status_code == 400
    assert 'value="ada@"' in got.text
    assert lab.connector.messages == []


def test_a_person_who_returns_is_the_same_user(lab: Lab) -> None:
    lab.sign_in(lab.browser())
    lab.sign_in(lab.browser(), "Ada@Example.com")
    assert len(lab.logto.users) == 1


def test_pages_without_a_sign_in_under_way_say_so(lab: Lab) -> None:
    assert pages.NO_INTERACTION in lab.http.get("/sign-in?app_id=web").text
    browser = lab.browser()
    lab.authorize(browser)
    assert browser.get("/sign-in/verification-code?app_id=web").status_code == 400
    lab.clock.now += 3600
    assert browser.get("/sign-in?app_id=web").status_code == 400


def test_the_extra_parameters_stay_out_of_the_answer(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    assert answer(lab.authorize(browser, first_screen="register")).keys() == {"code", "state", "iss"}
