"""An attempt's cookie alone opens nothing: not before its sign-in is finished, and not after.

Somebody plants the cookie of an attempt that he began in another's browser, and once that person has signed
in opens the callback with a code that he made up.
"""

import httpx

from local.stack import Stack
from tests.support.browser import Browser
from tests.support.provider import SESSION_COOKIE


def test_a_copied_attempt_cookie_does_not_bring_the_session(stack: Stack) -> None:
    with Browser(stack) as victim:
        callback = victim.stop_at_callback("victim@example.com")
        copied = {name: value for name, value in victim.cookies.items() if "login" in name}
        victim.get(callback)
        assert victim.session().json()["user"]["email"] == "victim@example.com"
        made_up = httpx.URL(callback).copy_set_param("code", "made-up")
        answer = httpx.get(
            made_up, headers={"cookie": "; ".join(f"{name}={value}" for name, value in copied.items())}
        )
        assert answer.status_code == 400
        assert answer.json()["code"] == "code_refused"
        assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")
        assert victim.session().status_code == 200


def test_a_cookie_whose_name_begins_with_white_space_is_not_ours(stack: Stack) -> None:
    with Browser(stack) as mallory, Browser(stack) as victim:
        mallory.sign_in("mallory@example.com")
        victim.sign_in("victim@example.com")
        for white in ("\u2000", "\u3000", "\xa0", "\x85", "\x1f"):
            planted = f"{white}{SESSION_COOKIE}={mallory.cookies[SESSION_COOKIE]}"
            own = f"{SESSION_COOKIE}={victim.cookies[SESSION_COOKIE]}"
            answer = httpx.get(
                f"{stack.app_url}/session", headers=[(b"cookie", f"{planted}; {own}".encode())]
            )
            assert answer.json()["user"]["email"] == "victim@example.com", white
