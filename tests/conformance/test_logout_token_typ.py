"""Back-Channel Logout 2.4, RFC 8725 3.11: a token of another type, also of none, is no logout token."""

import pytest

from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.logout_tokens import assert_done, assert_ends_nothing, sub_of, tell


@pytest.mark.parametrize("required", ["true", "false"])
@pytest.mark.parametrize("typ", ["at+jwt", "JWT", "dpop+jwt", "", ["logout+jwt"]], ids=str)
def test_another_type_is_refused_whatever_the_setting(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, typ: object, required: str
) -> None:
    monkeypatch.setenv("LOGOUT_TOKEN_TYP_REQUIRED", required)
    runtime.forget()
    assert_ends_nothing(browser, "id_token_invalid", typ=typ)


def test_no_type_is_refused_where_one_is_required(stack: Stack, browser: Browser) -> None:
    assert_ends_nothing(browser, "id_token_invalid", typ=None)


@pytest.mark.parametrize("typ", ["logout+jwt", "Logout+JWT"])
def test_the_right_type_is_accepted_in_any_case(stack: Stack, browser: Browser, typ: str) -> None:
    browser.sign_in()
    assert_done(tell(stack, sub_of(stack), typ=typ))
    assert browser.session().status_code == 401
