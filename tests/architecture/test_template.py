"""The template and the code agree: folders and resources, settings and variables, roles and needs."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from passerelle.errors import Misconfigured
from passerelle.settings import read_settings

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    pass


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    raise AssertionError(f"a tagged mapping: {node}")


yaml.add_multi_constructor("!", _tag, Loader=_Loader)
TEMPLATE: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # noqa: S506
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}
VARIABLES = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]


def test_every_folder_has_its_resource_and_the_reverse() -> None:
    folders = {f"functions/{path.parent.name}/" for path in (ROOT / "functions").glob("*/app.py")}
    assert folders
    assert folders == {properties["CodeUri"] for properties in FUNCTIONS.values()}


def test_every_setting_has_its_variable_and_the_reverse() -> None:
    tree = ast.parse((ROOT / "layers/passerelle/passerelle/settings.py").read_text())
    read = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func).startswith("read.")
        and isinstance(node.args[0], ast.Constant)
    }
    assert read
    assert read == VARIABLES.keys()


def test_no_function_declares_variables_of_its_own() -> None:
    assert not [name for name, properties in FUNCTIONS.items() if "Environment" in properties]


@pytest.mark.parametrize("missing", ["LOGTO_ISSUER", "TABLE_NAME", "KEYS_SECRET_ID"])
def test_a_missing_variable_is_named(missing: str) -> None:
    required = ["LOGTO_ISSUER", *(name for name in VARIABLES if name.endswith(("_ID", "_NAME")))]
    environment = dict.fromkeys(required, "https://id.example/oidc")
    read_settings(environment)
    del environment[missing]
    with pytest.raises(Misconfigured, match=missing):
        read_settings(environment)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_role_and_a_log_group_of_its_own(name: str) -> None:
    roles = [properties["Role"]["GetAtt"] for properties in FUNCTIONS.values()]
    groups = [properties["LoggingConfig"]["LogGroup"]["Ref"] for properties in FUNCTIONS.values()]
    assert roles.count(FUNCTIONS[name]["Role"]["GetAtt"]) == 1
    assert groups.count(FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]) == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_policy_has_a_wildcard(name: str) -> None:
    for statement in _statements(name):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not any("*" in action for action in actions)
        # The two X-Ray actions know no resources.
        assert statement["Resource"] != "*" or all(action.startswith("xray:Put") for action in actions)


def test_only_who_sends_hears_from_mailgun_or_looks_after_it_reads_its_secret() -> None:
    readers = {"MailgunSecret": ["SendOtpFunction", "MailgunWebhookFunction", "HealthFunction"]}
    readers["ConnectorSecret"] = ["SendOtpFunction", "HealthFunction"]
    for secret, names in readers.items():
        assert [name for name in FUNCTIONS if secret in str(_statements(name))] == names


def test_access_logs_hold_neither_query_nor_headers() -> None:
    written = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]
    names = set(re.findall(r"\$context\.([\w.]+)", written))
    assert names
    assert not [name for name in names if "header" in name or "query" in name.lower() or "path" in name]


def test_state_survives_the_stack() -> None:
    for name, resource in RESOURCES.items():
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"}:
            assert resource.get("DeletionPolicy") == "Retain", name
            assert resource.get("UpdateReplacePolicy") == "Retain", name


def _statements(function: str) -> list[dict[str, Any]]:
    role = RESOURCES[FUNCTIONS[function]["Role"]["GetAtt"].removesuffix(".Arn")]
    policies = role["Properties"]["Policies"]
    assert "ManagedPolicyArns" not in role["Properties"]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
