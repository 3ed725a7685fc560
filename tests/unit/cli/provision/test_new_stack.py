"""`passerelle provision` registers a new stack, changes nothing when run again, and keeps what others set."""

import json
from typing import Any

import pytest

from cli.__main__ import main
from tests.support.browser import Browser
from tests.support.cloudformation import ACCOUNT, STACK, described
from tests.unit.cli.provision.deployed import (
    EVENTS,
    SIGNING_KEY,
    TOKEN,
    Deployed,
    provision,
    webhooks_of,
)


def test_a_new_stack_is_registered_and_people_sign_in(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provision() == 0
    assert "all is as it should be. Functions that run read the secrets anew" in capsys.readouterr().out
    url = deployed.stack.app_url
    assert deployed.everything() == {
        "application": [
            f"Passerelle {STACK}",
            (f"{url}/callback",),
            (f"{url}/logged-out",),
            {"passerelle": {"stack": f"{ACCOUNT}/{STACK}"}},
        ],
        "back-channel": (f"{url}/backchannel-logout", True),
        "secrets": 1,
        "hook": (f"Passerelle {STACK}", EVENTS, {"url": f"{url}/webhooks/logto"}, True),
        "connectors": [
            ("http-email", {"endpoint": f"{url}/send-otp", "authorization": f"Bearer {TOKEN}"}),
        ],
        "sign-in": {
            "signUp": {"identifiers": ["email"], "password": False, "verify": True},
            "signIn": {
                "methods": [
                    {
                        "identifier": "username",
                        "password": True,
                        "verificationCode": False,
                        "isPasswordPrimary": True,
                    },
                    {
                        "identifier": "email",
                        "password": False,
                        "verificationCode": True,
                        "isPasswordPrimary": False,
                    },
                ]
            },
            "signInMode": "SignInAndRegister",
        },
        "MailgunSecret": deployed.account | {"webhookSigningKey": SIGNING_KEY},
        "webhooks": dict.fromkeys(
            ["delivered", "permanent_fail", "temporary_fail", "complained"], [f"{url}/webhooks/mailgun"]
        ),
    }
    with Browser(deployed.stack) as browser:
        browser.sign_in("ada@example.com")
        assert browser.get("/session").json()["user"]["email"] == "ada@example.com"


def test_a_second_run_changes_nothing_and_says_so(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provision() == 0
    before = deployed.everything()
    capsys.readouterr()
    deployed.logto.requests.clear()
    assert provision() == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert deployed.everything() == before
    written = {request for request in deployed.logto.requests if request[0] != "GET"}
    assert written == {("POST", "/oidc/token")}


def test_a_plan_says_what_would_change_and_changes_nothing(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provision("--plan") == 2
    planned = capsys.readouterr().out
    assert "Nothing was changed" in planned
    assert not deployed.logto.hooks
    assert not deployed.logto.connectors
    assert deployed.read("LogtoSecret")["clientId"] == ""
    assert webhooks_of(deployed.mailgun) == {}
    assert provision() == 0
    done = capsys.readouterr().out
    assert _texts(planned, "would") == _texts(done, "done")
    assert provision("--plan") == 0
    assert "Nothing to change" in capsys.readouterr().out


def _texts(said: str, word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in said.splitlines() if line.startswith(f"{word} ")]


def test_programs_get_one_object(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    assert provision("--plan", "--json") == 2
    planned = _said(capsys)
    assert planned["plan"] is True
    assert {line["state"] for line in planned["changes"]} == {"planned"}
    assert provision("--json") == 0
    done = _said(capsys)
    assert [line["step"] for line in done["changes"]] == [line["step"] for line in planned["changes"]]
    assert provision("--json") == 0
    assert _said(capsys)["changes"] == []


def _said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--plan"], ["--plan", "--json"]])
def test_no_secret_is_shown(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    deployed.use_foreign_connector()
    provision("--yes", *arguments)
    provision(*arguments)
    said = "".join(capsys.readouterr())
    assert STACK in said
    assert not [secret for secret in deployed.known_secrets() if secret in said]


def test_two_stacks_share_a_tenant(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provision() == 0
    first = deployed.everything()
    names = {f"{name}Arn": f"Other{name}" for name in ("LogtoSecret", "MailgunSecret", "ConnectorSecret")}
    for name in names.values():
        empty = {"token": "o" * 32} if "Connector" in name else {}
        deployed.secrets.create_secret(Name=name, SecretString=json.dumps(empty))
    other = "http://127.0.0.1:" + deployed.stack.app_url.rpartition(":")[2]  # the same app by another name
    addresses = {
        name: value.replace(deployed.stack.app_url, other) for name, value in deployed.outputs.items()
    }
    deployed.write("ConnectorSecret", {"tokens": ["o" * 32, TOKEN]})
    with described(monkeypatch, addresses | names, deployed.stack.parameters, name="other"):
        assert provision("--yes", stack="other") == 0
        assert provision("--plan", stack="other") == 0
    deployed.write("ConnectorSecret", {"token": TOKEN})
    secret = deployed.read("OtherLogtoSecret")
    assert deployed.logto.clients[secret["clientId"]].name == "Passerelle other"
    assert [hook.config["url"] for hook in deployed.logto.hooks.values()] == [
        f"{deployed.stack.app_url}/webhooks/logto",
        f"{other}/webhooks/logto",
    ]
    assert webhooks_of(deployed.mailgun)["delivered"] == [
        f"{deployed.stack.app_url}/webhooks/mailgun",
        f"{other}/webhooks/mailgun",
    ]
    del deployed.logto.clients[secret["clientId"]], deployed.logto.hooks[list(deployed.logto.hooks)[1]]
    with described(monkeypatch, deployed.outputs, deployed.stack.parameters):
        assert provision("--yes") == 0
    assert deployed.everything() | {"webhooks": first["webhooks"]} == first


def test_what_make_run_has_started_is_registered(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LOGTO_M2M_ID")
    command = ["provision", "--local", deployed.stack.aws_url]
    assert main([*command, "--plan"]) == 2
    assert main(command) == 0
    assert main(command) == 0
    assert "The local stack, at http://localhost:" in capsys.readouterr().out
    assert deployed.application.name == "Passerelle local"
    assert deployed.application.redirect_uris == (f"{deployed.stack.app_url}/callback",)


def test_a_logto_elsewhere_cannot_reach_this_machine(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    far = deployed.stack.parameters | {"LogtoIssuer": "https://acme.logto.app/oidc"}
    with described(monkeypatch, deployed.outputs, far):
        assert provision() == 2
    assert "https://acme.logto.app cannot reach" in capsys.readouterr().err
