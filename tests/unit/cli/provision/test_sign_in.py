"""`passerelle provision` adds the e-mailed code to sign-in and sign-up, and keeps what somebody has set."""

from typing import Any

import pytest

from cli.provision.experience import wanted
from tests.unit.cli.provision.deployed import Deployed, provision

Json = dict[str, Any]


def method(identifier: str, *, password: bool = False, code: bool = False, primary: bool = False) -> Json:
    return {
        "identifier": identifier,
        "password": password,
        "verificationCode": code,
        "isPasswordPrimary": primary,
    }


EMAIL = method("email", code=True)
USERNAME = method("username", password=True, primary=True)

CASES = {
    "it is so already": (
        {"identifiers": ["email"], "password": False, "verify": True},
        [EMAIL],
        {"identifiers": ["email"], "password": False, "verify": True},
        [EMAIL],
    ),
    "a new tenant of one's own": (
        {"identifiers": ["username"], "password": True, "verify": False},
        [USERNAME],
        {"identifiers": ["email"], "password": False, "verify": True},
        [USERNAME, EMAIL],
    ),
    "a new tenant of the Cloud": (
        {"identifiers": ["email"], "password": True, "verify": True, "secondaryIdentifiers": []},
        [method("email", password=True, primary=True)],
        {"identifiers": ["email"], "password": False, "verify": True, "secondaryIdentifiers": []},
        [method("email", password=True, code=True)],
    ),
    "a password beside the code": (
        {"identifiers": ["email"], "password": True, "verify": True},
        [method("email", password=True, code=True, primary=True), USERNAME],
        {"identifiers": ["email"], "password": True, "verify": True},
        [method("email", password=True, code=True, primary=True), USERNAME],
    ),
    "by password alone, with user names": (
        {"identifiers": ["email"], "password": True, "verify": False},
        [USERNAME, method("email", password=True, primary=True)],
        {"identifiers": ["email"], "password": True, "verify": True},
        [USERNAME, method("email", password=True, code=True, primary=True)],
    ),
    "by telephone": (
        {"identifiers": ["phone"], "password": False, "verify": True},
        [method("phone", code=True)],
        {"identifiers": ["email", "phone"], "password": False, "verify": True},
        [method("phone", code=True), EMAIL],
    ),
    "user name first, address second": (
        {
            "identifiers": ["username"],
            "password": True,
            "verify": True,
            "secondaryIdentifiers": [{"identifier": "email", "verify": True}],
        },
        [USERNAME],
        {
            "identifiers": ["email"],
            "password": True,
            "verify": True,
            "secondaryIdentifiers": [{"identifier": "username"}],
        },
        [USERNAME, EMAIL],
    ),
    "nobody could sign up but by a social account": (
        {"identifiers": [], "password": False, "verify": False},
        [],
        {"identifiers": ["email"], "password": False, "verify": True},
        [EMAIL],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wanted_is_judged_by_what_there_is(case: str) -> None:
    sign_up, methods, then_up, then_methods = CASES[case]
    assert wanted(sign_up, {"methods": methods}) == {"signUp": then_up, "signIn": {"methods": then_methods}}
    assert wanted(then_up, {"methods": then_methods}) == {
        "signUp": then_up,
        "signIn": {"methods": then_methods},
    }


# The embedded Logto has no connector for text messages.
@pytest.mark.parametrize("case", [case for case in CASES if case != "by telephone"])
def test_the_code_comes_beside_what_there_is(deployed: Deployed, case: str) -> None:
    sign_up, methods, then_up, then_methods = CASES[case]
    deployed.logto.sign_in_experience |= {"signUp": sign_up, "signIn": {"methods": methods}}
    others = {name: value for name, value in deployed.logto.sign_in_experience.items() if "sign" not in name}
    assert provision() == 0
    now = deployed.logto.sign_in_experience
    assert now["signUp"] == then_up
    assert now["signIn"]["methods"] == then_methods
    assert {name: now[name] for name in others} == others
    assert provision("--plan") == 0


def test_what_may_surprise_is_noted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    sign_up = {"identifiers": ["email"], "password": True, "verify": True}
    experience = {"signUp": sign_up, "signIn": {"methods": [EMAIL]}, "signInMode": "SignIn"}
    deployed.logto.sign_in_experience |= experience
    assert provision() == 0
    said = capsys.readouterr().out
    assert "note: the tenant lets nobody sign up" in said
    assert "note: sign-up asks for a password as well" in said
    assert deployed.logto.sign_in_experience["signInMode"] == "SignIn"


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("nobody could sign up but by a social account", "whoever has an e-mail address can sign up then"),
        ("by password alone, with user names", "the code alone signs in then"),
    ],
)
def test_a_door_that_was_closed_is_not_opened_in_silence(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], case: str, told: str
) -> None:
    sign_up, methods, *_ = CASES[case]
    deployed.logto.sign_in_experience |= {"signUp": sign_up, "signIn": {"methods": methods}}
    assert provision("--plan") == 2
    assert f"note: {told}" in capsys.readouterr().out
    assert provision() == 0
    assert f"note: {told}" in capsys.readouterr().out
    assert provision() == 0
    assert "note: " not in capsys.readouterr().out.replace("note: sign-up asks for a password", "")


def test_a_new_tenant_has_no_such_door(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    assert provision("--plan") == 2
    assert "note: " not in capsys.readouterr().out


def test_a_second_factor_by_e_mail_stands_in_the_way(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.logto.sign_in_experience["mfa"] = {"factors": ["EmailVerificationCode"], "policy": "Mandatory"}
    assert provision() == 2
    assert "Multi-factor auth" in capsys.readouterr().err
