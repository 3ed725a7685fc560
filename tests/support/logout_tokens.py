"""Logout tokens as the provider posts them, and what must come of each."""

import json
from typing import Any

import httpx

from local.logto import Delivery
from local.logto.browser import SESSION
from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import assert_signed_in, logto_of

CLIENT = "passerelle"


def sub_of(stack: Stack, email: str = "ada@example.com") -> str:
    """The provider's name for somebody."""
    return next(user.id for user in logto_of(stack).users.values() if user.email == email)


def sid_of(browser: Browser) -> str:
    """The provider's name, for this client, of the session that this browser has there."""
    return logto_of(browser.stack).sessions[browser.cookies[SESSION]].sids[CLIENT]


def tell(stack: Stack, sub: str | None = None, sid: str | None = None, **changes: Any) -> Delivery:
    """Post a logout token with members of header or claims changed, or taken out by None."""
    logto = logto_of(stack)
    return logto.send_logout_token(CLIENT, logto.logout_token(CLIENT, sub, sid, **changes))


def post(stack: Stack, body: bytes | str, **headers: str) -> Delivery:
    """Post anything at all."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    url = f"{stack.app_url}/backchannel-logout"
    answer = httpx.post(url, content=body, headers=form | headers, timeout=20, trust_env=False)
    return Delivery(url, {}, b"", answer.status_code, dict(answer.headers), answer.text)


def sign_out_with(browser: Browser, **changes: Any) -> Delivery:
    """Sign in and out as in the suite: the token comes while the end session endpoint is at work."""
    logto = logto_of(browser.stack)
    logto.misbehave.logout_token = changes
    logto.backchannel.clear()
    browser.sign_in()
    assert_signed_in(browser)
    browser.sign_out()
    assert "signed out here and at Logto" in browser.page.text
    assert browser.session().status_code == 401
    [delivery] = logto.backchannel
    assert delivery.form["ignored_parameter"]
    return delivery


def assert_done(delivery: Delivery) -> None:
    """Section 2.8: 200, and not to be stored."""
    assert (delivery.status, delivery.answer) == (200, "{}")
    assert delivery.answer_headers["cache-control"] == "no-store"


def assert_not_done(delivery: Delivery, code: str) -> None:
    """Section 2.8: 400 with an error in JSON, and not to be stored."""
    assert delivery.status == 400, delivery.answer
    assert json.loads(delivery.answer) == {"error": "invalid_request", "error_description": code}
    assert delivery.answer_headers["content-type"] == "application/json"
    assert delivery.answer_headers["cache-control"] == "no-store"


def assert_ends_nothing(browser: Browser, code: str, **changes: Any) -> None:
    """A logout token with these changes is refused, and the session that it names stands."""
    if not browser.cookies.get(SESSION):
        browser.sign_in()
    names = {"sub": sub_of(browser.stack), "sid": sid_of(browser)}
    assert_not_done(tell(browser.stack, **(names | changes)), code)
    assert_signed_in(browser)


def assert_refused_at_sign_out(browser: Browser, code: str, **changes: Any) -> None:
    """The suite's test; and beyond it, where a session still stands, the same token does not end it."""
    assert_not_done(sign_out_with(browser, **changes), code)
    browser.sign_in()
    assert_ends_nothing(browser, code, **changes)
