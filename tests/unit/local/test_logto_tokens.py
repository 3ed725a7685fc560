"""The embedded Logto's tokens: who may ask, how long they live, what revokes them."""

import dataclasses
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.logto import Secret
from tests.unit.local.test_logto_journey import CALLBACK, OTHER, WEB, Lab, answer, decode

DAY = 86400
INVALID_GRANT = {
    "code": "oidc.invalid_grant",
    "message": "Grant request is invalid.",
    "error_uri": "https://openid.sh/debug/invalid_grant",
    "error": "invalid_grant",
    "error_description": "grant request is invalid",
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def is_invalid_grant(response: httpx.Response) -> bool:
    return response.status_code == 400 and response.json() == INVALID_GRANT


@pytest.mark.parametrize(
    ("auth", "fields", "status", "error"),
    [
        ((WEB.id, "wrong"), {}, 401, "invalid_client"),
        (None, {"client_id": WEB.id, "client_secret": "wrong"}, 401, "invalid_client"),
        (("nobody", "x"), {}, 400, "invalid_client"),
        (None, {"client_id": "nobody", "client_secret": "x"}, 400, "invalid_client"),
        (None, {}, 400, "invalid_request"),
        ((WEB.id, WEB.secret), {"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_who_may_not_ask(lab: Lab, auth: Any, fields: dict[str, str], status: int, error: str) -> None:
    asked = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK}
    got = lab.token(auth=auth, **(asked | fields))
    assert (got.status_code, got.json()["error"]) == (status, error)
    assert got.headers.get("www-authenticate", "").startswith("Basic ") == (status == 401)


@pytest.mark.parametrize(("secret", "status"), [(WEB.secret, 400), ("newer", 400), ("another", 401)])
def test_an_application_may_have_several_secrets(lab: Lab, secret: str, status: int) -> None:
    lab.logto.clients[WEB.id] = dataclasses.replace(WEB, other_secrets=(Secret("newer"),))
    got = lab.token(auth=(WEB.id, secret), grant_type="refresh_token", refresh_token="x")
    assert got.status_code == status


def test_the_secret_may_come_in_the_body_as_form_or_json(lab: Lab) -> None:
    browser = lab.browser()
    lab.sign_in(browser)
    fields = {"client_id": WEB.id, "client_secret": WEB.secret, "grant_type": "authorization_code"}
    fields |= {"redirect_uri": CALLBACK}
    code = answer(lab.authorize(browser))["code"]
    assert lab.token(auth=None, code=code, **fields).status_code == 200
    fields["code"] = answer(lab.authorize(browser))["code"]
    assert lab.http.post("/oidc/token", json=fields).status_code == 200


def test_a_code_is_bound_to_client_redirect_uri_and_a_minute(lab: Lab) -> None:
    code = lab.sign_in(lab.browser())["code"]
    asked = {"grant_type": "authorization_code", "code": code}
    assert is_invalid_grant(lab.token(**asked, redirect_uri=f"{CALLBACK}2"))
    assert is_invalid_grant(lab.token(**asked, redirect_uri=CALLBACK, auth=(OTHER.id, OTHER.secret)))
    lab.clock.now += 60
    assert is_invalid_grant(lab.exchange(code))


def test_a_replayed_code_revokes_what_the_first_exchange_brought(lab: Lab) -> None:
    code = lab.sign_in(lab.browser(), prompt="consent")["code"]
    tokens = lab.exchange(code).json()
    assert is_invalid_grant(lab.exchange(code))
    assert lab.userinfo(tokens["access_token"]).status_code == 401
    assert is_invalid_grant(lab.refresh(tokens["refresh_token"]))


def test_of_simultaneous_exchanges_at_most_one_succeeds(lab: Lab) -> None:
    code = lab.sign_in(lab.browser())["code"]
    with ThreadPoolExecutor(8) as pool:
        statuses = [got.status_code for got in pool.map(lambda _: lab.exchange(code), range(8))]
    assert sorted(statuses) == [200] + [400] * 7


def test_an_access_token_lives_an_hour(lab: Lab) -> None:
    access_token = lab.tokens()["access_token"]
    assert lab.userinfo(access_token).status_code == 200
    lab.clock.now += 3600
    got = lab.userinfo(access_token)
    assert got.status_code == 401
    assert got.headers["www-authenticate"] == (
        f'Bearer realm="{lab.issuer}", error="invalid_token", error_description="invalid token provided"'
    )


def test_a_refresh_token_stays_the_same_and_repeats_the_nonce(lab: Lab) -> None:
    first = lab.tokens()
    lab.clock.now += 9 * DAY
    second = lab.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scope"] == first["scope"]
    _, claims = decode(second["id_token"])
    assert (claims["nonce"], claims["iat"]) == ("n-1", int(lab.clock()))
    assert "auth_time" not in claims


def test_a_refresh_token_expires_after_fourteen_days(lab: Lab) -> None:
    tokens = lab.tokens()
    lab.clock.now += 14 * DAY
    assert is_invalid_grant(lab.refresh(tokens["refresh_token"]))


def test_rotation_late_in_life_with_three_seconds_of_leeway(lab: Lab) -> None:
    lab.logto.refresh_token_ttl = 20
    first = lab.tokens()["refresh_token"]
    lab.clock.now += 14
    second = lab.refresh(first).json()["refresh_token"]
    lab.clock.now += 3
    third = lab.refresh(first).json()["refresh_token"]
    assert len({first, second, third}) == 3
    assert lab.refresh(second).json()["refresh_token"] == second


def test_reuse_after_the_leeway_revokes_the_whole_grant(lab: Lab) -> None:
    first = lab.tokens()["refresh_token"]
    lab.clock.now += 10 * DAY
    newest = lab.refresh(first).json()
    lab.clock.now += 3.5
    assert is_invalid_grant(lab.refresh(first))
    assert is_invalid_grant(lab.refresh(newest["refresh_token"]))
    assert lab.userinfo(newest["access_token"]).status_code == 401


def test_the_refresh_token_of_another_client_is_refused(lab: Lab) -> None:
    refresh_token = lab.tokens()["refresh_token"]
    theirs = lab.token(grant_type="refresh_token", refresh_token=refresh_token, auth=(OTHER.id, OTHER.secret))
    assert is_invalid_grant(theirs)


def test_a_refresh_may_narrow_the_scope_but_not_widen_it(lab: Lab) -> None:
    refresh_token = lab.tokens(scope="openid offline_access")["refresh_token"]
    narrow = lab.refresh(refresh_token, scope="openid").json()
    assert (narrow["scope"], narrow["refresh_token"]) == ("openid", refresh_token)
    assert lab.refresh(refresh_token, scope="openid email").json()["error"] == "invalid_scope"


def revoke(lab: Lab, token: str) -> int:
    return lab.http.post(
        "/oidc/token/revocation", data={"token": token}, auth=(WEB.id, WEB.secret)
    ).status_code


def test_revoking_a_refresh_token_kills_the_one_grant_of_browser_and_application(lab: Lab) -> None:
    browser = lab.browser()
    first = lab.tokens(browser)
    second = lab.exchange(answer(lab.authorize(browser, prompt="consent"))["code"]).json()
    elsewhere = lab.tokens(email="ada@example.com")
    assert first["refresh_token"] != second["refresh_token"]
    assert revoke(lab, first["refresh_token"]) == 200
    assert is_invalid_grant(lab.refresh(second["refresh_token"]))
    assert lab.userinfo(second["access_token"]).status_code == 401
    assert lab.refresh(elsewhere["refresh_token"]).status_code == 200


def test_revoking_an_access_token_kills_it_alone(lab: Lab) -> None:
    tokens = lab.tokens()
    assert revoke(lab, tokens["access_token"]) == 200
    assert lab.userinfo(tokens["access_token"]).status_code == 401
    assert lab.refresh(tokens["refresh_token"]).status_code == 200


def test_revoking_needs_the_client_but_no_token(lab: Lab) -> None:
    assert revoke(lab, "unknown") == 200
    url, token = "/oidc/token/revocation", {"token": "unknown"}
    assert lab.http.post(url, data=token, auth=(WEB.id, "wrong")).status_code == 401


def test_nothing_is_left_of_a_deleted_user(lab: Lab) -> None:
    tokens = lab.tokens()
    lab.logto.users.clear()
    assert lab.userinfo(tokens["access_token"]).status_code == 401
    assert is_invalid_grant(lab.refresh(tokens["refresh_token"]))


def test_a_name_once_set_is_in_the_claims(lab: Lab) -> None:
    tokens = lab.tokens()
    (user,) = lab.logto.users.values()
    user.name = "Ada"
    assert lab.userinfo(tokens["access_token"]).json()["name"] == "Ada"
    assert '"username":null' in json.dumps(lab.userinfo(tokens["access_token"]).json(), separators=(",", ":"))
