"""Sessions whose tokens are due, so that the next look at them renews the tokens."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.journal import Json
from tests.support.provider import Front, Recorded, logto_of, stored_sessions


def sign_in_for_a_moment(browser: Browser, login: str = "/login") -> None:
    """Sign in with an access token that is about to expire; those of a refresh last."""
    misbehave = logto_of(browser.stack).misbehave
    misbehave.token_response = lambda status, body: (status, {**_object(body), "expires_in": 1})
    browser.sign_in(login=login)
    misbehave.token_response = None


def refreshes(front: Front) -> list[Recorded]:
    """The refresh requests that reached the provider."""
    return [
        request
        for request in front.requests("/oidc/token")
        if request.form.get("grant_type") == "refresh_token"
    ]


def assert_refresh_refused(browser: Browser, journal: list[Json], code: str) -> None:
    """What a refresh brought is refused, with this code in the log, and the session is over."""
    before = logto_of(browser.stack).requests.count(("GET", "/oidc/me"))
    assert browser.session().status_code == 401
    [refused] = [line for line in journal if line.get("cause") == "refresh_refused"]
    assert refused["code"] == code
    assert_over(browser.stack, browser)
    assert logto_of(browser.stack).requests.count(("GET", "/oidc/me")) == before


def assert_over(stack: Stack, browser: Browser) -> None:
    """The session does not come back, and the provider is not asked again."""
    before = len(logto_of(stack).requests)
    assert browser.session().status_code == 401
    assert stored_sessions(stack) == []
    assert len(logto_of(stack).requests) == before


def _object(body: object) -> Json:
    assert isinstance(body, dict)
    return body
