"""`passerelle deploy` asks once, tries each answer out, and leaves the rest to the SAM CLI."""

import tomllib
from pathlib import Path

import pytest

from tests.unit.cli.deploying import (
    REGION,
    Folder,
    account,
    certificate,
    folder,
    issuer,
    program,
    run,
    typing,
    zone,
)

__all__ = ["account", "folder", "issuer"]


def first(issuer: str, *more: str) -> int:
    return run("deploy", "--stack", "app", "--issuer", issuer, *more)


def test_the_first_time_it_asks_and_tries_each_answer_out(
    folder: Folder, issuer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = zone("example.com")
    typing(
        monkeypatch,
        *("mars-central-1", ""),
        *("http://id.example", "https://localhost:1/oidc", f"{issuer}x", issuer.removesuffix("/oidc")),
        *("nobody", "operator@example.com"),
        *("auth", "auth.example.net", "Auth.Example.com"),
    )
    assert run("deploy", "--stack", "app") == 0
    assert folder.called() == ["build --config-env app", "deploy --config-env app"]
    assert folder.config.region("app") == REGION
    assert folder.config.parameters("app") == {
        "LogtoIssuer": issuer,
        "AlarmEmail": "operator@example.com",
        "DomainName": "auth.example.com",
        "HostedZoneId": found,
    }
    shown = capsys.readouterr()
    for complaint in (
        "no region",
        "not an address on https",
        "no Logto is there",
        "not an e-mail",
        "no host name",
    ):
        assert complaint in shown.err.replace("is not a host name", "is no host name"), complaint
    assert "neither a zone of auth.example.net" in shown.err
    assert "./passerelle provision --stack app" in shown.out
    assert "./passerelle doctor --stack app" in shown.out
    assert "AWS_DEFAULT_REGION" not in shown.out


def test_the_next_time_it_asks_nothing(
    folder: Folder, issuer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert first(issuer) == 0
    written = (folder.path / "samconfig.toml").read_text()
    assert run("deploy", "--stack", "app") == 0
    assert (folder.path / "samconfig.toml").read_text() == written
    assert folder.called() == ["build --config-env app", "deploy --config-env app"] * 2
    assert f"Stack app in {REGION}, account 123456789012" in capsys.readouterr().out


def test_without_anybody_to_ask_the_options_answer(
    folder: Folder, issuer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("deploy", "--stack", "app") == 2
    assert "Nobody is here to answer" in capsys.readouterr().err
    assert first(issuer, "--region", "us-east-2", "--alarm-email", "nobody") == 2
    assert first("https://localhost:1/oidc") == 1
    assert not (folder.path / "samconfig.toml").exists()
    assert not folder.called()
    assert first(issuer, "--region", "us-east-2") == 0
    assert folder.config.region("app") == "us-east-2"
    assert folder.config.parameters("app") == {"LogtoIssuer": issuer}
    assert "export AWS_DEFAULT_REGION=us-east-2" in capsys.readouterr().out


def test_two_environments_have_nothing_in_common(folder: Folder, issuer: str) -> None:
    zone("example.com")
    folder.deployed("app-staging", PublicUrl="https://staging.example.com")
    assert first(issuer) == 0
    arguments = ("--stack", "app-staging", "--issuer", issuer, "--domain", "staging.example.com")
    assert run("deploy", *arguments) == 0
    assert folder.called()[2:] == ["build --config-env app-staging", "deploy --config-env app-staging"]
    document = tomllib.loads((folder.path / "samconfig.toml").read_text())
    assert document.keys() == {"version", "app", "app-staging"}
    assert {document[name]["deploy"]["parameters"]["s3_prefix"] for name in ("app", "app-staging")} == {
        "app",
        "app-staging",
    }
    assert "DomainName" not in folder.config.parameters("app")


def test_a_domain_brings_its_nearest_public_zone_and_a_certificate_that_is_issued(
    folder: Folder, issuer: str
) -> None:
    zone("example.com")
    nearest = zone("id.example.com")
    zone("auth.id.example.com", private=True)
    zone("xid.example.com")
    certificate("*.example.com")
    certificate("auth.id.example.com", issued=False)
    wild = certificate("*.id.example.com")
    assert first(issuer, "--domain", "auth.id.example.com") == 0
    found = folder.config.parameters("app")
    assert (found["HostedZoneId"], found["CertificateArn"]) == (nearest, wild)


def test_where_dns_is_elsewhere_it_says_what_to_enter_there(
    folder: Folder, issuer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate("auth.example.com", "eu-west-1")
    assert first(issuer, "--domain", "auth.example.com") == 2
    certificate("auth.example.com")
    assert first(issuer, "--domain", "auth.example.com") == 0
    assert "HostedZoneId" not in folder.config.parameters("app")
    assert "auth.example.com is a CNAME of d-1.example.net" in capsys.readouterr().out


def test_a_stack_that_never_came_up_is_told_how_to_begin_again(
    folder: Folder, issuer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.deployed("app", "ROLLBACK_COMPLETE")
    assert first(issuer) == 2
    assert f"sam delete --stack-name app --region {REGION}" in capsys.readouterr().err
    assert not folder.called()


def test_what_sam_does_not_manage_ends_it(
    folder: Folder, issuer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.fail()
    assert first(issuer) == 1
    assert folder.called() == ["build --config-env app"]
    assert "provision" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "a b", "1st", "a_b", "x" * 42, "--yes"])
def test_a_name_that_cloudformation_would_not_take_is_refused_first(folder: Folder, name: str) -> None:
    assert run("deploy", f"--stack={name}") == 2
    assert not folder.called()


def test_without_credentials_it_says_how_to_get_some(
    folder: Folder, issuer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "")
        assert first(issuer) == 2
    assert "aws configure sso" in capsys.readouterr().err


def test_without_the_sam_cli_it_says_where_to_get_it(
    folder: Folder, issuer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / "bin" / "sam").unlink()
    assert first(issuer) == 2
    assert "requirements/sam.txt" in capsys.readouterr().err


def test_a_sam_of_this_folders_own_will_do(folder: Folder, issuer: str) -> None:
    own = folder.path / ".venv-sam" / "bin"
    own.mkdir(parents=True)
    (folder.path / "bin" / "sam").rename(own / "sam")
    assert first(issuer) == 0
    assert len((own / "called").read_text().splitlines()) == 2


def test_sam_gets_the_interpreter_itself_and_none_of_our_paths(
    folder: Folder, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "layers/passerelle:.")
    assert first(issuer) == 0
    assert folder.environment_of_sam() == [str(folder.path / "bin" / "python3.13"), "none"]


def test_another_python_is_named_or_found_by_uv_and_a_wrong_one_refused(
    folder: Folder,
    issuer: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    elsewhere = tmp_path / "elsewhere" / "python3.13"
    (folder.path / "bin" / "python3.13").rename(tmp_path / "kept")
    assert first(issuer) == 2
    assert "Building takes a Python 3.13" in capsys.readouterr().err
    program(elsewhere, (tmp_path / "kept").read_text())
    program(folder.path / "bin" / "uv", f'#!/bin/sh\n[ "$*" = "python find 3.13" ] && echo {elsewhere}\n')
    assert first(issuer) == 0
    assert folder.environment_of_sam()[0] == str(elsewhere)
    monkeypatch.setenv("PYTHON313", "/usr/bin/false")
    assert first(issuer) == 2
