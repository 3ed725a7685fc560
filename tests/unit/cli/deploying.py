"""A folder to deploy from: a `sam` that writes its calls down, an account of moto's, stacks by name."""

import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws, settings
from moto.acm.models import acm_backends

from cli.__main__ import main
from cli.deploy import command
from cli.deploy import sam as sam_module
from cli.deploy.samconfig import SamConfig
from local.logto import EmbeddedLogto
from local.serving import Server
from local.tls import PrivateCA
from passerelle import runtime
from tests.support.cloudformation import NO_STACK, STACK, CloudFormation

REGION, ACCOUNT = "eu-central-1", "123456789012"
FAKE_SAM = """\
#!/bin/sh
echo "$PYTHON313 ${PYTHONPATH-none} $*" >> "$(dirname "$0")/called"
exit $(cat "$(dirname "$0")/code" 2>/dev/null || echo 0)
"""
FAKE_PYTHON = """\
#!/bin/sh
echo "$(dirname "$0")/python3.13"
"""


class Folder:
    """The folder, and what is to be seen of it."""

    def __init__(self, path: Path) -> None:
        self.path, self.config = path, SamConfig(path / "samconfig.toml")
        self.stacks: dict[str, CloudFormation] = {}
        self._bin = path / "bin"

    def called(self) -> list[str]:
        """How `sam` was called, oldest first."""
        calls = self._bin / "called"
        return (
            [line.split(maxsplit=2)[2] for line in calls.read_text().splitlines()] if calls.exists() else []
        )

    def environment_of_sam(self) -> list[str]:
        """PYTHON313 and PYTHONPATH of the first call."""
        return (self._bin / "called").read_text().splitlines()[0].split()[:2]

    def fail(self) -> None:
        """Let `sam` fail from now on."""
        (self._bin / "code").write_text("1")

    def deployed(self, name: str, status: str = "CREATE_COMPLETE", **outputs: str) -> None:
        """Let CloudFormation know a stack."""
        self.stacks[name] = CloudFormation(outputs, {}, status)

    def answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """CloudFormation, of many stacks."""
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        for name, stack in self.stacks.items():
            if f"StackName={name}&" in f"{body}&":
                asked = body.replace(f"StackName={name}", f"StackName={STACK}").encode()
                environ |= {"wsgi.input": io.BytesIO(asked), "CONTENT_LENGTH": str(len(asked))}
                return stack(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/xml")])
        return [NO_STACK.encode()]


def program(path: Path, text: str) -> None:
    """Put a program there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An account of moto's, and no other."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(settings, "ACM_VALIDATION_WAIT", -1)
    with mock_aws():
        yield


@pytest.fixture
def folder(account: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Folder]:
    program(tmp_path / "bin" / "sam", FAKE_SAM)
    program(tmp_path / "bin" / "python3.13", FAKE_PYTHON)
    for module in (command, sam_module):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.delenv("PYTHON313", raising=False)
    monkeypatch.delenv("SAM", raising=False)
    made = Folder(tmp_path)
    made.deployed("app", PublicUrl="https://auth.example.com", DnsTarget="d-1.example.net")
    with closing(Server(made.answer, "127.0.0.1", 0)) as server:
        server.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", server.url)
        yield made


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A Logto on https, of an authority that is trusted."""
    authority = PrivateCA()
    runtime.forget()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path / "authority.pem")))
    with closing(Server(lambda *_: [], "localhost", 0, tls=authority.server())) as server:
        issuer = f"{server.url}/oidc"
        server.app = EmbeddedLogto(
            issuer=issuer, clients=[], connector_endpoint="http://localhost:1", connector_authorization="none"
        ).app
        server.start()
        yield issuer
    runtime.forget()


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let somebody answer with these lines, and then be gone."""
    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))


def run(*arguments: str) -> int:
    """Run a command with nobody at the terminal, unless `typing` was called."""
    return main(arguments)


def zone(name: str, private: bool = False) -> str:
    """Make a zone at Route 53; returns its id."""
    route53 = boto3.client("route53")
    made = route53.create_hosted_zone(
        Name=name,
        CallerReference=name + str(private),
        HostedZoneConfig={"PrivateZone": private, "Comment": ""},
    )
    return str(made["HostedZone"]["Id"].rpartition("/")[2])


def certificate(name: str, region: str = REGION, issued: bool = True) -> str:
    """Ask for a certificate; returns its ARN."""
    acm = boto3.client("acm", region_name=region)
    arn = str(acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"])
    if not issued:
        acm_backends[ACCOUNT][region]._certificates[arn].status = "VALIDATION_TIMED_OUT"
    return arn


def secret(name: str) -> Mapping[str, str]:
    """Read a secret."""
    value: Mapping[str, str] = json.loads(
        boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    )
    return value
