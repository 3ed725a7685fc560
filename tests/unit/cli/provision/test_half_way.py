"""Whichever write of `passerelle provision` fails, it says so, and the next run ends as a clean one does."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from cli.aws import Service
from cli.problems import Refused
from tests.unit.cli.provision.deployed import Deployed, provision

WRITES = 12
"""Of a clean run over another connector."""


class Fault:
    """Counts writes to Logto, Mailgun and Secrets Manager, and lets one of them fail."""

    def __init__(self, number: int, *, done: bool) -> None:
        self.count, self._number, self._done = 0, number, done

    def strikes(self, write: Callable[[], Any]) -> Any:
        """Do a write, or do it and lose the answer, or do nothing."""
        self.count += 1
        if self.count != self._number:
            return write()
        if self._done:
            write()
        raise httpx.ReadError("connection reset")


@contextmanager
def failing(fault: Fault) -> Iterator[None]:
    """Let the fault strike on the wire, below all that is tested."""
    send, ask = httpx.Client.send, Service.ask

    def sending(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        if request.method == "GET" or request.url.path in {"/oidc/token", "/send-otp"}:
            return send(client, request, **more)
        response: httpx.Response = fault.strikes(lambda: send(client, request, **more))
        return response

    def asking(service: Service, operation: str, **arguments: Any) -> Any:
        if operation != "PutSecretValue":
            return ask(service, operation, **arguments)
        try:
            return fault.strikes(lambda: ask(service, operation, **arguments))
        except httpx.ReadError:
            raise Refused("AWS: connection reset") from None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Client, "send", sending)
        patch.setattr(Service, "ask", asking)
        yield


def begin(deployed: Deployed) -> None:
    deployed.become_new()
    deployed.use_foreign_connector()


@pytest.fixture
def clean(deployed: Deployed) -> dict[str, Any]:
    """What a run without a fault leaves."""
    begin(deployed)
    fault = Fault(0, done=False)
    with failing(fault):
        assert provision("--yes") == 0
    assert fault.count == WRITES
    return deployed.everything()


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done, and the answer lost"])
def test_goes_on_after_a_failed_write(
    deployed: Deployed, clean: dict[str, Any], capsys: pytest.CaptureFixture[str], done: bool
) -> None:
    for number in range(1, WRITES + 1):
        begin(deployed)
        capsys.readouterr()
        with failing(Fault(number, done=done)):
            assert provision("--yes") == 1, number
        said = capsys.readouterr()
        assert said.out.count("done ") == number - 1
        assert "again to go on" in said.err
        assert not [secret for secret in deployed.known_secrets() if secret in said.out + said.err]
        assert provision("--yes") == 0, number
        assert deployed.everything() == clean, number


def test_programs_are_told_what_was_done_and_what_was_not(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(deployed)
    with failing(Fault(2, done=False)):
        assert provision("--yes", "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert [line["step"] for line in said["changes"]] == ["application"]
    assert said["left"][0] == "webhook"
    assert "Logto does not answer" in said["error"]
