"""`oidcc-client-test-refresh-token`: a refresh token brings a new access token, good at userinfo."""

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import Front, assert_signed_in, changed, logto_of
from tests.support.refreshes import refreshes, sign_in_for_a_moment


def test_tokens_are_renewed_with_the_refresh_token(suite: Stack, browser: Browser, front: Front) -> None:
    logto_of(suite).misbehave.rotate_always = True
    sign_in_for_a_moment(browser)
    assert_signed_in(browser)
    [request] = refreshes(front)
    assert request.form.keys() == {"grant_type", "refresh_token"}
    assert request.authorization.startswith("Basic ")
    assert_signed_in(browser)
    assert len(refreshes(front)) == 1


def test_userinfo_is_asked_with_the_new_access_token(suite: Stack, browser: Browser, front: Front) -> None:
    sign_in_for_a_moment(browser)
    logto_of(suite).misbehave.userinfo = changed(name="Renamed meanwhile")
    assert browser.session().json()["user"]["name"] == "Renamed meanwhile"
    first, second = (request.authorization for request in front.requests("/oidc/me"))
    assert first != second
