"""A deployed stack: its outputs, its secrets, its table."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cli.problems import Problem
from passerelle.adapters.aws import AwsError
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.errors import Misconfigured
from passerelle.keys import Keyring, parse_keyring
from passerelle.otp.form import Style


class Deployed(NamedTuple):
    """A stack by its name, as CloudFormation describes it."""

    name: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    def secret(self, logical_id: str) -> dict[str, Any]:
        """Read a secret of the stack; raises `Problem`."""
        arn = self.outputs.get(f"{logical_id}Arn")
        if arn is None:
            raise Problem(f"stack {self.name} has no output {logical_id}Arn: is it a stack of Passerelle?")
        text = _asked("secretsmanager", "get_secret_value", SecretId=arn).get("SecretString", "")
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise Problem(f"the secret {logical_id} of stack {self.name} is not a JSON object")
        return value

    @property
    def keyring(self) -> Keyring:
        """The stack's own keys; raises `Problem`."""
        try:
            return parse_keyring(self.secret("KeysSecret"))
        except Misconfigured as error:
            raise Problem(f"the secret KeysSecret of stack {self.name}: {error.reason}") from None

    @property
    def messages(self) -> DynamoDBMessages:
        """What the stack remembers of messages."""
        return DynamoDBMessages(self.outputs["TableName"], _DynamoDB())

    @property
    def style(self) -> Style:
        """How the stack makes its messages."""
        return Style(
            self.parameters.get("MailgunCompat") == "logto",
            self.parameters.get("MailgunRequireTls") != "false",
        )


def deployed(name: str) -> Deployed:
    """Look a stack up; raises `Problem`."""
    [stack] = _asked("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    return Deployed(
        name=name,
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])},
    )


class _DynamoDB:
    """DynamoDB with the operator's own credentials, wherever boto3 finds them."""

    def call(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        from botocore.exceptions import ClientError

        client = _client("dynamodb")
        methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        try:
            answer: Mapping[str, Any] = getattr(client, methods[operation])(**body)
        except ClientError as error:
            raise AwsError(error.response["Error"]["Code"], error.response) from None
        return answer


def _asked(service: str, method: str, **arguments: Any) -> Mapping[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer: Mapping[str, Any] = getattr(_client(service), method)(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"AWS: {error}") from None
    return answer


def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.client(
            service, config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
        )
    except BotoCoreError as error:
        raise Problem(f"AWS: {error}") from None
