"""What operators change in a stack is in its audit, with who they are; `passerelle who` finds somebody."""

import io
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest

from cli.__main__ import main
from cli.record import OUTPUT
from local.stack import Stack
from passerelle import metrics
from tests.observe.catalogue import Counted, counted
from tests.support.audit import assert_audit
from tests.support.browser import Browser
from tests.support.cloudformation import STACK, described, on_its_own, operated
from tests.support.journal import Json, journal
from tests.support.provider import aws_client, empty_table, logto_of

__all__ = ["journal"]

ADA, GROUP = "ada@example.com", "/passerelle/the-stack-operator"


class Log:
    """The stack's log for operators."""

    def __init__(self, logs: Any) -> None:
        self.logs = logs
        logs.create_log_group(logGroupName=GROUP)

    def lines(self) -> list[Json]:
        found = self.logs.filter_log_events(logGroupName=GROUP)["events"]
        return [json.loads(event["message"]) for event in found]


@pytest.fixture
def log(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    empty_table(stack)
    monkeypatch.setattr(metrics, "_namespace", metrics._namespace)
    secrets = {
        f"{name}Arn": name for name in ("KeysSecret", "LogtoSecret", "MailgunSecret", "ConnectorSecret")
    }
    outputs = {"TableName": "Table", OUTPUT: GROUP, **secrets}
    with described(monkeypatch, outputs, stack.parameters), closing(aws_client(stack, "logs")) as logs:
        made = Log(logs)
        yield made
        logs.delete_log_group(logGroupName=GROUP)


def run(*arguments: str) -> int:
    with on_its_own():
        return main([*arguments, "--stack", STACK])


def subject(stack: Stack) -> str:
    user = logto_of(stack).state.find(ADA)
    assert user is not None
    return user.id


def test_who_ended_somebody_s_sessions_is_recorded(
    stack: Stack, browser: Browser, log: Log, journal: list[Json], capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(ADA)
    [signed_in] = [line for line in journal if line["event"] == "sign_in_finished"]
    assert run("sessions", "end", subject(stack), "--all", "--yes") == 0
    [line] = log.lines()
    assert_audit(line)
    assert (line["event"], line["cause"], line["who"]) == (
        "sessions_ended",
        "ended_by_operator",
        signed_in["who"],
    )
    assert line["by"] == boto3.client("sts", endpoint_url=stack.aws_url).get_caller_identity()["Arn"]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == f"Passerelle/{STACK}"
    assert counted([line]) == {Counted("SessionsEnded", "Count", "cause", "ended_by_operator")}
    assert "audit" not in capsys.readouterr().err


def test_a_secret_that_got_another_value_is_recorded_also_when_the_command_is_stopped(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.rotate.wait_until", stop)
    assert run("rotate", "keys") == 130
    [line] = log.lines()
    assert_audit(line)
    assert (line["event"], line["secret"]) == ("secret_replaced", "KeysSecret")


def test_what_changes_nothing_is_not_recorded(stack: Stack, browser: Browser, log: Log) -> None:
    browser.sign_in(ADA)
    assert run("sessions", "list", subject(stack)) == 0
    assert run("rotate", "keys", "--show") == 0
    assert log.lines() == []


def test_who_cannot_write_into_the_audit_is_told_and_not_held_up(
    stack: Stack, browser: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(ADA)
    with operated(monkeypatch, stack):
        assert run("sessions", "end", subject(stack), "--all", "--yes") == 0
    assert "not in the audit" in capsys.readouterr().err
    assert browser.session().status_code == 401


def test_who_names_a_user_and_an_address_as_the_audit_does(
    stack: Stack, browser: Browser, log: Log, journal: list[Json], capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(ADA)
    lines = {line["event"]: line for line in journal if "audit" in line}
    assert run("who", subject(stack)) == 0
    assert capsys.readouterr().out.strip() == lines["sign_in_finished"]["who"]
    with on_its_own():
        assert main(["who", subject(stack), "--local", stack.aws_url]) == 0
    assert capsys.readouterr().out.strip() == lines["sign_in_finished"]["who"]
    assert run("who", "--json", "ADA@example.com") == 0
    assert json.loads(capsys.readouterr().out) == {"who": lines["message_accepted"]["who"]}
    assert run("who", "") == 2


def test_who_reads_a_name_that_is_to_stand_in_no_history(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with operated(monkeypatch, stack):
        assert main(["who", "ada@example.com", "--stack", STACK]) == 0
        said = capsys.readouterr().out
        monkeypatch.setattr("sys.stdin", io.StringIO("ada@example.com\n"))
        assert main(["who", "-", "--stack", STACK]) == 0
    assert capsys.readouterr().out == said
