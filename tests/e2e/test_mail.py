"""The operator's command on a laptop, and a connector's own JSON that makes the messages."""

import json
from pathlib import Path

import pytest

from cli.__main__ import main
from local.config import Config
from local.stack import Stack
from passerelle import runtime
from tests.support.browser import Browser
from tests.support.connector import ask

PORTS = {"PORT": "0", "LOGTO_PORT": "0", "MAILGUN_PORT": "0"}
CONNECTOR = {
    "domain": "mg.theirs.example",
    "apiKey": "their-key",
    "from": "Theirs <code@mg.theirs.example>",
    "endpoint": "https://api.eu.mailgun.net",
    "deliveries": {
        "Generic": {
            "subject": "Code {{code}}",
            "html": "<p>{{code}} {{application.name}}</p>",
            "text": "{{code}}",
        },
        "Register": {"template": "welcome", "variables": {"brand": "T"}},
    },
}


@pytest.fixture(autouse=True)
def cold() -> None:
    runtime.forget()


def test_a_bounce_on_a_laptop_is_lifted_by_the_operator_s_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stack(Config.read(PORTS)) as stack:
        assert stack.mailgun is not None
        ask(stack, "bounce@example.com")
        stack.mailgun.settle(10)
        assert ask(stack, "bounce@example.com", code="2").status_code == 422
        monkeypatch.setenv("MAILGUN_READ_API_KEY", "of-a-real-account")
        assert main(["bounces", "list", "--local", stack.aws_url]) == 0
        assert "1 bounced address at mg.example.test" in capsys.readouterr().out
        assert main(["bounces", "clear", "bounce@example.com", "--local", stack.aws_url, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["mark_lifted"] is True
        assert ask(stack, "bounce@example.com", code="2").status_code == 200
        assert main(["test-email", "bob@example.com", "--local", stack.aws_url]) == 0
        assert stack.mailgun.messages[0].to == "bob@example.com"


def test_the_json_of_logto_s_connector_makes_the_messages_and_they_stay_here(tmp_path: Path) -> None:
    file = tmp_path / "mailgun.json"
    file.write_text(json.dumps(CONNECTOR))
    config = Config.read({**PORTS, "MAILGUN_CONFIG": str(file)})
    with Stack(config) as stack, Browser(stack) as browser:
        assert stack.mailgun is not None
        assert "ada@example.com" in browser.sign_in("ada@example.com").text
        assert ask(stack, "bob@example.com", "Register").status_code == 200
        welcome, code = stack.mailgun.messages
    assert code.sender == "Theirs <code@mg.theirs.example>"
    assert code.html.endswith(" Passerelle</p>")
    assert welcome.get("template") == "welcome"
    assert json.loads(welcome.get("t:variables"))["brand"] == "T"


def test_like_logto_means_the_fields_of_its_own_connector(tmp_path: Path) -> None:
    file = tmp_path / "mailgun.json"
    file.write_text(json.dumps(CONNECTOR))
    config = Config.read({**PORTS, "MAILGUN_CONFIG": str(file), "MAILGUN_COMPAT": "logto"})
    with Stack(config) as stack:
        assert stack.mailgun is not None
        ask(stack, "ada@example.com")
        ask(stack, "ada@example.com", "Register")
        sign_in, register = (dict(request.fields) for request in stack.mailgun.requests)
    assert sign_in == {
        "from": "Theirs <code@mg.theirs.example>",
        "to": "ada@example.com",
        "subject": "Code 123456",
        "html": "<p>123456 A & B</p>",
        "text": "123456",
    }
    assert register == {
        "from": "Theirs <code@mg.theirs.example>",
        "to": "ada@example.com",
        "template": "welcome",
        "h:X-Mailgun-Variables": '{"brand":"T","code":"123456","application":{"name":"A & B"}}',
    }
