"""Back-Channel Logout 2.6, step 2: a signature that does not hold, or that is a stranger's, is refused."""

import time

import pytest

from local.logto.keys import generate
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.logout_tokens import (
    CLIENT,
    assert_done,
    assert_ends_nothing,
    assert_not_done,
    sub_of,
    tell,
)
from tests.support.provider import logto_of


def test_a_stranger_who_uses_the_name_of_a_key_is_refused(stack: Stack, browser: Browser) -> None:
    kid = logto_of(stack).keys.current.kid
    assert_ends_nothing(browser, "id_token_signature_invalid", key=generate("EC"), kid=kid)


@pytest.fixture
def _half_a_minute_later(stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that were fetched for a sign-in a moment ago are not fetched again for what anybody may send."""
    browser.sign_in()
    monkeypatch.setattr(runtime.SystemClock, "now", lambda _: time.time() + 31)


@pytest.mark.usefixtures("_half_a_minute_later")
def test_a_key_that_is_not_published_is_looked_for_once(stack: Stack, browser: Browser) -> None:
    stranger = generate("EC")
    for _ in range(3):
        assert_not_done(tell(stack, sub_of(stack), key=stranger), "id_token_key_unknown")
    assert logto_of(stack).requests.count(("GET", "/oidc/jwks")) == 2
    assert browser.session().status_code == 200


def test_the_claims_of_another_token_are_refused(stack: Stack, browser: Browser) -> None:
    browser.sign_in()
    logto = logto_of(stack)
    mine, other = (logto.logout_token(CLIENT, sub) for sub in (sub_of(stack), "somebody-else"))
    forged = ".".join([mine.split(".")[0], mine.split(".")[1], other.split(".")[2]])
    assert_not_done(logto.send_logout_token(CLIENT, forged), "id_token_signature_invalid")
    assert browser.session().status_code == 200


@pytest.mark.usefixtures("_half_a_minute_later")
def test_a_key_rotated_since_the_sign_in_is_found(stack: Stack, browser: Browser) -> None:
    logto_of(stack).rotate_signing_key("EC")
    assert_done(tell(stack, sub_of(stack)))
    assert browser.session().status_code == 401
