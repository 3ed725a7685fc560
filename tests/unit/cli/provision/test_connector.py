"""Another e-mail connector is shown, kept in a file, replaced after a yes, and put back when asked for."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cli.problems import Refused
from cli.provision.endpoint import demand_answer
from local.logto import Connector
from tests.support.cloudformation import described
from tests.unit.cli.provision.deployed import TOKEN, Deployed, provision


def connectors(deployed: Deployed) -> list[tuple[str, str]]:
    return [(each.id, each.connector_id) for each in deployed.logto.connectors.values()]


def saved() -> Path:
    [file] = Path().glob("logto-connector-*.json")
    return file


class Terminal:
    """Somebody at the terminal, who says one thing."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self._answer}\n"


def say(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))


def test_another_connector_is_shown_saved_and_replaced_after_a_yes(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = deployed.use_foreign_connector()
    say(monkeypatch, "yes")
    assert provision() == 0
    said = "".join(capsys.readouterr())
    assert old.config["domain"] in said
    assert "deliveries for Generic" in said
    assert deployed.mailgun.api_key not in said
    assert [kind for _, kind in connectors(deployed)] == ["http-email"]
    assert stat.S_IMODE(saved().stat().st_mode) == 0o600
    assert json.loads(saved().read_text())["connector"]["config"] == old.config


def test_the_account_moves_from_the_connector_into_the_secret(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = deployed.use_foreign_connector()
    monkeypatch.delenv("MAILGUN_API_KEY")
    assert provision("--yes") == 0
    secret = deployed.read("MailgunSecret")
    assert secret.pop("webhookSigningKey")
    assert secret == old.config


def test_another_connector_stays_after_a_no_and_the_rest_is_done(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.use_foreign_connector()
    say(monkeypatch, "")
    assert provision() == 1
    assert "left   connector" in capsys.readouterr().out
    assert connectors(deployed) == [("old", "mailgun-email")]
    assert not [*Path().iterdir()]
    assert deployed.read("LogtoSecret")["clientId"] == deployed.application.id
    assert deployed.logto.sign_in_experience["signUp"]["identifiers"] == ["email"]
    assert provision("--plan") == 2


def test_another_connector_stays_when_nobody_is_there_to_answer(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.use_foreign_connector()
    assert provision() == 2
    assert "--yes" in capsys.readouterr().err
    assert connectors(deployed) == [("old", "mailgun-email")]


def test_undo_puts_it_back_and_twice_changes_nothing(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    old = deployed.use_foreign_connector()
    assert provision("--yes") == 0
    file = str(saved())
    assert provision("--undo", file, "--plan") == 2
    assert [kind for _, kind in connectors(deployed)] == ["http-email"]
    assert provision("--undo", file) == 0
    assert deployed.logto.connectors["old"].config == old.config
    assert connectors(deployed) == [("old", "mailgun-email")]
    capsys.readouterr()
    assert provision("--undo", file) == 0
    assert "back already" in capsys.readouterr().out
    assert provision("--undo", file, "--plan") == 0


def test_undo_does_not_throw_away_what_came_since(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.use_foreign_connector()
    assert provision("--yes") == 0
    file = saved()
    newer = Connector(
        "new",
        "simple-mail-transfer-protocol",
        {"host": "smtp.example.com", "auth": {"pass": "hidden-password"}},
    )
    deployed.logto.connectors = {"new": newer}
    say(monkeypatch, "no")
    assert provision("--undo", str(file)) == 1
    assert connectors(deployed) == [("new", "simple-mail-transfer-protocol")]
    assert provision("--undo", str(file), "--yes") == 0
    assert connectors(deployed) == [("old", "mailgun-email")]
    [second] = [each for each in Path().glob("logto-connector-*.json") if each != file]
    assert json.loads(second.read_text())["connector"]["config"] == newer.config
    said = "".join(capsys.readouterr())
    assert "smtp.example.com" in said
    assert "hidden-password" not in said


def test_undo_of_what_was_changed_since_it_was_put_back(deployed: Deployed) -> None:
    old = deployed.use_foreign_connector()
    assert provision("--yes") == 0
    file = str(saved())
    assert provision("--undo", file) == 0
    deployed.logto.connectors["old"].config = old.config | {"apiKey": "another"}
    assert provision("--undo", file, "--yes") == 0
    assert deployed.logto.connectors["old"].config == old.config


def test_undo_of_a_connector_of_the_same_kind(deployed: Deployed) -> None:
    theirs = {"endpoint": "https://other.example/send", "authorization": "Bearer theirs"}
    deployed.logto.connectors = {"old": Connector("old", "http-email", dict(theirs))}
    assert provision("--yes") == 0
    [(_, connector)] = deployed.logto.connectors.items()
    assert connector.config["endpoint"] == f"{deployed.stack.app_url}/send-otp"
    assert provision("--undo", str(saved())) == 0
    [(_, connector)] = deployed.logto.connectors.items()
    assert connector.config == theirs


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"origin": "https://other.example", "resource": "https://default.logto.app/api"}, "other.example"),
        ({"resource": "https://other.logto.app/api"}, "other.logto.app"),
        ({"format": "another"}, "is not a file"),
    ],
)
def test_undo_refuses_a_file_that_is_not_the_tenants(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], change: dict[str, Any], told: str
) -> None:
    deployed.use_foreign_connector()
    assert provision("--yes") == 0
    file = saved()
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    assert provision("--undo", str(file)) == 2
    assert told in capsys.readouterr().err
    assert [kind for _, kind in connectors(deployed)] == ["http-email"]


def test_undo_says_that_there_is_no_such_file(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    assert provision("--undo", "nowhere.json") == 2
    said = capsys.readouterr().err
    assert "nowhere.json cannot be read" in said
    assert said.endswith("Nothing was changed.\n")


def test_a_file_is_never_written_over(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.provision.command.time.time", lambda: 1_790_000_000.0)
    for _ in range(2):
        deployed.use_foreign_connector()
        assert provision("--yes") == 0
    assert len([*Path().glob("logto-connector-*.json")]) == 2


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("{logto}/send-otp", "not as Passerelle does"),
        ("{app}/callback", "not as Passerelle does"),
        ("http://localhost:1/send-otp", "does not answer"),
    ],
)
def test_the_connector_is_not_switched_while_the_endpoint_does_not_answer(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
    told: str,
) -> None:
    deployed.use_foreign_connector()
    where = url.format(logto=deployed.stack.logto_url, app=deployed.stack.app_url)
    with described(monkeypatch, deployed.outputs | {"SendOtpUrl": where}, deployed.stack.parameters):
        assert provision("--yes") == 1
        assert provision("--yes", "--plan") == 1
    assert told in capsys.readouterr().err
    assert connectors(deployed) == [("old", "mailgun-email")]
    assert not [*Path().iterdir()]


def test_the_connector_is_not_switched_while_the_functions_do_not_take_the_token(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused, match="does not take the token"):
        demand_answer(f"{deployed.stack.app_url}/send-otp", "x" * 32)
    demand_answer(f"{deployed.stack.app_url}/send-otp", TOKEN)
    assert deployed.mailgun.requests == []
    assert "xxxx" not in "".join(capsys.readouterr())


def test_a_rotated_token_gets_into_the_connector_unasked(deployed: Deployed) -> None:
    assert provision() == 0
    deployed.write("ConnectorSecret", {"tokens": [TOKEN, "n" * 48], "added": "2026-01-01T00:00:00Z"})
    assert provision() == 0
    [(_, connector)] = deployed.logto.connectors.items()
    assert connector.config["authorization"] == f"Bearer {'n' * 48}"
    assert not [*Path().iterdir()]


def test_a_token_that_not_all_know_yet_does_not(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provision() == 0
    deployed.write("ConnectorSecret", {"tokens": [TOKEN, "n" * 48], "added": "2026-01-01T00:00:00Z"})
    monkeypatch.setattr("cli.provision.command.time.time", lambda: 1_767_225_600.0 + 60)
    assert provision("--plan") == 0
