"""A SAM template as CloudFormation gets it: translated by SAM's own translator, its references resolved."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from local.template import PSEUDO_PARAMETERS

Json = dict[str, Any]

REGION, ACCOUNT = PSEUDO_PARAMETERS["AWS::Region"], PSEUDO_PARAMETERS["AWS::AccountId"]

_ARNS = {
    "AWS::ApiGatewayV2::Api": "apigateway:{region}::/apis/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    # With everything in it, as CloudFormation has it.
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{name}-abcdef",
}
_NAMED_BY_ARN = {"AWS::SNS::Topic", "AWS::SecretsManager::Secret"}
"""Resources whose `Ref` is an ARN."""


class Translated:
    """A template with its parameters filled in, and `arns` of resources that exist somewhere."""

    def __init__(
        self, path: Path, parameters: Mapping[str, str] | None = None, arns: Mapping[str, str] | None = None
    ) -> None:
        self.document = _translate(path, parameters or {})
        defaults = self.document.get("Parameters", {}).items()
        self._names = {
            **PSEUDO_PARAMETERS,
            "AWS::NoValue": None,
            **{name: spec["Default"] for name, spec in defaults if "Default" in spec},
            **(parameters or {}),
        }
        self._known = arns or {}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": lambda name: self.resolve(self.document["Conditions"][name]),
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._sub,
            "Fn::Join": lambda value: value[0].join(map(str, self.resolve(value[1]))),
            "Fn::If": lambda value: self.resolve(value[1 if self._functions["Condition"](value[0]) else 2]),
            "Fn::Equals": lambda pair: str(self.resolve(pair[0])) == str(self.resolve(pair[1])),
            "Fn::Not": lambda value: not self.resolve(value[0]),
            "Fn::And": lambda values: all(map(self.resolve, values)),
            "Fn::Or": lambda values: any(map(self.resolve, values)),
            "Fn::FindInMap": lambda path: self._in_map(*map(self.resolve, path)),
        }

    def resources(self, kind: str) -> dict[str, Json]:
        """The properties of every resource of a type that would be created, by logical id."""
        return {
            name: self.resolve(resource.get("Properties", {}))
            for name, resource in self.document["Resources"].items()
            if resource["Type"] == kind
            and ("Condition" not in resource or self._functions["Condition"](resource["Condition"]))
        }

    def kinds(self) -> set[str]:
        """The types of all resources."""
        return {resource["Type"] for resource in self.document["Resources"].values()}

    def arn(self, name: str) -> str:
        """The ARN of a resource by its logical id."""
        if name in self._known:
            return self._known[name]
        resource = self.document["Resources"][name]
        if resource["Type"] == "AWS::Lambda::Alias":
            properties = resource["Properties"]
            return f"{self.arn(properties['FunctionName']['Ref'])}:{properties['Name']}"
        own = self.resolve(resource.get("Properties", {}).get("LogGroupName", name))
        return "arn:aws:" + _ARNS[resource["Type"]].format(region=REGION, account=ACCOUNT, name=own)

    def resolve(self, value: Any) -> Any:
        """Replace intrinsic functions by what they stand for."""
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not None]
        if not isinstance(value, dict):
            return value
        name = next(iter(value)) if len(value) == 1 else ""
        # A condition of a policy goes by the same name as one of the template.
        if name in self._functions and not (name == "Condition" and isinstance(value[name], dict)):
            return self._functions[name](value[name])
        assert not name.startswith("Fn::"), f"{name} is not understood here"
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}

    def _ref(self, name: str) -> Any:
        resource = self.document["Resources"].get(name)
        if resource is None:
            return self._names[name]
        if resource["Type"] in _NAMED_BY_ARN or resource["Type"] == "AWS::Lambda::Alias":
            return self.arn(name)
        return self.resolve(resource.get("Properties", {}).get("LogGroupName", name))

    def _attribute(self, path: list[str]) -> str:
        return self.arn(path[0]) if path[1] == "Arn" else ".".join(path)

    def _in_map(self, name: str, first: str, second: str) -> Any:
        return self.resolve(self.document["Mappings"][name][str(first)][second])

    def _sub(self, value: str | list[Any]) -> str:
        text, own = (value, {}) if isinstance(value, str) else (value[0], self.resolve(value[1]))

        def meant(match: re.Match[str]) -> str:
            name = match[1]
            if name in own:
                return str(own[name])
            return str(self._attribute(name.split(".", 1)) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}][^}]*)\}", meant, text).replace("${!", "${")


def _translate(path: Path, parameters: Mapping[str, str]) -> Json:
    document = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in document["Resources"].values():
        # Where code is before it is uploaded: the translator takes no folders.
        for name in resource.get("Properties", {}).keys() & {"CodeUri", "ContentUri"}:
            resource["Properties"][name] = "s3://bucket/key"
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
        translated: Json = transform(document, dict(parameters), ManagedPolicyLoader(None))
    return translated
