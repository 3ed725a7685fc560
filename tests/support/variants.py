"""The template as CloudFormation builds it with some parameters: what its conditions leave of it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from local.stack import TEMPLATE
from tests.support.translated import Translated

PSEUDO = {"AccountId", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}


class Variant(NamedTuple):
    """Resources by logical id and outputs by name, without those that a condition leaves out."""

    translated: Translated
    resources: Mapping[str, Any]
    outputs: Mapping[str, Any]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The properties of all resources of a type."""
        return [each["Properties"] for each in self.resources.values() if each["Type"] == kind]

    def dangling(self) -> set[str]:
        """The names that are referred to, and are neither a parameter nor a resource."""
        known = {
            *self.resources,
            *self.translated.document["Parameters"],
            *(f"AWS::{name}" for name in PSEUDO),
        }
        return {*references(self.resources), *references(self.outputs)} - known

    def origin(self) -> str:
        """What functions are told of their own origin."""
        [origin] = {
            self.translated.resolve(function["Environment"]["Variables"]["PUBLIC_BASE_URL"])
            for function in self.of_type("AWS::Lambda::Function")
        }
        assert isinstance(origin, str)
        return origin


def variant(parameters: Mapping[str, str]) -> Variant:
    """Translate the template, and take away what is not for these parameters."""
    return _variant(tuple(sorted(parameters.items())))


@cache
def _variant(parameters: tuple[tuple[str, str], ...]) -> Variant:
    translated = Translated(TEMPLATE, {"LogtoIssuer": "https://id.example/oidc", **dict(parameters)})
    parts = (translated.document["Resources"], translated.document["Outputs"])
    return Variant(
        translated,
        *({name: _left(translated, each) for name, each in _there(translated, part)} for part in parts),
    )


def broken_rules(translated: Translated) -> list[str]:
    """What CloudFormation says of parameters that do not go together, before it begins."""
    return [
        assertion["AssertDescription"]
        for rule in translated.document["Rules"].values()
        if translated.resolve(rule["RuleCondition"])
        for assertion in rule["Assertions"]
        if not translated.resolve(assertion["Assert"])
    ]


def references(value: Any) -> Iterator[str]:
    """Every name that a part of a template refers to."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key == "Ref":
            yield inner
        elif key == "Fn::GetAtt":
            yield inner[0] if isinstance(inner, list) else inner.split(".")[0]
        elif key == "Fn::Sub":
            yield from _substituted(inner)
        elif key == "DependsOn":
            yield from [inner] if isinstance(inner, str) else inner
        if key != "Fn::GetAtt":
            yield from references(inner)


def _substituted(inner: Any) -> Iterator[str]:
    text, own = (inner, {}) if isinstance(inner, str) else inner
    names = {name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", text)}
    yield from names - own.keys()


def _there(translated: Translated, part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, each in part.items():
        if "Condition" not in each or translated.resolve({"Condition": each["Condition"]}):
            yield name, each


def _left(translated: Translated, value: Any) -> Any:
    if isinstance(value, list):
        return [_left(translated, each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"}:
        condition, then, otherwise = value["Fn::If"]
        return _left(translated, then if translated.resolve({"Condition": condition}) else otherwise)
    left = {key: _left(translated, each) for key, each in value.items()}
    return {key: each for key, each in left.items() if each != {"Ref": "AWS::NoValue"}}
