"""A stack, deployed or of `make run`: its outputs, its secrets, its table."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cli.problems import Problem, Refused
from passerelle.adapters.aws import AwsError
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.errors import Misconfigured
from passerelle.keys import Keyring, parse_keyring
from passerelle.otp.form import Style
from passerelle.settings import is_near

_NOBODY = {"region_name": "eu-central-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}
"""Whom the stand-in for AWS serves, and where."""


class Stack(NamedTuple):
    """A stack, as CloudFormation describes it."""

    title: str
    """What to call it in a sentence."""
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    endpoint: str = ""
    """Of the stand-in for AWS; empty: AWS, with the operator's own credentials."""

    def secret(self, logical_id: str) -> dict[str, Any]:
        """Read a secret of the stack; raises `Problem`."""
        arn = self.outputs.get(f"{logical_id}Arn")
        if arn is None:
            raise Problem(f"{self.title} has no output {logical_id}Arn: is it a stack of Passerelle?")
        answer = _asked("secretsmanager", "get_secret_value", self.endpoint, SecretId=arn)
        text = answer.get("SecretString", "")
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise Problem(f"the secret {logical_id} of {self.title} is not a JSON object")
        return value

    @property
    def keyring(self) -> Keyring:
        """The stack's own keys; raises `Problem`."""
        try:
            return parse_keyring(self.secret("KeysSecret"))
        except Misconfigured as error:
            raise Problem(f"the secret KeysSecret of {self.title}: {error.reason}") from None

    @property
    def messages(self) -> DynamoDBMessages:
        """What the stack remembers of messages."""
        return DynamoDBMessages(self.outputs["TableName"], _DynamoDB(self.endpoint))

    @property
    def style(self) -> Style:
        """How the stack makes its messages."""
        return Style(
            self.parameters.get("MailgunCompat") == "logto",
            self.parameters.get("MailgunRequireTls") != "false",
        )


def deployed(name: str) -> Stack:
    """Look a stack up; raises `Problem`."""
    [stack] = _asked("cloudformation", "describe_stacks", "", StackName=name)["Stacks"]
    return Stack(
        title=f"stack {name}",
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])},
    )


def of_make_run(url: str, compat: str) -> Stack:
    """Name what `make run` keeps in its stand-in for AWS; raises `Problem`."""
    if not _is_near(url):
        raise Problem(f"--local {url}: that is not the address of AWS as `make run` prints it")
    outputs = {"TableName": "Table", "MailgunSecretArn": "MailgunSecret", "KeysSecretArn": "KeysSecret"}
    return Stack("the local stack", outputs, {"MailgunCompat": compat}, url)


def _is_near(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is not a number
    except ValueError:
        return False
    return parts.scheme == "http" and is_near(parts.hostname or "")


class _DynamoDB:
    """DynamoDB as a stack's own adapter speaks to it, with the operator's credentials."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        client = _client("dynamodb", self._endpoint)
        methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        try:
            answer: Mapping[str, Any] = getattr(client, methods[operation])(**body)
        except ClientError as error:
            raise AwsError(error.response["Error"]["Code"], error.response) from None
        except BotoCoreError as error:
            raise AwsError(type(error).__name__) from None
        return answer


def _asked(service: str, method: str, endpoint: str, **arguments: Any) -> Mapping[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

    try:
        answer: Mapping[str, Any] = getattr(_client(service, endpoint), method)(**arguments)
    except (ConnectionError, HTTPClientError) as error:
        hint = ". Is `make run` running? Its AWS has another address each time" if endpoint else ""
        raise Refused(f"AWS: {error}{hint}") from None
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"AWS: {error}") from None
    return answer


def _client(service: str, endpoint: str) -> Any:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
    if endpoint:
        return boto3.client(
            service, endpoint_url=endpoint, config=config.merge(Config(proxies={})), **_NOBODY
        )
    try:
        return boto3.client(service, config=config)
    except BotoCoreError as error:
        raise Problem(f"AWS: {error}") from None
