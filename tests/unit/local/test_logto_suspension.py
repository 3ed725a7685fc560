"""People whom an administrator of the embedded Logto suspends or deletes."""

from collections.abc import Iterator

import pytest

from local.logto import sign_in as pages
from tests.unit.local.test_logto_journey import Lab, answer, decode
from tests.unit.local.test_logto_tokens import is_invalid_grant

ADA = "ada@example.com"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def user_id(lab: Lab) -> str:
    (user,) = lab.logto.users
    return user


def shut_out(lab: Lab, how: str, who: str) -> None:
    lab.logto.suspend(who) if how == "suspend" else lab.logto.delete_user(who)


@pytest.mark.parametrize("how", ["suspend", "delete"])
def test_nothing_works_any_more(lab: Lab, how: str) -> None:
    browser = lab.browser()
    tokens = lab.tokens(browser)
    code = answer(lab.authorize(browser))["code"]
    shut_out(lab, how, user_id(lab))
    assert is_invalid_grant(lab.refresh(tokens["refresh_token"]))
    got = lab.userinfo(tokens["access_token"])
    assert (got.status_code, got.json()["error"]) == (401, "invalid_token")
    assert is_invalid_grant(lab.exchange(code))
    assert answer(lab.authorize(browser, prompt="none"))["error"] == "login_required"
    assert lab.authorize(browser).headers["location"] == "/sign-in?app_id=web"


def test_others_go_on(lab: Lab) -> None:
    browser = lab.browser()
    tokens = lab.tokens(browser, email="grace@example.com")
    lab.sign_in(lab.browser())
    lab.logto.suspend(ADA)
    assert lab.refresh(tokens["refresh_token"]).status_code == 200
    assert "code" in answer(lab.authorize(browser, prompt="none"))


def test_the_sign_in_page_says_that_somebody_is_suspended(lab: Lab) -> None:
    lab.sign_in(lab.browser())
    lab.logto.suspend("Ada@Example.com")
    browser = lab.browser()
    page = lab.ask_for_code(browser)
    got = browser.post(page, data={"code": lab.connector.code})
    assert got.status_code == 400
    assert f'role="alert">{pages.SUSPENDED}' in got.text


def test_without_the_code_nobody_learns_who_is_suspended(lab: Lab) -> None:
    lab.sign_in(lab.browser())
    lab.logto.suspend(ADA)
    browser = lab.browser()
    page = lab.ask_for_code(browser)
    assert "suspended" not in browser.get(page).text
    got = browser.post(page, data={"code": "x"})
    assert pages.WRONG in got.text
    assert "suspended" not in got.text


@pytest.mark.parametrize("how", ["suspend", "delete"])
def test_a_sign_in_that_was_under_way_is_not_finished(lab: Lab, how: str) -> None:
    browser = lab.browser()
    page = lab.ask_for_code(browser)
    resume = browser.post(page, data={"code": lab.connector.code}).headers["location"]
    shut_out(lab, how, ADA)
    assert browser.get(resume).status_code == 400
    assert lab.logto.sessions == {}


def test_whoever_is_let_in_again_has_to_sign_in_again(lab: Lab) -> None:
    browser = lab.browser()
    tokens = lab.tokens(browser)
    lab.logto.suspend(ADA)
    lab.logto.suspend(ADA, suspended=False)
    assert is_invalid_grant(lab.refresh(tokens["refresh_token"]))
    assert lab.userinfo(tokens["access_token"]).status_code == 401
    assert answer(lab.authorize(browser, prompt="none"))["error"] == "login_required"
    again = decode(lab.tokens()["id_token"])[1]
    assert again["sub"] == decode(tokens["id_token"])[1]["sub"]


def test_whoever_was_deleted_comes_back_as_somebody_else(lab: Lab) -> None:
    before = decode(lab.tokens()["id_token"])[1]["sub"]
    lab.logto.delete_user(ADA)
    assert lab.logto.users == {}
    assert decode(lab.tokens()["id_token"])[1]["sub"] != before


def test_a_new_password_signs_nobody_out(lab: Lab) -> None:
    tokens = lab.tokens()
    lab.logto.reset_password(ADA)
    assert lab.refresh(tokens["refresh_token"]).status_code == 200


def test_nobody_can_be_shut_out_who_is_not_there(lab: Lab) -> None:
    for act in (lab.logto.suspend, lab.logto.delete_user, lab.logto.reset_password):
        with pytest.raises(KeyError):
            act("nobody@example.com")
