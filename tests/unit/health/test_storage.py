"""Secrets that are absent, empty, broken or old, and a table that is not as it should be."""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from local.stack import Stack
from passerelle.errors import Misconfigured, SecretsUnavailable, StoreUnavailable
from passerelle.health.ports import HealthTable
from passerelle.health.storage import OLD_SECONDS
from passerelle.runtime import SystemClock
from tests.support.health import found, look
from tests.support.provider import aws_client, empty_table, read_secret, stored_items, write_secret

NAMES = ("LogtoSecret", "MailgunSecret", "ConnectorSecret", "KeysSecret")


@pytest.fixture(autouse=True)
def _as_before(stack: Stack) -> Iterator[None]:
    empty_table(stack)
    before = {name: read_secret(stack, name) for name in NAMES}
    yield
    for name, value in before.items():
        write_secret(stack, name, value)


def test_secrets_and_table_as_they_come_are_well(stack: Stack) -> None:
    assert [(look(check).outcome, found(check)) for check in ("secrets", "table")] == [("ok", []), ("ok", [])]


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("LogtoSecret", {"clientId": "", "clientSecret": ""}, ["secret_not_filled_in LogtoSecret"]),
        ("MailgunSecret", {"domain": "", "apiKey": "", "from": ""}, ["secret_not_filled_in MailgunSecret"]),
        ("LogtoSecret", {"clientId": "a", "clientSecret": ""}, ["secret_invalid LogtoSecret"]),
        ("LogtoSecret", "no JSON", ["secret_invalid LogtoSecret"]),
        ("MailgunSecret", "[]", ["secret_invalid MailgunSecret"]),
        ("ConnectorSecret", {"token": "short"}, ["secret_invalid ConnectorSecret"]),
        ("KeysSecret", {"key": "short"}, ["secret_invalid KeysSecret"]),
        ("KeysSecret", {"key": ""}, ["secret_invalid KeysSecret"]),  # it never was a placeholder
        ("LogtoSecret", {"clientId": "a", "clientSecret": "b"}, ["logto_webhook_key_missing"]),
        (
            "MailgunSecret",
            {"domain": "mg.example.com", "apiKey": "k", "from": "a@mg.example.com"},
            ["mailgun_webhook_key_missing"],
        ),
    ],
)
def test_a_secret_that_cannot_be_used(stack: Stack, name: str, value: object, codes: list[str]) -> None:
    write_secret(stack, name, value)
    assert found("secrets") == codes


def test_what_needs_a_broken_secret_says_that_it_cannot_tell(stack: Stack) -> None:
    write_secret(stack, "LogtoSecret", {"clientId": "", "clientSecret": ""})
    write_secret(stack, "MailgunSecret", {})
    for check in ("client", "redirect_uri", "mailgun", "deliveries"):
        assert (found(check), look(check).outcome) == (["check_skipped secrets"], "unknown")


def test_several_secrets_are_told_of_at_once(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    write_secret(stack, "ConnectorSecret", {})
    monkeypatch.setenv("KEYS_SECRET_ID", "nowhere")
    assert found("secrets") == ["secret_invalid ConnectorSecret", "secret_missing KeysSecret"]


def test_a_secret_that_is_about_to_be_deleted(stack: Stack) -> None:
    with closing(aws_client(stack, "secretsmanager")) as manager:
        manager.delete_secret(SecretId="KeysSecret", RecoveryWindowInDays=7)
        try:
            assert found("secrets") == ["secret_missing KeysSecret"]
        finally:
            manager.restore_secret(SecretId="KeysSecret")


def test_a_secret_that_is_old(stack: Stack) -> None:
    class Later(SystemClock):
        def now(self) -> float:
            return super().now() + OLD_SECONDS + 60

    assert found("secrets", clock=Later()) == [f"secret_old {name}" for name in NAMES]
    assert look("secrets", clock=Later()).outcome == "warning"


@pytest.mark.parametrize(
    ("error", "codes"),
    [
        (SecretsUnavailable(reason="x: NoAnswer"), ["secrets_unavailable LogtoSecret"]),
        (
            Misconfigured("secret_not_readable", reason="x: AccessDeniedException"),
            [f"secret_not_readable {name}" for name in NAMES],
        ),
        (
            Misconfigured("secret_not_readable", reason="x: ResourceNotFoundException"),
            [f"secret_missing {name}" for name in NAMES],
        ),
    ],
)
def test_secrets_that_are_not_given(stack: Stack, error: Exception, codes: list[str]) -> None:
    class Reader:
        def read_dated(self, secret_id: str) -> tuple[str, float]:
            raise error

    assert found("secrets", secrets=Reader()) == codes


def test_no_value_of_a_secret_is_told(stack: Stack) -> None:
    write_secret(stack, "MailgunSecret", {"domain": "https://the-value", "apiKey": "the value", "from": "\n"})
    write_secret(stack, "LogtoSecret", '{"clientId": "the-value", ')
    result = look("secrets")
    assert len(result.findings) == 2
    assert "value" not in json.dumps([finding.more for finding in result.findings]).replace("an example", "")


def test_the_table_is_written_once_and_the_item_expires(stack: Stack) -> None:
    for _ in range(3):
        assert found("table") == []
    [item] = stored_items(stack)
    assert item["pk"] == {"S": "health"}
    assert 0 < float(item["ttl"]["N"]) - SystemClock().now() <= 24 * 3600


def test_items_that_do_not_expire(stack: Stack) -> None:
    with closing(aws_client(stack, "dynamodb")) as dynamodb:
        for enabled, codes in ((False, ["ttl_off"]), (True, [])):
            dynamodb.update_time_to_live(
                TableName="Table", TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": enabled}
            )
            assert found("table") == codes


def test_a_table_that_is_not_there(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "nowhere")
    assert found("table") == ["table_missing ResourceNotFound"]


@pytest.mark.parametrize(
    ("reason", "code"),
    [("AccessDeniedException", "table_not_permitted"), ("NoAnswer", "table_unavailable")],
)
def test_a_table_that_can_be_described_and_not_written(stack: Stack, reason: str, code: str) -> None:
    class Broken:
        def time_to_live(self) -> str:
            return "DISABLED"

        def write(self, now: float, delete_after: int) -> None:
            raise StoreUnavailable(reason=reason)

    table: HealthTable = Broken()  # type: ignore[assignment]
    assert found("table", table=table) == ["ttl_off", f"{code} {reason}"]
