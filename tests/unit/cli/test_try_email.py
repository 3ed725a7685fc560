"""`passerelle test-email` sends one message, and says what Mailgun said, why, and what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from local.mailgun import DROP, EmbeddedMailgun
from tests.unit.cli.conftest import KEY, Account


def test_sends_and_says_so(
    account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test-email", "ada@example.com", "--config", account.file(), "--locale", "fr"]) == 0
    [message] = mailgun.messages
    assert message.subject == "Votre code de connexion"
    assert "000000" in message.text
    said = capsys.readouterr().out
    assert message.id in said
    assert "Accepted" in said
    assert KEY not in said


def test_a_dry_run_shows_the_request_and_sends_nothing(
    account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["test-email", "ada@example.com", "--config", account.file(), "--dry-run"]
    assert main([*arguments, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["sent"] is False
    assert shown["url"].endswith("/v3/mg.example.com/messages")
    assert shown["fields"]["o:tag"] == "SignIn"
    assert main(arguments) == 0
    assert "Nothing was sent" in capsys.readouterr().out
    assert mailgun.requests == []


@pytest.mark.parametrize(
    ("answer", "cause", "told"),
    [
        ((401, "Forbidden"), "mailgun_auth_failed", "apiKey"),
        ((404, {"message": "Domain not found: mg.example.com"}), "domain_not_found", "api.eu.mailgun.net"),
        ((400, {"message": "Domain mg.example.com is not allowed to send: Sandbox subdomains are for test"}),
         "sandbox_recipient_not_authorised", "authorize the recipient"),
        ((400, {"message": "Domain x is not allowed to send: The domain is unverified and requires DNS"}),
         "domain_unverified", "DNS records"),
        ((400, {"message": "to parameter is not a valid address"}), "recipient_invalid", "check it"),
        ((402, ""), "account_limited", "dashboard"),
        ((403, {"message": "Rejected: IP 192.0.2.1"}), "sending_refused", "support"),
        ((429, {"message": "request limit exceeded"}), "mailgun_rate_limited", "wait"),
        ((500, "oops"), "mailer_unavailable", "status.mailgun.com"),
        ((200, "Mailgun Magnificent API"), "answer_unexpected", "without a path"),
    ],
)  # fmt: skip
def test_an_error_has_a_likely_cause_and_a_remedy(
    account: Account,
    mailgun: EmbeddedMailgun,
    capsys: pytest.CaptureFixture[str],
    answer: tuple[int, Any],
    cause: str,
    told: str,
) -> None:
    mailgun.misbehave.answer = answer
    arguments = ["test-email", "ada@example.com", "--config", account.file()]
    assert main(arguments) == 1
    said = capsys.readouterr().out
    assert f"Mailgun answered {answer[0]}" in said
    assert told in said
    assert main([*arguments, "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["cause"], shown["status"], shown["sent"]) == (cause, answer[0], False)
    assert told in shown["remedy"]
    assert len(mailgun.requests) == 2


def test_a_domain_of_the_us_asked_for_in_the_eu_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from cli.remedies import remedy

    likely, todo = remedy("domain_not_found", "https://api.eu.mailgun.net")
    assert "US region asked for in the EU" in likely
    assert "https://api.mailgun.net" in todo


def test_no_answer_is_told_as_that(
    account: Account, mailgun: EmbeddedMailgun, capsys: pytest.CaptureFixture[str]
) -> None:
    mailgun.misbehave.script = [DROP]
    assert main(["test-email", "ada@example.com", "--config", account.file()]) == 1
    assert "no answer" in capsys.readouterr().out


def test_a_subject_that_holds_the_code_is_pointed_out(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    deliveries = {"Generic": {"subject": "Code", "html": "h", "locales": {"fr": {"subject": "{{code}}"}}}}
    config = account.file(deliveries=deliveries)
    assert main(["test-email", "ada@example.com", "--config", config, "--dry-run"]) == 0
    assert "note: deliveries.Generic.locales.fr.subject holds the code" in capsys.readouterr().out


def test_the_variables_of_make_run_name_an_account(
    account: Account, mailgun: EmbeddedMailgun, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text(f"MAILGUN_API_KEY={KEY}\nMAILGUN_DOMAIN=mg.example.com\n")
    monkeypatch.setenv("MAILGUN_FROM", "A <a@mg.example.com>")
    monkeypatch.setenv("MAILGUN_ENDPOINT", account.secret()["endpoint"])
    assert main(["test-email", "ada@example.com"]) == 0
    monkeypatch.setenv("MAILGUN_COMPAT", "logto")
    monkeypatch.setenv("MAILGUN_CONFIG", account.file(endpoint="https://api.mailgun.net"))
    assert main(["test-email", "ada@example.com"]) == 0
    like_logto, safe = mailgun.messages
    assert "o:tag" in dict(safe.fields)
    assert "o:tag" not in dict(like_logto.fields)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ada@example.com"], "no Mailgun account"),
        (["ada@example.com, eve@example.com"], "not one plain address"),
        (["ada@example.com", "--config", "nowhere.json"], "nowhere.json cannot be read"),
        (["ada@example.com", "--config", "."], "cannot be read"),
        (["ada@example.com", "--config", "list.json"], "not a JSON object"),
        (["ada@example.com", "--config", "broken.json"], "broken.json is not JSON (line 2, column 3: "),
        (["ada@example.com", "--config", "empty.json"], "empty.json: domain: is not a bare"),
        (
            ["ada@example.com", "--config", "alone.json"],
            'alone.json holds deliveries alone: put this under "del',
        ),
        (["ada@example.com", "--config", "none.json"], "none.json: deliveries: neither SignIn nor Generic"),
    ],
)
def test_what_is_wrong_with_the_command_is_said_and_nothing_done(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    one = {"Register": {"subject": "s", "html": "{{code}}"}}
    none = {"domain": "mg.example.com", "apiKey": "k", "from": "a@b.example", "deliveries": one}
    files = {"list": "[]", "broken": '{"domain": "x"\n  "apiKey"', "empty": "{}", "alone": json.dumps(one)}
    for name, text in (files | {"none": json.dumps(none)}).items():
        Path(f"{name}.json").write_text(text)
    assert main(["test-email", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert main(["test-email", *arguments, "--json"]) == 2
    assert said in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MAILGUN_COMPAT": "Logto"}, "MAILGUN_COMPAT knows one value"),
        ({"MAILGUN_API_KEY": "k"}, "MAILGUN_DOMAIN and MAILGUN_FROM are missing"),
        (
            {"MAILGUN_API_KEY": "k", "MAILGUN_DOMAIN": "https://x", "MAILGUN_FROM": "a@b.c"},
            "MAILGUN_DOMAIN must be",
        ),
        (
            {"MAILGUN_API_KEY": "k k", "MAILGUN_DOMAIN": "x", "MAILGUN_FROM": "a@b.c"},
            "variables MAILGUN_…: apiKey",
        ),
        ({"MAILGUN_CONFIG": "empty.json"}, "empty.json (MAILGUN_CONFIG): domain"),
    ],
)
def test_what_is_wrong_with_a_variable_is_said_to_be_its_fault(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    said: str,
) -> None:
    Path("empty.json").write_text("{}")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["test-email", "ada@example.com", "--dry-run"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["test-email"], ["test-email", "a@b.c", "--type", "X"]]
)
def test_a_command_line_that_cannot_be_read_ends_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
