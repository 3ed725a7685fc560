"""`passerelle bounces` shows whom Mailgun no longer sends to, and clears one: never a complaint."""

import json
import time
from collections.abc import Iterator

import pytest

from cli.__main__ import main
from cli.stack import deployed
from local.mailgun import EmbeddedMailgun, Message
from local.serving import Server
from passerelle.keys import parse_keyring
from passerelle.otp.limits import suppression_key
from passerelle.otp.ports import Claim, DeliveryEvent
from tests.support.cloudformation import STACK, described
from tests.support.moto_server import Moto, moto
from tests.unit.cli.conftest import KEY, SENDING_KEY, Account

__all__ = ["moto"]


def bounce(mailgun: EmbeddedMailgun, *addresses: str) -> None:
    """Send messages that come back."""
    for address in addresses:
        fields = [("from", "a@mg.example.com"), ("to", address), ("text", "x")]
        mailgun.accept(Message(f"<{address}>", time.time(), fields))()


def test_lists_all_pages(
    account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]
) -> None:
    bounce(mailgun, *(f"bounce+{number:03}@example.com" for number in range(230)))
    assert main(["bounces", "list", "--config", account.file()]) == 0
    said = capsys.readouterr().out
    assert "230 bounced addresses at mg.example.com" in said
    assert "bounce+229@example.com" in said
    assert main(["bounces", "list", "--config", account.file(), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["bounces"]
    assert len({entry["address"] for entry in listed}) == 230


def test_clears_one(account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]) -> None:
    bounce(mailgun, "bounce@example.com", "bounce+2@example.com")
    assert main(["bounces", "clear", "bounce@example.com", "--config", account.file()]) == 0
    assert "is cleared" in capsys.readouterr().out
    assert main(["bounces", "clear", "bounce@example.com", "--config", account.file()]) == 0
    assert "had not bounced" in capsys.readouterr().out
    assert main(["bounces", "list", "--config", account.file()]) == 0
    assert "1 bounced address at" in capsys.readouterr().out


def test_never_clears_a_complaint(
    account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]
) -> None:
    bounce(mailgun, "complain@example.com")
    assert main(["bounces", "clear", "complain@example.com", "--config", account.file(), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "address": "complain@example.com",
        "cleared": False,
        "complained": True,
        "mark_lifted": False,
    }
    assert mailgun.suppressions.list_of("complain@example.com") is not None


def test_a_key_that_may_only_send_needs_another_one_beside_it(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = account.file(apiKey=SENDING_KEY)
    assert main(["bounces", "list", "--config", config]) == 1
    assert "readApiKey" in capsys.readouterr().err
    assert main(["bounces", "list", "--config", config, "--json"]) == 1
    assert "readApiKey" in json.loads(capsys.readouterr().out)["error"]
    assert main(["bounces", "list", "--config", account.file(apiKey=SENDING_KEY, readApiKey=KEY)]) == 0
    monkeypatch.setenv("MAILGUN_READ_API_KEY", KEY)
    assert main(["bounces", "list", "--config", account.file(apiKey=SENDING_KEY)]) == 0


def test_the_key_follows_no_page_to_another_place(account: Account) -> None:
    asked: list[str] = []

    def elsewhere(environ: dict[str, str], start_response: object) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        return []

    stranger = Server(elsewhere, "127.0.0.1", 0)
    stranger.start()

    def pages(environ: dict[str, str], start_response: object) -> list[bytes]:
        items = [{"address": f"{number}@example.com"} for number in range(100)]
        start_response("200 OK", [("Content-Type", "application/json")])  # type: ignore[operator]
        return [json.dumps({"items": items, "paging": {"next": f"{stranger.url}/next"}}).encode()]

    liar = Server(pages, "127.0.0.1", 0)
    liar.start()
    assert main(["bounces", "list", "--config", account.file(endpoint=liar.url)]) == 0
    liar.close()
    stranger.close()
    assert asked == []


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "{}/nowhere"])
def test_what_is_not_mailgun_is_told(
    account: Account, capsys: pytest.CaptureFixture[str], endpoint: str
) -> None:
    config = account.file(endpoint=endpoint.format(account.secret()["endpoint"]))
    assert main(["bounces", "list", "--config", config]) == 1
    assert "passerelle: Mailgun" in capsys.readouterr().err


def test_another_domain_is_told(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounces", "list", "--config", account.file(domain="other.example.com")]) == 1
    assert "region" in capsys.readouterr().err


@pytest.fixture
def aws(moto: Moto, account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stack whose outputs name what the stand-in holds."""
    text = json.dumps(account.secret())
    moto.client("secretsmanager").put_secret_value(SecretId="MailgunSecret", SecretString=text)
    outputs = {"TableName": moto.table, "MailgunSecretArn": "MailgunSecret", "KeysSecretArn": "KeysSecret"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.url)
    with described(monkeypatch, outputs):
        yield


@pytest.mark.usefixtures("aws")
def test_a_stack_s_own_mark_is_lifted_too(
    account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, address = deployed(STACK), "bounce@example.com"
    key, now = suppression_key(parse_keyring(stack.secret("KeysSecret")), address), int(time.time())
    event = DeliveryEvent("token", "", "bounced", now, "bounce", key, "bounce")
    stack.messages.note_event(event, now + 60, now + 600)
    bounce(mailgun, address)
    claim = Claim("id", "taker", key, (), now, now - 10, now - 600, now + 60)
    assert stack.messages.claim(claim).outcome == "suppressed"
    assert main(["bounces", "clear", address, "--config", account.file()]) == 0
    assert "a mark of its own for up to a week" in capsys.readouterr().out
    assert stack.messages.claim(claim).outcome == "suppressed"
    assert main(["bounces", "clear", address, "--stack", STACK]) == 0
    assert capsys.readouterr().out == f"{address} had not bounced at Mailgun.\n"
    assert stack.messages.claim(claim).outcome == "taken"


@pytest.mark.usefixtures("aws")
def test_what_is_wrong_with_a_stack_s_secret_is_said_to_stand_there(
    moto: Moto, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    for secret, said in (
        (account.secret(domain="https://x"), "the secret MailgunSecret of stack the-stack: domain: is not"),
        (
            {"SignIn": {"html": "{{code}}"}},
            "the secret MailgunSecret of stack the-stack holds deliveries alone",
        ),
    ):
        text = json.dumps(secret)
        moto.client("secretsmanager").put_secret_value(SecretId="MailgunSecret", SecretString=text)
        assert main(["bounces", "list", "--stack", STACK]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.usefixtures("aws")
def test_an_aws_that_does_not_answer_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(["bounces", "list", "--stack", STACK]) == 1
    assert "AWS: Could not connect" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [("http://127.0.0.1:9", 1, "Is `make run` running?"), ("https://127.0.0.1:9", 2, "make run"),
     ("http://aws.example.com", 2, "make run"), ("nonsense", 2, "make run"), ("http://[", 2, "make run"),
     ("http://127.0.0.1:x", 2, "make run")],
)  # fmt: skip
def test_a_local_stack_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], url: str, code: int, said: str
) -> None:
    assert main(["bounces", "list", "--local", url]) == code
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("aws")
def test_a_stack_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounces", "list", "--stack", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
