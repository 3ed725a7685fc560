"""What a policy allows, as IAM's documents say: allowed by a statement, denied by none."""

from typing import Any

import pytest

from tests.iam.calls import LEADING_KEYS, UnknownCall, permissions
from tests.iam.policy import NotUnderstood, Policy, Request, policy_of

TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/Table"
ARNS = {"Table": TABLE, "Keys": "arn:keys", "Queue": "arn:queue"}
GET = Request("dynamodb:GetItem", TABLE, ((LEADING_KEYS, ("message#1",)),))


def policy(*statements: dict[str, Any]) -> Policy:
    allowed = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}
    return policy_of([{"Version": "2012-10-17", "Statement": [allowed | each for each in statements]}])


def where(operator: str, *values: str, key: str = LEADING_KEYS) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": ["dynamodb:PutItem", "dynamodb:GetItem"]},
        {"Action": "DynamoDB:getitem"},
        {"Action": "dynamodb:Get*"},
        {"Action": "*"},
        {"Resource": "*"},
        {"Resource": "arn:aws:dynamodb:*:123456789012:table/T?ble"},
        where("ForAllValues:StringLike", "event#*", "message#*"),
        where("ForAnyValue:StringEquals", "message#1"),
        where("StringLike", "message#*"),
        where("ForAllValues:StringLike", "x", key="dynamodb:Attributes"),
    ],
    ids=str,
)
def test_allowed(statement: dict[str, Any]) -> None:
    assert policy(statement).allows(GET)


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "dynamodb:BatchGetItem"},
        {"Action": "dynamodb:Get"},
        {"Resource": TABLE.lower()},
        {"Resource": TABLE + "/index/*"},
        {"Resource": "arn:aws:dynamodb:eu-central-1:123456789012:table.Table"},
        {"Effect": "Deny"},
        where("ForAllValues:StringLike", "message"),
        where("ForAllValues:StringLike"),
        where("StringEquals", "x", key="dynamodb:Attributes"),
        where("ForAnyValue:StringLike", "x", key="dynamodb:Attributes"),
    ],
    ids=str,
)
def test_denied(statement: dict[str, Any]) -> None:
    assert not policy(statement).allows(GET)


def test_a_denial_wins_and_no_statement_allows_nothing() -> None:
    assert not policy({}, {"Effect": "Deny", "Action": "*", "Resource": "*"}).allows(GET)
    assert not policy().allows(GET)


def test_every_key_of_a_condition_has_to_hold() -> None:
    both = where("StringLike", "message#*")
    both["Condition"]["StringEquals"] = {"aws:PrincipalTag/x": "y"}
    assert not policy(both).allows(GET)


@pytest.mark.parametrize(
    "statement",
    [
        {"NotAction": "x"},
        {"NotResource": "x"},
        {"Principal": "*"},
        where("DateLessThan", "2030-01-01"),
        where("StringLikeIfExists", "x"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_no_guess(statement: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        policy(statement)


def test_the_parts_of_a_policy_are_found_one_by_one() -> None:
    put = Request("dynamodb:PutItem", TABLE, ((LEADING_KEYS, ("event#1",)),))
    statement = {"Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": [TABLE, "arn:x"]}
    judged = policy(statement | where("ForAllValues:StringLike", "message#*", "event#*", "ip#*"))
    assert judged.denied([GET, put]) == []
    assert judged.unneeded([GET, put]) == [
        "dynamodb:GetItem on arn:x",
        "dynamodb:PutItem on arn:x",
        "dynamodb:GetItem, dynamodb:PutItem where dynamodb:LeadingKeys is ip#*",
    ]
    assert len(judged.unneeded([GET])) == 5
    assert len(policy({}, {}).unneeded([GET])) == 2, "allowed twice: either could go"


def test_a_transaction_asks_for_each_of_its_steps() -> None:
    key = {"TableName": "Table", "Key": {"pk": {"S": "a"}}}
    steps = [{"ConditionCheck": key}, {"Update": key}, {"Delete": key}]
    put = {"Put": {"TableName": "Table", "Item": {"pk": {"S": "b"}}}}
    asked = permissions("DynamoDB_20120810.TransactWriteItems", {"TransactItems": [*steps, put]}, ARNS)
    assert [(each.action, dict(each.context)[LEADING_KEYS]) for each in asked] == [
        ("dynamodb:ConditionCheckItem", ("a",)),
        ("dynamodb:UpdateItem", ("a",)),
        ("dynamodb:DeleteItem", ("a",)),
        ("dynamodb:PutItem", ("b",)),
    ]


def test_a_batch_of_reads_has_a_permission_of_its_own() -> None:
    body = {"RequestItems": {"Table": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "b"}}]}}}
    asked = permissions("DynamoDB_20120810.BatchGetItem", body, ARNS)
    assert [each.action for each in asked] == ["dynamodb:BatchGetItem"] * 2


def test_secrets_and_queues_are_known_by_their_arns() -> None:
    [read] = permissions("secretsmanager.GetSecretValue", {"SecretId": "Keys"}, ARNS)
    [sent] = permissions("AmazonSQS.SendMessage", {"QueueUrl": "http://localhost/1/Queue"}, ARNS)
    assert [read, sent] == [
        Request("secretsmanager:GetSecretValue", "arn:keys"),
        Request("sqs:SendMessage", "arn:queue"),
    ]


@pytest.mark.parametrize("target", ["DynamoDB_20120810.Scan", "AmazonSQS.PurgeQueue", "Logs.PutLogEvents"])
def test_a_call_that_nobody_looked_up_is_no_guess(target: str) -> None:
    with pytest.raises(UnknownCall):
        permissions(target, {"TableName": "Table", "QueueUrl": "Queue"}, ARNS)
