"""What Logto answers is not believed where it would lead secrets astray, or lose what nobody else has."""

import json
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.problems import Problem
from cli.provision.endpoint import demand_answer
from local.logto import Connector
from tests.unit.cli.provision.deployed import TOKEN, Deployed, provision

ROOT = Path(__file__).parents[4]
ELSEWHERE = "https://collector.example/.mailgun.net"


class Thoughtful:
    """An operator who says yes after somebody else has changed the connector."""

    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        newer = {"host": "smtp.example.com", "auth": {"pass": "known-to-nobody-else"}}
        self._deployed.logto.connectors = {"new": Connector("new", "simple-mail-transfer-protocol", newer)}
        return "yes\n"


def test_a_connector_that_was_changed_during_the_question_is_not_thrown_away(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.use_foreign_connector()
    monkeypatch.setattr("sys.stdin", Thoughtful(deployed))
    assert provision() == 1
    assert [*deployed.logto.connectors] == ["new"]
    assert not [*Path().glob("logto-connector-*")]
    assert "changed meanwhile" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["../../other/place", "/etc/passwd", "a\0b", "\033[2J", "x" * 300])
def test_a_connector_is_kept_in_this_folder_whatever_it_is_called(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    foreign = deployed.use_foreign_connector()
    monkeypatch.setattr("local.logto.management.connectors._shown", _called(kind))
    assert provision("--yes") == 0
    assert foreign.config["apiKey"] in next(Path().glob("logto-connector-*.json")).read_text()


def _called(kind: str) -> Callable[[Connector], dict[str, object]]:
    def shown(connector: Connector) -> dict[str, object]:
        named = kind if connector.connector_id == "mailgun-email" else connector.connector_id
        return {"type": "Email", "id": connector.id, "connectorId": named, "config": connector.config}

    return shown


def test_git_does_not_take_the_file_with_the_secrets() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert any(fnmatch("logto-connector-mailgun-email-20260101T000000Z-2.json", each) for each in ignored)


def test_the_operators_key_goes_to_mailgun_and_nowhere_else(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.use_foreign_connector().config["endpoint"] = ELSEWHERE
    monkeypatch.setenv("MAILGUN_READ_API_KEY", "key-of-the-whole-account")
    assert provision("--yes") == 2
    assert "MAILGUN_ENDPOINT" in capsys.readouterr().err
    assert deployed.read("MailgunSecret")["domain"] == ""


def test_the_operator_may_say_that_it_is_meant(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.use_foreign_connector().config["endpoint"] = ELSEWHERE
    monkeypatch.setenv("MAILGUN_ENDPOINT", ELSEWHERE)
    provision("--yes")
    assert deployed.read("MailgunSecret")["endpoint"] == ELSEWHERE


def test_no_token_travels_in_clear() -> None:
    with pytest.raises(Problem, match="no token is sent there"):
        demand_answer("http://app.example.com/send-otp", TOKEN)


def test_an_answer_that_quotes_what_was_sent_does_not_get_to_the_terminal(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    send = httpx.Client.send

    def quoting(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        if (request.method, request.url.path) != ("POST", "/api/connectors"):
            return send(client, request, **more)
        quoted = (
            request.headers["authorization"][:100] + json.loads(request.content)["config"]["authorization"]
        )
        return httpx.Response(400, json={"code": "connector.general", "message": quoted}, request=request)

    monkeypatch.setattr(httpx.Client, "send", quoting)
    assert provision("--yes") == 1
    said = "".join(capsys.readouterr())
    assert "connector.general" in said
    assert TOKEN not in said
