"""`passerelle firewall` refuses nobody meanwhile: CloudFront is in front before functions ask for it."""

import json
from hashlib import sha256
from typing import Any

import boto3
import httpx
import pytest

from cli.deploy import firewall
from tests.unit.cli.deploying import Folder, account, certificate, folder, run, secret, zone

__all__ = ["account", "folder"]

WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b"
SHOWN = "arn:aws:acm:us-east-1:123456789012:certificate/b"


class Dns:
    """Where visitors come to, and how many have to ask before it is CloudFront."""

    def __init__(self) -> None:
        self.after, self.asked, self.waited = 1, 0, 0.0

    def get(self, url: str, timeout: float) -> httpx.Response:
        assert url == "https://auth.example.com/session"
        self.asked += 1
        if self.asked == 1:
            raise httpx.ConnectError("not there yet")
        return httpx.Response(401, headers={"x-amz-cf-id": "1"} if self.asked > self.after else {})

    def now(self) -> float:
        return 1_000_000_000 + self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    made = Dns()
    monkeypatch.setattr(httpx, "get", made.get)
    monkeypatch.setattr(firewall, "SystemClock", lambda: made)
    return made


@pytest.fixture
def ready(folder: Folder) -> Folder:
    parameters = {"LogtoIssuer": "https://id.example/oidc", "DomainName": "auth.example.com"}
    folder.config.add("app", "eu-central-1", {**parameters, "HostedZoneId": zone("example.com")})
    folder.deployed("app-firewall", WebAclArn=WEB_ACL, FrontCertificateArn=SHOWN)
    return folder


def put() -> int:
    return run("firewall", "--stack", "app")


def test_puts_the_firewall_first_and_asks_for_cloudfront_last(
    ready: Folder, dns: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []
    get = httpx.get

    def looked(*arguments: Any, **named: Any) -> httpx.Response:
        seen.append(ready.config.parameters("app"))
        return get(*arguments, **named)

    monkeypatch.setattr(httpx, "get", looked)
    assert put() == 0
    assert ready.called() == [
        "deploy --config-env app-firewall",
        "build --config-env app",
        "deploy --config-env app",
        "deploy --config-env app",
    ]
    assert dns.waited == 10
    assert "FrontSecretSha256" not in seen[-1]
    parameters = ready.config.parameters("app")
    assert (parameters["WebAclArn"], parameters["FrontCertificateArn"]) == (WEB_ACL, SHOWN)
    token = secret("app/front")["token"]
    assert parameters["FrontSecretSha256"] == sha256(token.encode()).hexdigest()
    assert ":secret:app/front" in parameters["FrontSecretArn"]
    assert token not in (ready.path / "samconfig.toml").read_text()
    assert ready.config.region("app-firewall") == "us-east-1"


def test_again_it_changes_nothing(ready: Folder, dns: Dns) -> None:
    assert put() == 0
    written = (ready.path / "samconfig.toml").read_text()
    assert put() == 0
    assert (ready.path / "samconfig.toml").read_text() == written


def test_a_secret_that_was_replaced_stays(
    ready: Folder, dns: Dns, capsys: pytest.CaptureFixture[str]
) -> None:
    """With another one, functions would refuse all that CloudFront brings."""
    assert put() == 0
    manager = boto3.client("secretsmanager")
    new = "n" * 48
    arn = manager.create_secret(Name="app/front-2", SecretString=json.dumps({"token": new}))["ARN"]
    replaced = {"FrontSecretArn": arn, "FrontSecretSha256": sha256(new.encode()).hexdigest()}
    ready.config.set("app", replaced)
    manager.delete_secret(SecretId="app/front", ForceDeleteWithoutRecovery=True)
    assert put() == 0
    assert ready.config.parameters("app").items() >= replaced.items()
    manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    assert put() == 2
    assert "app/front-2" in capsys.readouterr().err


def test_a_domain_that_was_taken_away_is_none(ready: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    ready.config.set("app", {"DomainName": "''"})
    assert put() == 2
    assert "has no domain of its own" in capsys.readouterr().err
    assert not ready.called()


def test_functions_do_not_ask_for_cloudfront_before_visitors_come_to_it(
    ready: Folder, dns: Dns, capsys: pytest.CaptureFixture[str]
) -> None:
    dns.after = 10_000
    assert put() == 1
    assert "does not lead to CloudFront yet" in capsys.readouterr().err
    assert "FrontSecretSha256" not in ready.config.parameters("app")
    dns.after = 0
    assert put() == 0
    assert "FrontSecretSha256" in ready.config.parameters("app")


def test_without_a_zone_it_takes_a_certificate_of_cloudfronts_region(
    folder: Folder, dns: Dns, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.deployed("app-firewall", WebAclArn=WEB_ACL, FrontCertificateArn=SHOWN)
    folder.config.add("app", "eu-central-1", {"DomainName": "auth.example.com"})
    certificate("auth.example.com", "eu-central-1")
    assert put() == 2
    assert "us-east-1" in capsys.readouterr().err
    arn = certificate("auth.example.com", "us-east-1")
    assert put() == 0
    assert folder.config.parameters("app-firewall")["CertificateArn"] == arn


def test_a_stack_without_a_domain_or_none_at_all_is_told_what_comes_first(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert put() == 2
    assert "make deploy STACK=app" in capsys.readouterr().err
    folder.config.add("app", "eu-central-1", {"LogtoIssuer": "https://id.example/oidc"})
    assert put() == 2
    assert "DomainName" in capsys.readouterr().err
    assert not folder.called()


@pytest.mark.parametrize("own", ["mine", '{"token": "a-word"}', '{"token": 1}', '{"token": null}'])
def test_a_secret_of_another_form_is_neither_used_nor_replaced(ready: Folder, dns: Dns, own: str) -> None:
    boto3.client("secretsmanager").create_secret(Name="app/front", SecretString=own)
    assert put() == 2
    value = boto3.client("secretsmanager").get_secret_value(SecretId="app/front")
    assert value["SecretString"] == own
    assert "FrontSecretSha256" not in ready.config.parameters("app")
