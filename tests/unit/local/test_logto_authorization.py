"""What the embedded Logto's authorization endpoint takes, refuses and passes on."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.local.test_logto_journey import ALL_SCOPES, CALLBACK, OTHER, WEB, Lab, answer, decode

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.mark.parametrize(
    ("extra", "page"),
    [
        ({}, "/sign-in?app_id=web"),
        ({"first_screen": "sign_in"}, "/sign-in?app_id=web"),
        ({"first_screen": "register"}, "/register?app_id=web"),
        ({"interaction_mode": "signUp"}, "/register?app_id=web"),
        ({"first_screen": "reset_password"}, "/reset-password?app_id=web"),
        ({"first_screen": "single_sign_on"}, "/single-sign-on?app_id=web"),
        (
            {"first_screen": "identifier:sign_in", "identifier": "email"},
            "/identifier-sign-in?app_id=web&identifier=email",
        ),
        ({"first_screen": "identifier:register"}, "/identifier-register?app_id=web"),
        ({"login_hint": "a@b"}, "/sign-in?app_id=web&login_hint=a%40b"),
        ({"ui_locales": "zh-CN en"}, "/sign-in?app_id=web&ui_locales=zh-CN+en"),
        ({"organization_id": "o1"}, "/sign-in?app_id=web&organization_id=o1"),
        ({"direct_sign_in": "social:google"}, "/direct/social/google?app_id=web&fallback=sign-in"),
        ({"direct_sign_in": "sso:abc"}, "/direct/sso/abc?app_id=web&fallback=sign-in"),
        ({"first_screen": "nonsense", "login_hint": "a@b", "ui_locales": "fr"}, "/sign-in?app_id=web"),
    ],
)
def test_extra_parameters_choose_the_page(lab: Lab, extra: dict[str, str], page: str) -> None:
    browser = lab.browser()
    assert lab.authorize(browser, **extra).headers["location"] == page
    assert 'name="email"' in browser.get(page).text


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"redirect_uri": f"{CALLBACK}/"}, "oidc.invalid_redirect_uri"),
        ({"redirect_uri": ""}, "oidc.invalid_redirect_uri"),
        ({"client_id": "other"}, "oidc.invalid_redirect_uri"),
        ({"client_id": "nobody"}, "oidc.invalid_client"),
    ],
)
def test_an_untrustworthy_redirect_uri_is_not_followed(lab: Lab, extra: dict[str, str], code: str) -> None:
    got = lab.authorize(lab.http, **extra)
    assert (got.status_code, got.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("extra", "error", "description"),
    [
        ({"prompt": "select_account"}, "invalid_request", "unsupported prompt value requested"),
        ({"prompt": "create"}, "invalid_request", "unsupported prompt value requested"),
        ({"prompt": "none"}, "login_required", None),
        ({"response_type": "token"}, "unsupported_response_type", None),
        ({"response_type": "code id_token"}, "unsupported_response_type", None),
        ({"response_type": '"'}, "unsupported_response_type", "unsupported response_type requested"),
        ({"request": "ey.ey."}, "request_not_supported", None),
        ({"max_age": "soon"}, "invalid_request", "invalid max_age parameter value"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request", None),
        (
            {"code_challenge": CHALLENGE},
            "invalid_request",
            "not supported value of code_challenge_method",
        ),
    ],
)
def test_errors_go_back_with_state_and_issuer(
    lab: Lab, extra: dict[str, str], error: str, description: str | None
) -> None:
    got = answer(lab.authorize(lab.http, **extra))
    assert (got["error"], got["state"], got["iss"]) == (error, "s t&1", lab.issuer)
    assert description in {None, got.get("error_description")}


def test_cancel_leads_back_with_access_denied(lab: Lab) -> None:
    browser = lab.browser()
    page = browser.get(lab.authorize(browser).headers["location"]).text
    link = page.split('<a href="')[1].split('"')[0]
    got = answer(browser.get(link))
    assert (got["error"], got["state"], got["iss"]) == ("access_denied", "s t&1", lab.issuer)
    assert browser.get(link).status_code == 400


def test_prompt_login_asks_again_and_keeps_the_grant(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    assert lab.authorize(browser, prompt="login").headers["location"] == "/sign-in?app_id=web"
    assert "code" in lab.sign_in(browser, prompt="login")
    assert len(lab.logto.sessions) == len(lab.logto.grants) == 1


def test_another_person_gets_a_session_and_a_grant_of_their_own(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    lab.sign_in(browser, "bob@example.com", prompt="login")
    assert len(lab.logto.sessions) == 1
    assert len(lab.logto.grants) == 2


def test_prompt_login_consent_gives_a_refresh_token(lab: Lab) -> None:
    assert "refresh_token" in lab.tokens(prompt="login consent")


def test_prompt_none_succeeds_in_a_session_and_demands_consent_to_what_is_new(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser, scope="openid")
    assert "code" in answer(lab.authorize(browser, prompt="none", scope="openid"))
    assert answer(lab.authorize(browser, prompt="none"))["error"] == "consent_required"


def test_a_deleted_user_has_no_session(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    lab.logto.users.clear()
    assert answer(lab.authorize(browser, prompt="none"))["error"] == "login_required"


def test_offline_access_without_consent_is_dropped_silently(lab: Lab) -> None:
    tokens = lab.exchange(lab.sign_in(lab.browser())["code"]).json()
    assert tokens["scope"] == "openid profile email"
    assert "refresh_token" not in tokens


def test_unknown_scopes_are_dropped_silently(lab: Lab) -> None:
    assert lab.tokens(scope="openid email read:things")["scope"] == "openid email"


def test_max_age_asks_again_and_brings_auth_time(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    lab.clock.now += 100
    recent = answer(lab.authorize(browser, max_age="1000"))
    _, claims = decode(lab.exchange(recent["code"]).json()["id_token"])
    assert claims["auth_time"] == int(lab.clock()) - 100
    assert answer(lab.authorize(browser, max_age="50", prompt="none"))["error"] == "login_required"
    _, claims = decode(lab.exchange(lab.sign_in(browser, max_age="50")["code"]).json()["id_token"])
    assert claims["auth_time"] == int(lab.clock())


def test_pkce_is_enforced_once_begun(lab: Lab) -> None:
    browser, pkce = lab.browser(), {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = lab.sign_in(browser, **pkce)["code"]
    assert lab.exchange(code).status_code == 400
    assert lab.exchange(code, code_verifier="w" * 43).json()["error"] == "invalid_grant"
    assert lab.exchange(code, code_verifier=VERIFIER).status_code == 200


def pushed(lab: Lab, **extra: str) -> dict[str, Any]:
    params = {"redirect_uri": CALLBACK, "response_type": "code", "scope": ALL_SCOPES, "state": "p"} | extra
    response = lab.http.post("/oidc/request", data=params, auth=(WEB.id, WEB.secret))
    assert response.status_code == 201
    return dict(response.json())


def test_a_pushed_request_is_good_until_it_is_used(lab: Lab) -> None:
    got = pushed(lab, login_hint="a@b")
    assert got["expires_in"] == 60
    browser, short = lab.browser(), {"client_id": "web", "request_uri": got["request_uri"]}
    for _ in range(2):
        page = browser.get("/oidc/auth", params=short).headers["location"]
        assert page == "/sign-in?app_id=web&login_hint=a%40b"
    code_page = browser.post(page, data={"email": "ada@example.com"}).headers["location"]
    resume = browser.post(code_page, data={"code": lab.connector.code}).headers["location"]
    assert answer(browser.get(resume))["state"] == "p"
    assert browser.get("/oidc/auth", params=short).json()["code"] == "oidc.invalid_request_uri"


def test_a_pushed_request_expires_and_is_its_clients_own(lab: Lab) -> None:
    uri = pushed(lab)["request_uri"]
    theirs = lab.http.get("/oidc/auth", params={"client_id": OTHER.id, "request_uri": uri})
    assert theirs.status_code == 400
    lab.clock.now += 60
    assert lab.http.get("/oidc/auth", params={"client_id": "web", "request_uri": uri}).status_code == 400


def test_pushing_needs_the_client(lab: Lab) -> None:
    got = lab.http.post("/oidc/request", data={"client_id": "web"}, auth=("web", "wrong"))
    assert (got.status_code, got.json()["error"]) == (401, "invalid_client")
