"""`oidcc-client-test-rp-init-logout-other-state`: the browser comes back with another `state`."""

import httpx

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import stored_sessions


def test_a_return_with_another_state_is_taken_but_confirms_nothing(suite: Stack, browser: Browser) -> None:
    browser.sign_in()
    back = httpx.URL(browser.stop_at_logged_out())
    assert back.params["state"]
    page = browser.get(str(back.copy_set_param("state", f"{back.params['state']}_INVALID")))
    assert (page.status_code, page.url.path) == (200, "/logged-out")
    assert "Not confirmed" in page.text
    assert browser.session().status_code == 401
    assert stored_sessions(suite) == []
