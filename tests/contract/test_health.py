"""What the health check is promised: over our own requests as in functions, over boto3 as in commands."""

import time
from contextlib import closing
from typing import Any

import pytest

from cli.aws import Service
from local.serving import Server
from passerelle.adapters import aws
from passerelle.adapters.dynamodb_health import DynamoDBHealth
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.adapters.health_web import HealthWeb
from passerelle.adapters.secrets_manager import SecretsManager
from passerelle.errors import StoreUnavailable
from passerelle.health.ports import DatedSecrets, HealthTable, Unanswered
from tests.support.doubles import NOW
from tests.support.moto_server import Moto


@pytest.fixture(params=["ours", "boto3"])
def table(request: pytest.FixtureRequest, moto: Moto) -> HealthTable:
    client = aws.dynamodb(moto.url) if request.param == "ours" else Service("dynamodb", moto.url)
    return DynamoDBHealth(moto.table, client)


@pytest.fixture(params=["ours", "boto3"])
def secrets(request: pytest.FixtureRequest, moto: Moto) -> DatedSecrets:
    ours = request.param == "ours"
    return SecretsManager(aws.secrets_manager(moto.url) if ours else Service("secretsmanager", moto.url))


def test_ttl_is_told(table: HealthTable) -> None:
    assert table.time_to_live() == "ENABLED"


def test_the_item_is_written_and_an_older_writer_does_no_harm(table: HealthTable, moto: Moto) -> None:
    for now in (NOW + 60, NOW + 120, NOW + 90):
        table.write(now, NOW + 500)
    item = moto.item("health", "health")
    assert item == {
        "pk": {"S": "health"},
        "sk": {"S": "health"},
        "written_at": {"N": str(NOW + 120)},
        "ttl": {"N": str(NOW + 500)},
    }
    moto.client("dynamodb").delete_item(
        TableName=moto.table, Key={"pk": {"S": "health"}, "sk": {"S": "health"}}
    )


def test_counts_are_summed_over_the_hours_that_are_asked_for(table: HealthTable, moto: Moto) -> None:
    messages = DynamoDBMessages(moto.table, aws.dynamodb(moto.url))
    before = table.counts(("a", "b", "c"), (6, 7))
    for key, window, amount in (("a", 5, 100), ("a", 6, 1), ("a", 7, 2), ("b", 7, 5)):
        messages.reserve(key, window, amount, NOW)
    after = table.counts(("a", "b", "c"), (6, 7))
    assert {key: after[key] - before[key] for key in after} == {"a": 3, "b": 5, "c": 0}


def test_a_table_that_is_not_there_is_told(moto: Moto) -> None:
    table = DynamoDBHealth("nowhere", aws.dynamodb(moto.url))
    for ask in (table.time_to_live, lambda: table.write(NOW, NOW), lambda: table.counts(("a",), (1,))):
        with pytest.raises(StoreUnavailable) as refusal:
            ask()
        assert refusal.value.reason.startswith("ResourceNotFound")


def test_a_secret_comes_with_the_time_of_its_version(secrets: DatedSecrets, moto: Moto) -> None:
    moto.client("secretsmanager").put_secret_value(SecretId="KeysSecret", SecretString="newer")
    text, made_at = secrets.read_dated("KeysSecret")
    assert text == "newer"
    assert abs(time.time() - made_at) < 30


def test_what_does_not_answer_is_told_by_its_cause() -> None:
    web = HealthWeb()
    with pytest.raises(Unanswered, match="ConnectionRefusedError"):
        web.get("http://127.0.0.1:1/")
    with pytest.raises(Unanswered, match="InvalidURL"):
        web.post("ftp://x", {}, "u", "p")


def test_whoever_is_asked_can_see_by_whom() -> None:
    seen: list[tuple[str, str]] = []

    def app(environ: dict[str, str], start_response: Any) -> list[bytes]:
        seen.append((environ["REQUEST_METHOD"], environ["HTTP_USER_AGENT"]))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"[]"]

    with closing(Server(app, "127.0.0.1", 0)) as server:
        server.start()
        assert HealthWeb().get(server.url).body == {}
        HealthWeb().post(server.url, {}, "u", "p")
    assert seen == [("GET", "Passerelle-Health-Check"), ("POST", "Passerelle-Health-Check")]
