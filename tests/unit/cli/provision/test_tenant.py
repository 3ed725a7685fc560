"""`passerelle provision` finds the tenant, and says what is wrong with the operator's credentials."""

import io
import json
import sys

import pytest

from cli.problems import Problem
from cli.provision.tenant import Tenant, find_tenant
from local.logto import Client, EmbeddedLogto
from local.serving import Server
from tests.support.cloudformation import described
from tests.unit.cli.provision.deployed import (
    MANAGER,
    MANAGER_SECRET,
    Deployed,
    provision,
)

WHO = {"LOGTO_M2M_ID": "machine", "LOGTO_M2M_SECRET": "hidden"}


@pytest.mark.parametrize(
    ("issuer", "variables", "endpoint", "resource"),
    [
        (
            "https://acme.logto.app/oidc",
            {},
            "https://acme.logto.app/oidc/token",
            "https://acme.logto.app/api",
        ),
        (
            "https://id.acme.example/oidc",
            {"LOGTO_MANAGEMENT_RESOURCE": "https://acme.logto.app/api"},
            "https://id.acme.example/oidc/token",
            "https://acme.logto.app/api",
        ),
        (
            "https://logto.acme.example/oidc",
            {},
            "https://logto.acme.example/oidc/token",
            "https://default.logto.app/api",
        ),
        (
            "https://logto.acme.example/oidc",
            {"LOGTO_M2M_ID": "m-default", "LOGTO_ADMIN_ENDPOINT": "https://admin.acme.example/"},
            "https://admin.acme.example/oidc/token",
            "https://default.logto.app/api",
        ),
        (
            "http://localhost:3001/oidc",
            {"LOGTO_M2M_ID": "m-default"},
            "http://localhost:3002/oidc/token",
            "https://default.logto.app/api",
        ),
        (
            "http://localhost:3001/oidc",
            {},
            "http://localhost:3001/oidc/token",
            "https://default.logto.app/api",
        ),
    ],
)
def test_the_tenant_follows_from_the_issuer(
    issuer: str, variables: dict[str, str], endpoint: str, resource: str
) -> None:
    tenant = find_tenant(issuer, WHO | variables)
    assert (tenant.token_endpoint, tenant.resource) == (endpoint, resource)
    assert tenant.origin == issuer.removesuffix("/oidc")
    assert "hidden" not in repr(tenant)


@pytest.mark.parametrize(
    ("issuer", "variables", "told"),
    [
        ("https://logto.acme.example/oidc", {"LOGTO_M2M_ID": "m-default"}, "LOGTO_ADMIN_ENDPOINT"),
        ("http://logto.acme.example/oidc", {}, "https"),
    ],
)
def test_what_does_not_follow_is_asked_for(issuer: str, variables: dict[str, str], told: str) -> None:
    with pytest.raises(Problem, match=told):
        find_tenant(issuer, WHO | variables)


def test_a_tenant_of_the_cloud_is_known_by_its_resource() -> None:
    cloud = Tenant("https://id.example", "https://acme.logto.app/api", "", "", "")
    assert cloud.is_same("https://acme.logto.app", "https://acme.logto.app/api")
    own = Tenant("https://id.example", "https://default.logto.app/api", "", "", "")
    assert not own.is_same("https://other.example", "https://default.logto.app/api")


