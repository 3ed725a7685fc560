"""`passerelle provision` fills in the Mailgun account, and has Mailgun call the stack beside others."""

import io
import json
from pathlib import Path

import httpx
import pytest

from tests.unit.cli.provision.deployed import (
    SIGNING_KEY,
    Deployed,
    provision,
    webhooks_of,
)

OTHERS = [f"https://other.example/{number}" for number in range(3)]


def set_webhook(deployed: Deployed, event: str, urls: list[str]) -> None:
    """Set it as somebody else would."""
    url = f"{deployed.stack.mailgun_url}/v3/domains/{deployed.mailgun.domain}/webhooks"
    who = ("api", deployed.mailgun.api_key)
    answer = httpx.post(url, auth=who, data={"id": event, "url": urls}, trust_env=False)
    assert answer.status_code == 200


def test_others_go_on_being_called(deployed: Deployed) -> None:
    set_webhook(deployed, "delivered", OTHERS[:2])
    set_webhook(deployed, "opened", OTHERS)
    assert provision() == 0
    ours = f"{deployed.stack.app_url}/webhooks/mailgun"
    there = webhooks_of(deployed.mailgun)
    assert there["delivered"] == [*OTHERS[:2], ours]
    assert there["opened"] == OTHERS
    assert there["complained"] == [ours]


def test_nobody_is_pushed_out(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    set_webhook(deployed, "complained", OTHERS)
    assert provision() == 1
    assert "Mailgun calls 3 addresses for complained already" in capsys.readouterr().err
    assert webhooks_of(deployed.mailgun)["complained"] == OTHERS
    [connector] = deployed.logto.connectors.values()
    assert connector.connector_id == "http-email"


def test_a_key_that_may_only_send_leaves_the_webhooks_for_later(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.mailgun.sending_key = "key-that-may-only-send"
    deployed.write("MailgunSecret", deployed.account | {"apiKey": "key-that-may-only-send"})
    assert provision() == 1
    said = capsys.readouterr()
    assert "MAILGUN_READ_API_KEY" in said.err
    assert "not finished: Mailgun." in said.err
    monkeypatch.setenv("MAILGUN_READ_API_KEY", deployed.mailgun.api_key)
    assert provision() == 0
    assert "delivered" in webhooks_of(deployed.mailgun)
    secret = deployed.read("MailgunSecret")
    assert (secret["apiKey"], "readApiKey" in secret) == ("key-that-may-only-send", False)


def test_an_account_that_is_filled_in_is_left_alone(deployed: Deployed) -> None:
    filled = deployed.account | {"webhookSigningKey": SIGNING_KEY, "from": "Theirs <a@b.example>"}
    deployed.write("MailgunSecret", filled)
    deployed.use_foreign_connector()
    assert provision("--yes") == 0
    assert deployed.read("MailgunSecret") == filled


def test_a_domain_of_the_other_region_is_told(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.mailgun.elsewhere = True
    assert provision() == 1
    deployed.mailgun.elsewhere = False
    assert "the other region" in capsys.readouterr().err


def test_a_secret_that_is_wrong_is_told_and_not_written_over(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"domain": "https://mg.example.com", "apiKey": "x", "from": "a@b.example"}
    deployed.write("MailgunSecret", wrong)
    assert provision() == 2
    assert "MailgunSecret of stack the-stack: domain: is not a bare domain" in capsys.readouterr().err
    assert deployed.read("MailgunSecret") == wrong
    assert not deployed.logto.connectors


def test_an_account_in_a_file_is_taken(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    deliveries = {"Generic": {"subject": "Code", "html": "<p>{{code}}</p>"}}
    Path("mailgun.json").write_text(json.dumps(deployed.account | {"deliveries": deliveries}))
    for name in ("API_KEY", "DOMAIN", "FROM", "ENDPOINT"):
        monkeypatch.delenv(f"MAILGUN_{name}")
    monkeypatch.setenv("MAILGUN_CONFIG", "mailgun.json")
    assert provision() == 0
    assert deployed.read("MailgunSecret")["deliveries"] == deliveries


def test_no_account_anywhere_is_told_before_the_connector_is_switched(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("API_KEY", "DOMAIN", "FROM", "ENDPOINT"):
        monkeypatch.delenv(f"MAILGUN_{name}")
    assert provision() == 2
    assert "MAILGUN_CONFIG=FILE" in capsys.readouterr().err
    assert not deployed.logto.connectors


def test_an_account_is_typed_in_once_and_its_key_not_shown(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("API_KEY", "DOMAIN", "FROM", "ENDPOINT"):
        monkeypatch.delenv(f"MAILGUN_{name}")
    account = deployed.account
    typed = io.StringIO(f"{account['domain']}\n\n{account['endpoint']}\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    monkeypatch.setattr("getpass.getpass", lambda prompt: account["apiKey"])
    assert provision() == 0
    assert deployed.read("MailgunSecret") == {
        **account,
        "from": f"Sign-in <sign-in@{account['domain']}>",
        "webhookSigningKey": SIGNING_KEY,
    }
    assert account["apiKey"] not in "".join(capsys.readouterr())


def test_mailgun_s_signing_key_is_asked_for_where_mailgun_does_not_show_it(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.mailgun.webhook_signing_key = ""
    assert provision() == 1
    assert "MAILGUN_WEBHOOK_SIGNING_KEY" in capsys.readouterr().err
    assert webhooks_of(deployed.mailgun) == {}
    monkeypatch.setenv("MAILGUN_WEBHOOK_SIGNING_KEY", SIGNING_KEY)
    assert provision() == 0
    assert deployed.read("MailgunSecret")["webhookSigningKey"] == SIGNING_KEY


def test_a_signing_key_that_is_not_mailgun_s_any_more_is_replaced(deployed: Deployed) -> None:
    assert provision() == 0
    deployed.mailgun.webhook_signing_key = "key-that-mailgun-signs-with-now"
    assert provision("--plan") == 2
    assert provision() == 0
    assert deployed.read("MailgunSecret")["webhookSigningKey"] == "key-that-mailgun-signs-with-now"
    assert provision("--plan") == 0


def test_a_signing_key_that_is_being_rotated_is_added_to_the_others(deployed: Deployed) -> None:
    assert provision() == 0
    deployed.write("MailgunSecret", deployed.read("MailgunSecret") | {"webhookSigningKeys": ["an-older-key"]})
    assert provision() == 0
    assert deployed.read("MailgunSecret")["webhookSigningKeys"] == ["an-older-key", SIGNING_KEY]
    assert provision("--plan") == 0
