"""Back-Channel Logout 2.6, step 8: the same logout token is taken once."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.logout_tokens import CLIENT, assert_done, assert_not_done, sub_of, tell
from tests.support.provider import logto_of


def test_a_logout_token_is_taken_once(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    logto = logto_of(stack)
    token = logto.logout_token(CLIENT, sub_of(stack))
    assert_done(logto.send_logout_token(CLIENT, token))
    assert browser.session().status_code == 401
    assert_not_done(logto.send_logout_token(CLIENT, token), "logout_token_replayed")


def test_the_same_jti_in_another_token_is_refused(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert_done(tell(stack, sub="somebody-else", jti="the-same"))
    assert_not_done(tell(stack, sub_of(stack), jti="the-same"), "logout_token_replayed")
    assert browser.session().status_code == 200


def test_a_refused_token_does_not_use_up_its_jti(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert_not_done(tell(stack, sub_of(stack), jti="mine", nonce="n"), "logout_token_nonce")
    assert_done(tell(stack, sub_of(stack), jti="mine"))
    assert browser.session().status_code == 401


def test_a_logout_token_without_jti_is_refused(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    assert_not_done(tell(stack, sub_of(stack), jti=None), "logout_token_invalid")
    assert browser.session().status_code == 200
