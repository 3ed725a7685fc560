"""Who may be what, and who may call whom: trust, resource policies, and the documents' table of it all."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.iam.declared import DECLARED, TEMPLATE, TEMPLATES
from tests.iam.policy import Request, Statement
from tests.iam.template import Roles


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_role_is_for_the_service_that_needs_it_and_for_nobody_else(template: str) -> None:
    roles = DECLARED[template]
    services = {roles.of_function(name): "lambda.amazonaws.com" for name in roles.functions}
    services |= {roles.of_schedule(name): "scheduler.amazonaws.com" for name in roles.schedules}
    trusts = roles.template.resources("AWS::IAM::Role")
    assert trusts.keys() == services.keys()
    for name, role in trusts.items():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] in ({"Service": services[name]}, {"Service": [services[name]]})
        assert statement["Effect"] == "Allow"
        assert statement["Action"] in ("sts:AssumeRole", ["sts:AssumeRole"])


@pytest.mark.parametrize("template", TEMPLATES)
def test_permissions_lie_nowhere_but_in_roles(template: str) -> None:
    elsewhere = {"AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"}
    assert not elsewhere & DECLARED[template].template.kinds()


@pytest.mark.parametrize("template", TEMPLATES)
def test_an_api_may_invoke_a_function_for_the_routes_that_lead_to_it(template: str) -> None:
    translated = DECLARED[template].template
    granted, routed = set(), set()
    for permission in translated.resources("AWS::Lambda::Permission").values():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert permission["Principal"] == "apigateway.amazonaws.com"
        found = re.fullmatch(
            r"arn:aws:execute-api:eu-central-1:123456789012:Api/\*/(\w+)(/.*)", permission["SourceArn"]
        )
        assert found, permission["SourceArn"]
        granted.add((found[1].lower(), found[2], permission["FunctionName"]))
    for path, methods in translated.document["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            invoked = translated.resolve(operation["x-amazon-apigateway-integration"]["uri"])
            routed.add((method, re.sub(r"\{\w+\}", "*", path), invoked_by(invoked)))
    assert granted
    assert {(method, path, function_of(name)) for method, path, name in granted} == routed


def invoked_by(uri: str) -> str:
    """The function that an integration invokes, with its alias."""
    found = re.search(r":function:(\w+(:\w+)?)/invocations", uri) or re.search(r"functions/(.*)/invoc", uri)
    assert found, uri
    return function_of(found[1])


def function_of(name: str) -> str:
    """A function and its alias, from an ARN or a name."""
    return name.rpartition("function:")[2]


RESOURCE_POLICIES = {
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_resource_lets_in_who_is_not_of_this_account(template: str) -> None:
    """Queue, topic, table and secrets have no policy of their own, or one for a service on our behalf."""
    for kind, member in RESOURCE_POLICIES.items():
        for name, properties in DECLARED[template].template.resources(kind).items():
            for statement in properties[member]["Statement"]:
                assert is_for_a_service_of_ours(statement), name
    for kind in ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic"):
        for name, properties in DECLARED[template].template.resources(kind).items():
            assert "ResourcePolicy" not in properties, name


def is_for_a_service_of_ours(statement: dict[str, Any]) -> bool:
    if statement["Effect"] == "Deny":
        return True
    keys = {key.lower() for keys in statement.get("Condition", {}).values() for key in keys}
    return statement["Principal"].keys() == {"Service"} and bool(
        keys & {"aws:sourceaccount", "aws:sourcearn"}
    )


def test_only_who_hears_of_endings_may_put_them_into_the_queue() -> None:
    roles = DECLARED["template.yaml"]
    send = Request("sqs:SendMessage", roles.template.arn("EventsQueue"))
    senders = {name for name in roles.functions if roles.policies[roles.of_function(name)].allows(send)}
    assert senders == {"BackchannelLogoutFunction", "LogtoWebhookFunction"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_encrypted_under_a_key_of_the_account_s_own(template: str) -> None:
    """It would take permissions for KMS, and the stand-in would not miss them."""
    text = str(DECLARED[template].template.document["Resources"])
    assert not re.findall(r"KMSMasterKeyId|KmsMasterKeyId|KmsKeyId|KmsKeyArn", text)


def test_the_table_in_the_documents_is_what_the_templates_say() -> None:
    text = (TEMPLATE.parent / "docs/permissions.md").read_text()
    rows = [row for row in text.splitlines() if re.match(r"\| `\w+(Role|Function)` ", row)]
    assert rows == [row for roles in DECLARED.values() for row in documented(roles)]


def documented(roles: Roles) -> Iterator[str]:
    """One row for each function, without logs and traces, and one for the role of each schedule."""
    described = {name: roles.of_function(name) for name in roles.functions}
    described |= {role: role for role in map(roles.of_schedule, roles.schedules)}
    for name, role in described.items():
        policy = roles.policies[role]
        own = (each for each in policy.statements if not each.actions[0].startswith(("logs:", "xray:")))
        cells = [cell(each) for each in own]
        yield f"| `{name}` | {'<br>'.join(cells)} |"


def cell(statement: Statement) -> str:
    resources = " and ".join(re.sub(r"-\w{6}$", "", re.split("[:/]", arn)[-1]) for arn in statement.resources)
    actions = ", ".join(f"`{action}`" for action in statement.actions)
    where = [value for values in statement.conditions.values() for value in values]
    partitions = ", ".join(f"`{each}`" for each in where)
    return f"{actions} on {resources}" + (f", partitions {partitions}" if where else "")
