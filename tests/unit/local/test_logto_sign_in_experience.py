"""The sign-in experience by the Management API."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.logto import EmbeddedLogto
from tests.unit.local.test_logto_management import Console

EMAIL = {"identifier": "email", "password": False, "verificationCode": True, "isPasswordPrimary": False}
NAME = {"identifier": "username", "password": True, "verificationCode": False, "isPasswordPrimary": True}
BY_CODE: dict[str, Any] = {
    "signUp": {"identifiers": ["email"], "password": False, "verify": True},
    "signIn": {"methods": [EMAIL]},
}


@pytest.fixture
def console() -> Iterator[Console]:
    with Console() as console:
        yield console


def change(console: Console, members: dict[str, Any]) -> dict[str, Any]:
    response = console.call("PATCH", "/sign-in-exp", json=members)
    return {"status": response.status_code} | dict(response.json())


def new_logto(**members: Any) -> EmbeddedLogto:
    nothing: dict[str, Any] = {"connector_endpoint": None, "connector_authorization": None, "clients": []}
    return EmbeddedLogto(issuer="http://localhost:1/oidc", **nothing | members)


def test_a_new_tenant_begins_with_passwords() -> None:
    own = new_logto().sign_in_experience
    assert own["signIn"] == {"methods": [NAME]}
    assert own["signUp"] == {"identifiers": ["username"], "password": True, "verify": False}
    assert len(own) == 34
    cloud = new_logto(is_cloud=True, tenant_id="abc").sign_in_experience
    assert cloud["signUp"] == {"identifiers": ["email"], "password": True, "verify": True}
    assert cloud["tenantId"] == "abc"


def test_one_with_a_connector_begins_with_codes(console: Console) -> None:
    shown = console.call("GET", "/sign-in-exp").json()
    assert shown == console.logto.sign_in_experience
    assert {name: shown[name] for name in BY_CODE} == BY_CODE


def test_a_change_replaces_what_it_names_as_a_whole(console: Console) -> None:
    before = console.logto.sign_in_experience
    members = {"signIn": {"methods": [NAME, EMAIL]}, "branding": {}, "termsOfUseUrl": ""}
    assert change(console, members | {"id": "x", "unknown": 1}) == before | members | {"status": 200}
    assert console.logto.sign_in_experience == before | members


def test_the_whole_of_it_can_be_put_back(console: Console) -> None:
    before = console.call("GET", "/sign-in-exp").json()
    change(console, {"signIn": {"methods": [NAME, EMAIL]}, "color": before["color"]})
    assert change(console, before) == before | {"status": 200}


def test_codes_need_a_connector(console: Console) -> None:
    console.logto.connectors.clear()
    for member in BY_CODE:
        answer = change(console, {member: BY_CODE[member]})
        assert (answer["status"], answer["code"]) == (400, "sign_in_experiences.enabled_connector_not_found")
        assert answer["message"] == "Enabled Email connector not found."


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"signUp": BY_CODE["signUp"] | {"verify": False}}, "passwordless_requires_verify"),
        (
            {"signUp": BY_CODE["signUp"] | {"identifiers": ["email", "email"]}},
            "duplicated_sign_up_identifiers",
        ),
        ({"signUp": BY_CODE["signUp"] | {"identifiers": ["phone"]}}, "enabled_connector_not_found"),
        (
            {
                "signUp": BY_CODE["signUp"]
                | {"identifiers": [], "secondaryIdentifiers": [{"identifier": "email"}]}
            },
            "missing_sign_up_identifiers",
        ),
        (
            {"signIn": {"methods": [EMAIL | {"verificationCode": False}]}},
            "at_least_one_authentication_factor",
        ),
        (
            {"signIn": {"methods": [EMAIL | {"verificationCode": False, "password": True}]}},
            "code_sign_in_must_be_enabled",
        ),
        (
            {"mfa": {"factors": ["EmailVerificationCode"], "policy": "NoPrompt"}},
            "email_verification_code_cannot_be_used_for_mfa",
        ),
        (
            {"mfa": {"factors": ["Totp", "Totp"], "policy": "NoPrompt"}},
            "duplicated_mfa_factors",
        ),
        (
            {"forgotPasswordMethods": ["PhoneVerificationCode"]},
            "forgot_password_method_requires_connector",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(console: Console, members: dict[str, Any], code: str) -> None:
    before = dict(console.logto.sign_in_experience)
    answer = change(console, members)
    assert (answer["status"], answer["code"]) == (400, f"sign_in_experiences.{code}")
    assert console.logto.sign_in_experience == before


@pytest.mark.parametrize(
    "members",
    [
        {"signIn": {}},
        {"signIn": {"methods": [{"identifier": "email"}]}},
        {"signIn": {"methods": [EMAIL | {"identifier": "pigeon"}]}},
        {"signUp": {"identifiers": ["email"]}},
        {"signUp": BY_CODE["signUp"] | {"verify": "yes"}},
        {"signInMode": "Nobody"},
        {"color": {"primaryColor": "red"}},
        {"branding": {"logoUrl": "logo.png"}},
        {"languageInfo": {"autoDetect": True, "fallbackLanguage": "xx"}},
        {"supportEmail": "nobody"},
        {"termsOfUseUrl": "/terms"},
        {"verificationCodePolicy": {"expirationDuration": 59}},
        {"customUiCsp": {"imgSrc": []}},
        {"signUp": None},
    ],
)
def test_what_is_not_as_it_should_be_is_refused(console: Console, members: dict[str, Any]) -> None:
    answer = change(console, members)
    assert (answer["status"], answer["code"]) == (400, "guard.invalid_input")


def test_an_empty_change_is_refused(console: Console) -> None:
    answer = change(console, {"unknown": 1})
    assert (answer["status"], answer["code"]) == (422, "entity.invalid_input")


def test_what_this_one_cannot_judge_it_does_not_take(console: Console) -> None:
    answer = change(console, {"passwordExpiration": {"enabled": True, "validPeriodDays": 90}})
    assert (answer["status"], answer["code"]) == (501, "embedded.not_implemented")


def test_people_sign_in_by_codes_only_where_that_is_set(console: Console) -> None:
    change(console, {"signUp": {"identifiers": ["username"], "password": True, "verify": False}})
    change(console, {"signIn": {"methods": [NAME]}})
    page = console.authorize(console.http).headers["location"]
    assert console.http.get(page).status_code == 400
    assert console.http.post(page, data={"email": "ada@example.com"}).status_code == 400
    assert not console.connector.messages
    change(console, {"signIn": {"methods": [NAME, EMAIL]}})
    assert console.http.get(page).status_code == 200
