"""Reads the deployment template, so that what runs on a laptop is what would be deployed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HTTP_API_EVENT = "HttpApi"
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "passerelle",
    "AWS::URLSuffix": "amazonaws.com",
}


class TemplateError(Exception):
    """The template, or the parameters given for it, cannot be used."""


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API; `ANY` and `$default` are kept as written."""

    method: str
    path: str
    function: str


@dataclass(frozen=True)
class Function:
    """One Lambda function and where its code is."""

    name: str
    file: Path
    handler: str
    environment: Mapping[str, str]
    timeout: int
    memory: int


@dataclass(frozen=True)
class Table:
    """One DynamoDB table, in the words of its CreateTable call."""

    name: str
    schema: Mapping[str, Any]
    ttl_attribute: str | None


@dataclass(frozen=True)
class Secret:
    """One secret: a text, or the rule by which its text is generated."""

    name: str
    text: str | None
    rule: Mapping[str, Any] | None


class Template:
    """A SAM template with its parameters filled in. References give logical ids, as in SAM local."""

    def __init__(self, path: Path, parameters: Mapping[str, str] | None = None) -> None:
        self._folder = path.parent
        self._document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
        self._resolver = _Resolver(self._document, parameters or {})
        self._globals = self._document.get("Globals", {}).get("Function", {})

    def routes(self) -> list[Route]:
        """Every route of every function, in the template's order."""
        return [
            _route(event.get("Properties", {}), name)
            for name, properties in self._resources("AWS::Serverless::Function")
            for event in properties.get("Events", {}).values()
            if event["Type"] == HTTP_API_EVENT
        ]

    def functions(self) -> dict[str, Function]:
        """Every function by its logical id."""
        return {name: self._function(name, own) for name, own in self._resources("AWS::Serverless::Function")}

    def environment(self) -> dict[str, str]:
        """The variables of all functions, which share one process here and so must not disagree."""
        merged: dict[str, str] = {}
        for function in self.functions().values():
            for key, value in function.environment.items():
                if merged.setdefault(key, value) != value:
                    raise TemplateError(f"{function.name} has another {key} than the functions before it")
        return merged

    def tables(self) -> list[Table]:
        """Every DynamoDB table."""
        return [_table(name, own) for name, own in self._resources("AWS::DynamoDB::Table")]

    def secrets(self) -> list[Secret]:
        """Every secret."""
        return [
            Secret(name, own.get("SecretString"), own.get("GenerateSecretString"))
            for name, own in self._resources("AWS::SecretsManager::Secret")
        ]

    def queues(self) -> list[str]:
        """The name of every queue of SQS."""
        return [name for name, _ in self._resources("AWS::SQS::Queue")]

    def consumers(self) -> list[tuple[str, str]]:
        """Queue and function of every event source that is a queue."""
        return [
            (event["Properties"]["Queue"].split(":")[-1].removesuffix(".Arn"), name)
            for name, properties in self._resources("AWS::Serverless::Function")
            for event in properties.get("Events", {}).values()
            if event["Type"] == "SQS"
        ]

    def _resources(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            (name, self._resolver.resolve(resource.get("Properties", {})))
            for name, resource in self._document["Resources"].items()
            if resource["Type"] == kind
        ]

    def _function(self, name: str, own: Mapping[str, Any]) -> Function:
        inherited = self._resolver.resolve(self._globals)
        merged = {**inherited, **own}
        module, _, handler = merged["Handler"].rpartition(".")
        variables = {**_variables(inherited), **_variables(own)}
        return Function(
            name=name,
            file=self._folder / merged["CodeUri"] / f"{module}.py",
            handler=handler,
            environment={key: _text(value) for key, value in variables.items()},
            timeout=int(merged.get("Timeout", 3)),
            memory=int(merged.get("MemorySize", 128)),
        )


def _route(event: Mapping[str, Any], function: str) -> Route:
    return Route(event.get("Method", "ANY").upper(), event.get("Path", "$default"), function)


def _table(name: str, properties: Mapping[str, Any]) -> Table:
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    schema = {key: properties[key] for key in wanted if key in properties}
    ttl = properties.get("TimeToLiveSpecification", {})
    return Table(name, schema, ttl.get("AttributeName") if ttl.get("Enabled") else None)


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return variables


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Loader(yaml.SafeLoader):
    pass


def _construct(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _construct)


class _Resolver:
    """Replaces CloudFormation's intrinsic functions by what they stand for."""

    def __init__(self, document: Mapping[str, Any], given: Mapping[str, str]) -> None:
        declared: dict[str, Any] = document.get("Parameters", {})
        if unknown := sorted(given.keys() - declared.keys()):
            raise TemplateError(f"the template has no parameter {', '.join(unknown)}")
        defaults = {name: spec["Default"] for name, spec in declared.items() if "Default" in spec}
        self._names = {**PSEUDO_PARAMETERS, **defaults, **given}
        self._parameters = declared.keys()
        self._conditions = document.get("Conditions", {})
        self._mappings = document.get("Mappings", {})
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": lambda name: self.resolve(self._conditions[name]),
            "Fn::Sub": self._sub,
            "Fn::GetAtt": lambda path: f"arn:aws:local:::{path[0]}" if path[1] == "Arn" else ".".join(path),
            "Fn::Join": lambda value: _text(value[0]).join(map(_text, self.resolve(value[1]))),
            "Fn::FindInMap": self._find_in_map,
            "Fn::If": lambda value: self.resolve(value[1 if self.resolve({"Condition": value[0]}) else 2]),
            "Fn::Equals": lambda pair: _text(self.resolve(pair[0])) == _text(self.resolve(pair[1])),
            "Fn::Not": lambda value: not self.resolve(value[0]),
            "Fn::And": lambda values: all(map(self.resolve, values)),
            "Fn::Or": lambda values: any(map(self.resolve, values)),
        }

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        name = next(iter(value)) if len(value) == 1 else ""
        if name in self._functions:
            return self._functions[name](value[name])
        if name.startswith("Fn::"):
            raise TemplateError(f"{name} is not understood here")
        return {key: self.resolve(item) for key, item in value.items()}

    def _ref(self, name: str) -> Any:
        if name in self._parameters and name not in self._names:
            raise TemplateError(f"the parameter {name} needs a value")
        return self._names.get(name, name)

    def _find_in_map(self, value: list[Any]) -> Any:
        name, first, second = (_text(part) for part in self.resolve(value))
        try:
            return self._mappings[name][first][second]
        except KeyError:
            raise TemplateError(f"the mapping {name} has no {first}, {second}") from None

    def _sub(self, value: str | list[Any]) -> str:
        text, own = (value, {}) if isinstance(value, str) else (value[0], self.resolve(value[1]))
        filled = re.sub(r"\$\{([^!}][^}]*)\}", lambda match: self._substitute(match[1], own), text)
        return filled.replace("${!", "${")

    def _substitute(self, name: str, own: Mapping[str, Any]) -> str:
        if name in own:
            return _text(own[name])
        return _text(self.resolve({"Fn::GetAtt": name.split(".", 1)}) if "." in name else self._ref(name))
