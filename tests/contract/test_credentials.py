"""Where the keys that sign our requests come from."""

import datetime
import json
import time
from collections.abc import Iterator

import pytest

from passerelle.adapters import aws
from passerelle.adapters.aws import AwsError
from passerelle.adapters.signature import Credentials
from tests.contract.wire import Exchange, Wire, open_wire

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """Where a restored snapshot gets its keys; there are none in the environment."""
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    aws.forget()
    with open_wire() as wire:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{wire.url}/v1/credentials")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the-token-of-the-endpoint")
        yield wire
    aws.forget()


def gives(wire: Wire, *lifetimes: float) -> None:
    """Answer with new keys each time, good for so many seconds."""
    left = list(lifetimes)

    def script(exchange: Exchange) -> None:
        expires_at = datetime.datetime.fromtimestamp(time.time() + left.pop(0), datetime.UTC)
        name = f"AKID{len(left)}"
        answer = {
            "AccessKeyId": name,
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": expires_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        exchange.answer(200, json.dumps(answer).encode())

    wire.script = script


def test_lambda_puts_them_into_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    assert aws._credentials() == Credentials("AKID", "secret", "token")


def test_a_restored_snapshot_fetches_them_once(wire: Wire) -> None:
    gives(wire, 3600)
    assert aws._credentials() == aws._credentials() == Credentials("AKID0", "s", "t")
    [received] = wire.received
    assert received.path == "/v1/credentials"
    assert received.headers["authorization"] == "the-token-of-the-endpoint"


def test_they_are_renewed_before_they_expire(wire: Wire) -> None:
    gives(wire, 200, 3600)
    assert aws._credentials().access_key_id == "AKID1"
    assert aws._credentials().access_key_id == "AKID0"
    assert aws._credentials().access_key_id == "AKID0"


def test_they_do_not_survive_into_another_environment(wire: Wire) -> None:
    gives(wire, 3600, 3600)
    aws._credentials()
    aws.forget()
    assert aws._credentials().access_key_id == "AKID0"
    assert len(wire.received) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"AccessKeyId":"x"}'])
def test_an_endpoint_that_makes_no_sense_is_an_error_of_its_own(wire: Wire, body: bytes) -> None:
    wire.script = lambda exchange: exchange.answer(200, body)
    with pytest.raises(AwsError, match="CredentialsUnavailable"):
        aws._credentials()
