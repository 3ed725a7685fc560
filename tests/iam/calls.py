"""Which permissions a call to AWS asks for, by the Service Authorization Reference of each service."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tests.iam.policy import Request

Json = dict[str, Any]
Arns = Mapping[str, str]
"""ARNs of tables, secrets and queues by the names under which they are called."""

LEADING_KEYS = "dynamodb:LeadingKeys"

_STEPS = {
    "ConditionCheck": "ConditionCheckItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
}
"""A transaction has no permission of its own; it takes those of its steps (DynamoDB Developer Guide, "Using
IAM with DynamoDB transactions")."""

_ON_ITEMS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"}
_ON_TABLES = {"DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups"}
_ON_SECRETS = {"GetSecretValue", "DescribeSecret"}
_ON_QUEUES = {"SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}


class UnknownCall(Exception):
    """An operation of which nobody has looked up yet what it asks for."""


def permissions(target: str, body: Json, arns: Arns) -> list[Request]:
    """What `X-Amz-Target` and the body of a call ask for; raises `UnknownCall`."""
    prefix, _, operation = target.rpartition(".")
    service = {"DynamoDB_20120810": _dynamodb, "secretsmanager": _secrets, "AmazonSQS": _sqs}.get(prefix)
    if service is None:
        raise UnknownCall(f"{target}: add its service here, from the Service Authorization Reference")
    return service(operation, body, arns)


def _dynamodb(operation: str, body: Json, arns: Arns) -> list[Request]:
    if operation == "TransactWriteItems":
        steps = (next(iter(step.items())) for step in body["TransactItems"])
        return [_on_item(_STEPS[kind], step, arns) for kind, step in steps]
    if operation == "BatchGetItem":
        return [
            _on_item(operation, {"TableName": table, "Key": key}, arns)
            for table, wanted in body["RequestItems"].items()
            for key in wanted["Keys"]
        ]
    if operation in _ON_ITEMS and "IndexName" not in body:
        return [_on_item(operation, body, arns)]
    return _named("dynamodb", operation, _ON_TABLES, arns, body.get("TableName"))


def _on_item(operation: str, body: Json, arns: Arns) -> Request:
    key = _partition(body)
    return Request(f"dynamodb:{operation}", arns[body["TableName"]], ((LEADING_KEYS, (key,)),))


def _partition(body: Json) -> str:
    """The value of the partition key, which is what `dynamodb:LeadingKeys` means."""
    if "KeyConditionExpression" in body:
        equals = re.match(r"pk = (:\w+)", body["KeyConditionExpression"])
        assert equals, body["KeyConditionExpression"]
        return str(body["ExpressionAttributeValues"][equals[1]]["S"])
    return str((body.get("Key") or body["Item"])["pk"]["S"])


def _secrets(operation: str, body: Json, arns: Arns) -> list[Request]:
    return _named("secretsmanager", operation, _ON_SECRETS, arns, body["SecretId"])


def _sqs(operation: str, body: Json, arns: Arns) -> list[Request]:
    return _named("sqs", operation, _ON_QUEUES, arns, body["QueueUrl"].rpartition("/")[2])


def _named(service: str, operation: str, known: Iterable[str], arns: Arns, name: Any) -> list[Request]:
    if operation not in known:
        raise UnknownCall(f"{service}:{operation}: add it here, from the Service Authorization Reference")
    return [Request(f"{service}:{operation}", arns[name])]
