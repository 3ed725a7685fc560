"""The stand-in for AWS holds what the template declares, and lets one writer win."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import httpx
import pytest

from local import aws
from local.template import Template

TEMPLATE = """
Resources:
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
        - {AttributeName: sk, KeyType: RANGE}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
  Placeholder:
    Type: AWS::SecretsManager::Secret
    Properties: {SecretString: '{"a":""}'}
  Filled:
    Type: AWS::SecretsManager::Secret
    Properties: {SecretString: '{"a":""}'}
  Generated:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString:
        SecretStringTemplate: '{"user":"u"}'
        GenerateStringKey: key
        PasswordLength: 64
        ExcludePunctuation: true
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("aws") / "template.yaml"
    path.write_text(TEMPLATE)
    server = aws.serve("127.0.0.1", 0)
    server.start()
    aws.fill(Template(path), server.url, {"Filled": {"a": "b"}})
    yield server.url
    aws.reset(server.url)
    server.close()


@pytest.fixture
def dynamodb(endpoint: str) -> Iterator[Any]:
    yield from _client("dynamodb", endpoint)


@pytest.fixture
def manager(endpoint: str) -> Iterator[Any]:
    yield from _client("secretsmanager", endpoint)


def _client(service: str, endpoint: str) -> Iterator[Any]:
    client = boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=aws.REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    yield client
    client.close()


def _secret(manager: Any, name: str) -> Any:
    return json.loads(manager.get_secret_value(SecretId=name)["SecretString"])


def test_the_table_has_its_keys_and_its_ttl(dynamodb: Any) -> None:
    table = dynamodb.describe_table(TableName="Things")["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    ttl = dynamodb.describe_time_to_live(TableName="Things")["TimeToLiveDescription"]
    assert ttl == {"AttributeName": "ttl", "TimeToLiveStatus": "ENABLED"}


def test_secrets_are_found_by_their_logical_ids(manager: Any) -> None:
    assert _secret(manager, "Placeholder") == {"a": ""}
    assert _secret(manager, "Filled") == {"a": "b"}


def test_a_secret_is_generated_by_the_templates_rule(manager: Any) -> None:
    generated = _secret(manager, "Generated")
    assert generated["user"] == "u"
    assert len(generated["key"]) == 64
    assert generated["key"].isalnum()


def test_one_of_many_conditional_writes_wins(dynamodb: Any) -> None:
    def put(writer: int) -> bool:
        item = {"pk": {"S": "p"}, "sk": {"S": "s"}, "writer": {"N": str(writer)}}
        try:
            dynamodb.put_item(TableName="Things", Item=item, ConditionExpression="attribute_not_exists(pk)")
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(put, range(20))) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "same-origin"},
        {"Referer": "http://localhost:3000/"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:80"},
        {"Host": "["},
        {"Host": ""},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_web_page_gets_nothing(endpoint: str, headers: dict[str, str], method: str) -> None:
    answer = _list_secrets(endpoint, headers, method)
    assert answer.status_code == 403
    assert "Generated" not in answer.text
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4566", "172.17.0.1:4566", "[::1]:4566", "localhost", "aws.localhost:4566"]
)
def test_a_program_gets_through_by_number_and_as_localhost(endpoint: str, host: str) -> None:
    answer = _list_secrets(endpoint, {"Host": host}, "POST")
    assert answer.status_code == 200
    assert "Generated" in answer.text


def _list_secrets(endpoint: str, headers: dict[str, str], method: str) -> httpx.Response:
    scope = f"local/20250101/{aws.REGION}/secretsmanager/aws4_request"
    call = {
        "X-Amz-Target": "secretsmanager.ListSecrets",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}",
    }
    return httpx.request(method, endpoint, headers={**call, **headers}, content="{}", trust_env=False)
