"""A stack of secrets that are rotated, and a clock that nobody has to wait for."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cli import waiting
from cli.__main__ import main
from passerelle.secrets import KEPT_SECONDS
from tests.support.cloudformation import STACK, described
from tests.support.moto_server import Moto

ISSUER, LIFETIME = "https://logto.example/oidc", 14 * 24 * 3600
SPREAD = KEPT_SECONDS + waiting.MARGIN_SECONDS


class Clock:
    """The operator's clock: who waits for it, does not wait."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.moved, self.waited = 0.0, 0.0
        self.meanwhile: Callable[[], None] = lambda: None
        really = time.time
        patch.setattr(time, "time", lambda: really() + self.moved)
        patch.setattr(time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.moved += seconds
        self.waited += seconds
        self.meanwhile()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that moves."""
    return Clock(monkeypatch)


class Secret:
    """A secret at AWS."""

    def __init__(self, moto: Moto, name: str) -> None:
        self._client, self._name = moto.client("secretsmanager"), name

    def read(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self._client.get_secret_value(SecretId=self._name)["SecretString"])
        return value

    def write(self, value: object) -> None:
        self._client.put_secret_value(SecretId=self._name, SecretString=json.dumps(value))


@pytest.fixture
def rotated_stack(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stack of secrets, which boto3 finds."""
    names = ("KeysSecret", "LogtoSecret", "MailgunSecret", "ConnectorSecret")
    outputs = {"TableName": moto.table} | {f"{name}Arn": name for name in names}
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.url)
    with described(monkeypatch, outputs, {"LogtoIssuer": ISSUER, "SessionAbsoluteSeconds": str(LIFETIME)}):
        yield


def rotate(*arguments: str) -> int:
    return main(["rotate", *arguments, "--stack", STACK])


def stop() -> None:
    raise KeyboardInterrupt
