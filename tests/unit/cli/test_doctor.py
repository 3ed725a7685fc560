"""`passerelle doctor` tells an operator what is broken, whom it touches, and what to do now."""

import json
import re
from pathlib import Path

import boto3
import pytest

from cli.__main__ import main
from cli.aws import command_line
from cli.doctor.advice import TEXTS, Names, advice
from local.logto import EmbeddedLogto
from local.stack import Stack
from passerelle.health.checks import CHECKS
from passerelle.health.findings import OUTCOMES, Finding
from tests.support.cloudformation import STACK, on_its_own, operated
from tests.support.provider import changed, logto_of, read_secret, write_secret

DOCUMENT = Path(__file__).parents[3] / "docs/health.md"
SHOWN = {"failed": "failed", "warning": "warning", "unknown": "cannot tell"}


@pytest.fixture
def logto(stack: Stack) -> EmbeddedLogto:
    return logto_of(stack)


def doctor(*arguments: str) -> int:
    with on_its_own():
        return main(["doctor", *arguments])


def test_a_healthy_stack_is_told_so(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with operated(monkeypatch, stack):
        assert doctor("--stack", STACK) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Looking at stack {STACK}, {stack.app_url}: {len(CHECKS)} checks.\n")
    for check in CHECKS:
        assert re.search(rf"^  {check.name} +(ok|cannot tell) +\d\.\d s", said, re.M)
    assert re.search(r"^Nothing failed: .*\d+ ok\.$", said.splitlines()[-3])
    # What takes rights at Logto that doctor does not have.
    assert said.splitlines()[-1] == f"  ./passerelle provision --stack {STACK} --plan"
    assert "\033" not in said


def test_make_run_is_found_by_the_address_of_its_aws(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor("--local", stack.aws_url) == 0
    assert f"Looking at the local stack, {stack.app_url}" in capsys.readouterr().out


def test_what_failed_is_told_with_what_to_do_and_the_worst_first(
    stack: Stack,
    logto: EmbeddedLogto,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logto.misbehave.discovery = changed(issuer="https://other.example/oidc")
    before = read_secret(stack, "LogtoSecret")
    write_secret(stack, "LogtoSecret", {name: before[name] for name in ("clientId", "clientSecret")})
    with operated(monkeypatch, stack):
        assert doctor("--stack", STACK) == 1
    write_secret(stack, "LogtoSecret", before)
    said = capsys.readouterr().out
    failed, warned = (
        said.index("FAILED: issuer_mismatch"),
        said.index("warning: logto_webhook"),
    )
    assert failed < warned
    assert "whom  Nobody can sign in." in said
    assert f"./passerelle provision --stack {STACK}" in said
    assert re.search(r"^  client +cannot tell .* check_skipped$", said, re.M)
    assert "check_skipped\n  what" not in said  # its line is enough
    assert said.splitlines()[-1].startswith("1 failed, 1 warning, ")
    assert said.splitlines()[-1].endswith("Begin with issuer_mismatch, then run doctor again.")
    assert max(map(len, said.splitlines())) <= 110


def test_the_same_for_programs(
    stack: Stack, logto: EmbeddedLogto, capsys: pytest.CaptureFixture[str]
) -> None:
    logto.misbehave.fail["/oidc/jwks"] = 500
    assert doctor("--local", stack.aws_url, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["public_url"] == stack.app_url
    assert [check["check"] for check in said["checks"]] == [check.name for check in CHECKS]
    [logto_check] = [check for check in said["checks"] if check["check"] == "logto"]
    [finding] = logto_check["findings"]
    assert (finding["code"], finding["outcome"], finding["what"]) == ("logto_answers_error", "failed", "500")
    assert finding["meaning"] == "Logto answers 500 where it should not."
    assert finding["remedy"]
    assert said["summary"]["failed"] == 1


def test_a_canary_is_sent_when_it_is_asked_for_and_reaches_nobody(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stack.mailgun is not None
    assert doctor("--local", stack.aws_url) == 0
    assert not [each for each in stack.mailgun.requests if dict(each.fields).get("o:testmode")]
    assert doctor("--local", stack.aws_url, "--canary") == 0
    sent = [dict(each.fields) for each in stack.mailgun.requests]
    assert [fields["o:testmode"] for fields in sent if "to" in fields] == ["yes"]
    assert (stack.mailgun.messages, stack.mailgun.accepted) == ([], [])
    stack.mailgun.misbehave.answer = (402, {"message": "pay"})
    assert doctor("--local", stack.aws_url, "--canary") == 1
    assert "canary_refused" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--local", "https://aws.example.com"], "that is not the address of AWS"),
        (["--local", "http://127.0.0.1:1"], "Is `make run` running?"),
    ],
)
def test_what_cannot_be_looked_at(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert doctor(*arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("which", ["app_url", "logto_url", "mailgun_url"])
def test_another_address_of_make_run_is_not_that_of_aws(
    stack: Stack, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    assert doctor("--local", getattr(stack, which)) == 2
    assert "that is not the address of AWS as `make run` prints it" in capsys.readouterr().err


def test_a_region_is_taken_as_the_aws_cli_takes_it(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with operated(monkeypatch, stack):
        assert doctor("--stack", "nowhere") == 2
        assert "AWS_REGION=eu-central-1" in capsys.readouterr().err
        monkeypatch.setenv("AWS_REGION", "eu-west-3")
        assert doctor("--stack", "nowhere") == 2
    assert "does not exist in eu-west-3. AWS_REGION names another" in capsys.readouterr().err


def test_no_credentials_say_how_to_get_some(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    assert doctor("--stack", "nowhere") == 2
    said = capsys.readouterr().err
    assert "aws sso login" in said
    assert "docs/deploy.md" in said


def test_a_stack_that_is_not_there_or_not_ours(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with operated(monkeypatch, stack):
        assert doctor("--stack", "nowhere") == 2
    assert "does not exist" in capsys.readouterr().err


def test_every_finding_has_its_advice_in_full_sentences() -> None:
    assert TEXTS.keys() == OUTCOMES.keys()
    for code, texts in TEXTS.items():
        for text in filter(None, texts):
            assert text.split("\n")[0][-1] in ".?:", (code, text)
            assert not re.search(r"  |\{\w*$", text), (code, text)
        assert texts[0], code
        assert texts[2], code
        # Whatever cannot be told harms nobody by that, or it is said what is not known.
        assert texts[1] or OUTCOMES[code] == "unknown", code


def test_the_table_in_the_documents_is_what_is_told() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", DOCUMENT.read_text(), re.M)
    told = []
    for code in TEXTS:
        meaning, _, remedy = (each.replace("\n", "<br>") for each in advice(Finding(code), Names()))
        told.append((code, SHOWN[OUTCOMES[code]], meaning, remedy))
    missing = "\n".join(f"| `{code}` | {' | '.join(rest)} |" for code, *rest in told)
    assert rows == told, missing


@pytest.mark.parametrize("endpoint", ["", "http://localhost:4566"])
def test_commands_to_copy_lead_where_the_stack_is(endpoint: str) -> None:
    remedy = advice(Finding("ttl_off"), Names(aws=command_line(endpoint))).remedy
    leads = f" --endpoint-url {endpoint}" if endpoint else ""
    assert f"aws{' --region eu-central-1' if endpoint else ''}{leads} dynamodb update-time-to-live" in remedy
