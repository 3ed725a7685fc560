"""RP-initiated logout at the embedded Logto."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.unit.local.test_logto_journey import GOODBYE, Lab, answer

END = "/oidc/session/end"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def form_of(page: httpx.Response) -> dict[str, str]:
    assert page.status_code == 200
    assert '<form id="op.logoutForm" method="post"' in page.text
    assert "<noscript><button" in page.text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page.text))


def log_out(browser: httpx.Client, **params: str) -> httpx.Response:
    return browser.post(f"{END}/confirm", data=form_of(browser.get(END, params=params)))


def test_the_form_comes_first_and_leads_back_with_the_state(lab: Lab) -> None:
    browser = lab.browser()
    hint = lab.tokens(browser)["id_token"]
    params = {"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE, "state": "a b"}
    form = form_of(browser.get(END, params=params))
    assert form.keys() == {"xsrf", "logout"}
    assert "code" in answer(lab.authorize(browser, prompt="none"))
    done = browser.post(f"{END}/confirm", data=form)
    assert (done.status_code, done.headers["location"]) == (303, f"{GOODBYE}?state=a+b")
    assert answer(lab.authorize(browser, prompt="none"))["error"] == "login_required"
    assert browser.post(f"{END}/confirm", data=form).status_code == 400


def test_an_expired_hint_still_tells_the_client(lab: Lab) -> None:
    browser = lab.browser()
    hint = lab.tokens(browser)["id_token"]
    lab.clock.now += 7200
    done = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert done.headers["location"] == GOODBYE


def test_client_id_does_instead_of_the_hint_even_without_a_session(lab: Lab) -> None:
    done = log_out(lab.browser(), client_id="web", post_logout_redirect_uri=GOODBYE, state="1")
    assert done.headers["location"] == f"{GOODBYE}?state=1"


def test_a_redirect_for_nobody_is_not_honoured(lab: Lab) -> None:
    browser = lab.browser()
    done = log_out(browser, post_logout_redirect_uri=GOODBYE)
    assert done.headers["location"] == f"{lab.issuer}/session/end/success"
    assert "You are signed out" in browser.get(done.headers["location"]).text


def test_what_does_not_fit_is_refused(lab: Lab) -> None:
    browser = lab.browser()
    hint = lab.tokens(browser)["id_token"]
    header, payload, signature = hint.split(".")
    cases = {
        "client_id does not match the provided id_token_hint": {"id_token_hint": hint, "client_id": "other"},
        "could not validate id_token_hint": {"id_token_hint": f"{header}.{payload}x.{signature}"},
        "post_logout_redirect_uri not registered": {
            "id_token_hint": hint,
            "post_logout_redirect_uri": "http://x/",
        },
    }
    for description, params in cases.items():
        got = browser.get(END, params=params)
        assert (got.status_code, got.json()["error_description"]) == (400, description)
    assert lab.http.get(END, params={"id_token_hint": "garbage"}).status_code == 400


def test_a_form_made_for_another_browser_ends_nothing(lab: Lab) -> None:
    victim = lab.browser()
    lab.sign_in(victim)
    form = form_of(lab.browser().get(END))
    assert victim.post(f"{END}/confirm", data=form).status_code == 400
    assert "code" in answer(lab.authorize(victim, prompt="none"))


def test_without_offline_access_logout_revokes_the_grant(lab: Lab) -> None:
    browser = lab.browser()
    tokens = lab.tokens(browser, scope="openid email")
    log_out(browser)
    assert lab.userinfo(tokens["access_token"]).status_code == 401


def test_with_offline_access_the_tokens_survive(lab: Lab) -> None:
    browser = lab.browser()
    tokens = lab.tokens(browser)
    log_out(browser)
    assert lab.userinfo(tokens["access_token"]).status_code == 200
    assert lab.refresh(tokens["refresh_token"]).status_code == 200