@pytest.mark.parametrize("missing", ["LOGTO_M2M_ID", "LOGTO_M2M_SECRET"])
def test_credentials_that_are_missing_are_asked_for_by_name(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    monkeypatch.delenv(missing)
    assert provision() == 2
    assert missing in capsys.readouterr().err


def test_credentials_are_typed_in_without_being_shown(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LOGTO_M2M_ID")
    monkeypatch.delenv("LOGTO_M2M_SECRET")
    typed = io.StringIO(f"{MANAGER}\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)
    monkeypatch.setattr("getpass.getpass", lambda prompt: MANAGER_SECRET)
    assert provision("--plan") == 2
    assert MANAGER_SECRET not in "".join(capsys.readouterr())


def test_no_argument_takes_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        provision("--help")
    said = capsys.readouterr().out
    options = {word.strip("[],:") for word in said.split() if word.startswith(("--", "[--"))}
    assert options == {"--stack", "--local", "--plan", "--undo", "--yes", "--json", "--help"}
    assert "LOGTO_M2M_SECRET" in said


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("LOGTO_M2M_ID", "nobody", "does not know these credentials"),
        ("LOGTO_M2M_SECRET", "wrong-hidden", "does not know these credentials"),
        ("LOGTO_MANAGEMENT_RESOURCE", "https://acme.logto.app/api", "LOGTO_MANAGEMENT_RESOURCE"),
        ("LOGTO_ADMIN_ENDPOINT", "http://localhost:1", "does not answer at http://localhost:1"),
        ("LOGTO_M2M_ID", "no-role", 'the role "Logto Management API access"'),
    ],
)
def test_what_logto_refuses_is_explained(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    told: str,
) -> None:
    powerless = Client("no-role", MANAGER_SECRET, "x", (), type="MachineToMachine")
    deployed.logto.clients["no-role"] = powerless
    monkeypatch.setenv(variable, value)
    for arguments in ([], ["--plan"]):
        assert provision(*arguments) == 1
        said = "".join(capsys.readouterr())
        assert told in said
        assert "wrong-hidden" not in said
    assert not deployed.logto.hooks


def test_a_token_that_the_api_does_not_take_is_explained(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The admin endpoint of another Logto gives good tokens, and not for this one."""
    other = EmbeddedLogto(
        issuer="http://localhost:1/oidc", clients=[], connector_endpoint=None, connector_authorization=None
    )
    admin = other.admin_endpoint(issuer="http://localhost:2/oidc")
    server = Server(admin.app, "127.0.0.1", 0)
    server.start()
    monkeypatch.setenv("LOGTO_M2M_ID", "m-default")
    monkeypatch.setenv("LOGTO_M2M_SECRET", admin.secret)
    monkeypatch.setenv("LOGTO_ADMIN_ENDPOINT", server.url)
    assert provision() == 1
    server.close()
    assert "takes no token" in capsys.readouterr().err


def test_a_self_hosted_logto_is_managed_by_its_own_application(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOGTO_M2M_ID", "m-default")
    monkeypatch.setenv("LOGTO_M2M_SECRET", deployed.admin.secret)
    monkeypatch.setenv("LOGTO_ADMIN_ENDPOINT", deployed.admin_url)
    assert provision() == 0
    assert "self-hosted" in capsys.readouterr().out
    assert deployed.application.name.startswith("Passerelle")


def test_a_tenant_of_the_cloud_is_managed_at_its_own_endpoint(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.become_new(tenant_id="acme", is_cloud=True)
    monkeypatch.setenv("LOGTO_MANAGEMENT_RESOURCE", "https://acme.logto.app/api")
    assert provision() == 0
    assert "Cloud" in capsys.readouterr().out
    methods = deployed.logto.sign_in_experience["signIn"]["methods"]
    assert methods == [
        {"identifier": "email", "password": True, "verificationCode": True, "isPasswordPrimary": False}
    ]
    assert provision("--plan") == 0


def test_an_issuer_that_is_not_logto_is_told(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = deployed.stack.parameters | {"LogtoIssuer": f"{deployed.stack.app_url}/oidc"}
    with described(monkeypatch, deployed.outputs, wrong):
        assert provision("--json") == 1
    assert "not Logto's token endpoint" in json.loads(capsys.readouterr().out)["error"]


def test_a_stack_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], deployed: Deployed) -> None:
    assert provision(stack="nowhere") == 2
    assert "nowhere" in capsys.readouterr().err
    assert provision("--plan", stack="nowhere") == 1
