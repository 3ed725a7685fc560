"""What the schedule's run says, and that the template lets it."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from local.gateway import load
from local.mailgun import DnsRecord
from local.stack import TEMPLATE, Stack
from local.template import Template
from passerelle import log, runtime
from passerelle.adapters import aws, transport
from passerelle.health.checks import CHECKS
from tests.architecture.test_template import RESOURCES
from tests.support.provider import logto_of, read_secret

SCHEDULED = {"base_url": "https://unused.example"}


@pytest.fixture
def lines(stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the function as the schedule does, and return its lines."""
    function = Template(TEMPLATE, stack.parameters).functions()["HealthFunction"]

    def run(event: dict[str, Any] | None = None, level: str = "INFO") -> list[dict[str, Any]]:
        monkeypatch.setattr(log._LOGGER, "handlers", [])  # begun anew on the stream that is captured
        log.configure(level)
        load(function)(SCHEDULED if event is None else event, None)  # type: ignore[arg-type]
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    return run


def test_a_line_and_a_metric_for_each_check(lines: Any, stack: Stack) -> None:
    logto_of(stack).misbehave.drop.add("/oidc/.well-known/openid-configuration")
    *told, last = lines()
    by_check = {line["check"]: line for line in told if line["event"] == "health_checked"}
    assert by_check.keys() == {check.name for check in CHECKS}
    for line in by_check.values():
        assert line["outcome"] in {"ok", "warning", "failed", "unknown"}
        assert isinstance(line["milliseconds"], int)
        if line["outcome"] == "unknown":
            assert "_aws" not in line
            continue
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Dimensions"] == [["check"]]
        assert directive["Metrics"] == [{"Name": "HealthCheckFailed", "Unit": "Count"}]
        assert line["HealthCheckFailed"] == (line["outcome"] == "failed")
    assert (by_check["logto"]["outcome"], by_check["logto"]["code"]) == ("failed", "logto_unreachable")
    assert (by_check["client"]["outcome"], by_check["client"]["code"]) == ("unknown", "check_skipped")
    assert last["event"] == "health_run"
    assert last["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]
    failed = [check for check, line in by_check.items() if line["outcome"] == "failed"]
    assert last["FailedChecks"] == last["failed"] == len(failed) >= 1


def test_the_lines_come_whatever_the_level(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    told = lines(level="ERROR")
    assert len([line for line in told if line["event"] == "health_checked"]) == len(CHECKS)
    assert told[-1]["FailedChecks"] == 0


def test_a_healthy_stack_is_healthy_and_left_as_it_was(lines: Any, stack: Stack) -> None:
    assert stack.mailgun is not None
    told = lines()
    assert {line["outcome"] for line in told[:-1]} <= {"ok", "unknown"}, told
    assert stack.mailgun.accepted == []
    assert not [path for _, path in logto_of(stack).requests if "token" in path and "revocation" not in path]


def test_the_calls_of_a_run_are_those_that_the_documents_count(
    lines: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.mailgun is not None
    calls: list[str] = []
    call = aws.Client.call

    def noted(client: aws.Client, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        calls.append(operation)
        return call(client, operation, body)

    monkeypatch.setattr(aws.Client, "call", noted)
    stack.mailgun.calls.clear()
    lines()
    assert sorted(calls) == ["BatchGetItem", "DescribeTimeToLive", *["GetSecretValue"] * 4, "PutItem"]
    assert sorted(logto_of(stack).requests) == [
        ("GET", "/api/.well-known/sign-in-exp"),
        ("GET", "/oidc/.well-known/openid-configuration"),
        ("GET", "/oidc/auth"),
        ("GET", "/oidc/jwks"),
        ("POST", "/oidc/token/revocation"),
    ]
    assert stack.mailgun.calls == [("GET", f"/v4/domains/{stack.mailgun.domain}")]


def test_no_connection_is_kept_from_one_run_to_the_next(stack: Stack) -> None:
    transport._idle["http", "nowhere.example", None].append(HTTPConnection("nowhere.example"))
    runtime.instruments("")
    assert not any(transport._idle.values())


def test_no_secret_is_in_a_line(lines: Any, stack: Stack) -> None:
    said = json.dumps(lines())
    for name in ("LogtoSecret", "MailgunSecret", "ConnectorSecret", "KeysSecret"):
        for member, value in read_secret(stack, name).items():
            assert member in {"endpoint", "domain", "clientId"} or value not in said, member


def test_the_address_of_the_api_counts_where_no_other_is_given(
    lines: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "")
    by_check = {line.get("check"): line for line in lines({"base_url": stack.app_url})}
    assert by_check["redirect_uri"]["outcome"] == "ok"


def test_asking_is_answered_without_a_call(stack: Stack) -> None:
    logto_of(stack).requests.clear()
    answer = httpx.get(f"{stack.app_url}/health", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"
    assert logto_of(stack).requests == []
    assert httpx.post(f"{stack.app_url}/health", trust_env=False).status_code == 404


def test_the_function_outlives_its_checks() -> None:
    timeout = RESOURCES["HealthFunction"]["Properties"]["Timeout"]
    assert max(check.seconds for check in CHECKS) + 5 <= timeout


def test_the_schedule_names_the_api_and_its_periods_agree() -> None:
    template = Template(TEMPLATE, {"LogtoIssuer": "https://id.example/oidc", "HealthCheckMinutes": "15"})
    [own] = [
        own for name, own in template._resources("AWS::Serverless::Function") if name == "HealthFunction"
    ]
    schedule = own["Events"]["Look"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert json.loads(schedule["Input"])["base_url"].startswith("https://Api.execute-api.")


def test_periods_are_the_minutes() -> None:
    from tests.architecture.test_template import TEMPLATE as DOCUMENT

    periods, parameter = DOCUMENT["Mappings"]["HealthPeriods"], DOCUMENT["Parameters"]["HealthCheckMinutes"]
    assert [int(minutes) for minutes in periods] == parameter["AllowedValues"]
    for minutes, period in periods.items():
        plural = "" if minutes == "1" else "s"
        assert period == {"Rate": f"rate({minutes} minute{plural})", "Seconds": int(minutes) * 60}


def test_what_mailgun_says_does_not_get_into_the_log(
    lines: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is no name: an answer may quote an address or a key, and be as long as a megabyte."""
    assert stack.mailgun is not None
    odd = {f"odd{number}": f"somebody{number}@example.com is {'x' * 100}" for number in range(1000)}
    records = {key: DnsRecord("TXT", name, "value", valid="invalid") for key, name in odd.items()}
    monkeypatch.setattr(stack.mailgun, "dns", records)
    told = {line["check"]: line for line in lines() if line["event"] == "health_checked"}
    assert told["mailgun"]["code"] == "dns_record_missing"
    assert told["mailgun"]["HealthCheckFailed"] == 1
    assert "somebody" not in json.dumps(told)
    assert len(json.dumps(told["mailgun"])) < 1000
