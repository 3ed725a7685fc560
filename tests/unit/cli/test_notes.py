"""`passerelle test-email` shows what Logto sends, and points out what a configuration does not do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from passerelle.otp.message import MESSAGE_TYPES, parse_message
from passerelle.otp.samples import payload_of
from tests.unit.cli.conftest import Account

ROOT = Path(__file__).parents[3]
OF_A_SIGN_IN = {"code", "locale", "application"}
CODE = {"subject": "s", "html": "{{code}}"}
EVERYTHING = {"subject": "s", "html": "{{code}}{{link}}", "text": "{{code}}{{link}}"}


def shown(capsys: pytest.CaptureFixture[str], config: str, *more: str) -> dict[str, Any]:
    assert main(["test-email", "ada@example.com", "--config", config, "--dry-run", "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("SignIn", OF_A_SIGN_IN), ("Register", OF_A_SIGN_IN), ("ForgotPassword", OF_A_SIGN_IN),
        ("MfaVerification", OF_A_SIGN_IN), ("BindMfa", OF_A_SIGN_IN), ("Generic", {"code"}),
        ("UserPermissionValidation", OF_A_SIGN_IN | {"user"}), ("BindNewIdentifier", OF_A_SIGN_IN | {"user"}),
        ("OrganizationInvitation", {"link", "locale", "organization"}),
    ],
)  # fmt: skip
def test_a_message_has_what_logto_sends_for_its_type(
    account: Account, capsys: pytest.CaptureFixture[str], kind: str, members: set[str]
) -> None:
    config = account.file(deliveries={"Generic": {"subject": "s", "template": "t"}})
    fields = shown(capsys, config, "--type", kind)["fields"]
    assert json.loads(fields["t:variables"]).keys() == members


@pytest.mark.parametrize("kind", sorted(MESSAGE_TYPES))
def test_the_functions_take_such_a_message(kind: str) -> None:
    payload = payload_of(kind, "ada@example.com", "")
    parse_message(json.dumps({"to": "ada@example.com", "type": kind, "payload": payload}).encode())


@pytest.mark.parametrize("kind", sorted(MESSAGE_TYPES))
def test_there_is_nothing_to_note_about_the_ready_made_messages(
    account: Account, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    assert shown(capsys, account.file(), "--type", kind)["notes"] == []


@pytest.mark.parametrize("kind", sorted(MESSAGE_TYPES - {"OrganizationInvitation"}))
def test_there_is_nothing_to_note_about_the_example_of_the_documentation(
    account: Account, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    [example] = re.findall(r"```json\n(.*?)```", (ROOT / "docs/messages.md").read_text(), re.S)
    given = {"apiKey": "k", "webhookSigningKey": "k", "readApiKey": "k"}
    Path("example.json").write_text(json.dumps(json.loads(example) | given))
    said = shown(capsys, "example.json", "--type", kind, "--locale", "fr")
    assert said["notes"] == []
    assert "{{" not in json.dumps(said["fields"])
    assert said["fields"]["subject"] == ("Welcome back" if kind == "SignIn" else "Votre code")


@pytest.mark.parametrize(
    ("delivery", "kind", "note"),
    [
        (CODE | {"html": "{{code}} {{user.name}}"}, "SignIn",
         "deliveries.Generic.html: {{user.name}} stays as it is, since Logto sends no user for SignIn"),
        (CODE | {"subject": "{{organization.name}}"}, "SignIn",
         "deliveries.Generic.subject: {{organization.name}} stays as it is, since Logto sends no "
         "organization for SignIn, unless the sign-in names one"),
        (EVERYTHING, "OrganizationInvitation",
         "deliveries.Generic.text: {{code}} stays as it is, since Logto sends no code for "
         "OrganizationInvitation"),
        (CODE | {"html": "hello"}, "SignIn", "deliveries.Generic.html has no {{code}}"),
        (CODE | {"text": "hello"}, "SignIn", "deliveries.Generic.text has no {{code}}"),
        (CODE, "OrganizationInvitation", "deliveries.Generic.html has no {{link}}"),
        (CODE | {"locales": {"fr": {"html": "salut"}}}, "SignIn",
         "deliveries.Generic.locales.fr.html has no {{code}}"),
        ({"html": "{{code}}"}, "SignIn", "deliveries.Generic has no subject"),
        ({"template": "t"}, "SignIn", "deliveries.Generic has no subject, unless its template has one"),
        (CODE | {"template": "t"}, "SignIn",
         "deliveries.Generic has both html and template: html is used, template is not"),
        (CODE | {"text": "{{code}}", "locales": {"fr": CODE}}, "SignIn",
         "deliveries.Generic.locales.fr has html and no text: the text goes out untranslated"),
        ({"subjct": "x", **CODE}, "SignIn", "deliveries.Generic.subjct is unknown: did you mean subject?"),
        (CODE | {"locales": {"fr": {"locales": {}}}}, "SignIn",
         "deliveries.Generic.locales.fr.locales is unknown, and not used"),
    ],
)  # fmt: skip
def test_what_does_not_do_what_it_seems_to_is_pointed_out(
    account: Account, capsys: pytest.CaptureFixture[str], delivery: dict[str, Any], kind: str, note: str
) -> None:
    config = account.file(deliveries={"Generic": delivery})
    assert note in shown(capsys, config, "--type", kind)["notes"]


@pytest.mark.parametrize(
    "delivery", [CODE | {"locales": {"fr": {"subject": "x"}}}, CODE | {"locales": {"en": {}}}]
)
def test_what_a_translation_has_from_its_delivery_is_noted_once(
    account: Account, capsys: pytest.CaptureFixture[str], delivery: dict[str, Any]
) -> None:
    config = account.file(deliveries={"Generic": delivery | {"html": "{{code}} {{user.name}}"}})
    assert len(shown(capsys, config)["notes"]) == 1


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"apikey": "x"}, "apikey is unknown: did you mean apiKey?"),
        ({"comment": "x"}, "comment is unknown, and not used"),
        ({"endpoint": "https://api.mailgun.net/v3"}, "endpoint has a path"),
        ({"from": "Example"}, "from has no address in it"),
    ],
)
def test_members_of_the_secret_are_looked_at_too(
    account: Account, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], note: str
) -> None:
    [found] = shown(capsys, account.file(**changed))["notes"]
    assert found.startswith(note)


def test_like_logto_the_template_wins(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILGUN_COMPAT", "logto")
    config = account.file(deliveries={"Generic": CODE | {"html": "x", "template": "t"}})
    [note] = shown(capsys, config)["notes"]
    assert note.endswith("template is used, html is not")
