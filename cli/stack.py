"""A stack, deployed or of `make run`: its outputs, its secrets, its table."""

import argparse
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cli.aws import Service, own_region
from cli.problems import Problem, Refused
from cli.versions import Version, newest
from local.aws import LOCAL_PARAMETERS
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.errors import Misconfigured
from passerelle.keys import Keyring, parse_keyring
from passerelle.otp.form import Style
from passerelle.settings import is_near

SECRETS = ("KeysSecret", "LogtoSecret", "MailgunSecret", "ConnectorSecret")
"""Logical ids of the secrets of a stack."""

_ADDRESSES = {
    "RedirectUri": "/callback",
    "PostLogoutRedirectUri": "/logged-out",
    "SendOtpUrl": "/send-otp",
    "BackchannelLogoutUri": "/backchannel-logout",
    "LogtoWebhookUrl": "/webhooks/logto",
    "MailgunWebhookUrl": "/webhooks/mailgun",
}
"""Outputs that name a route of the app."""

_NOT_LOCAL = "--local {url}: that is not the address of AWS as `make run` prints it, http://localhost:PORT"


class Stack(NamedTuple):
    """A stack, as CloudFormation describes it."""

    title: str
    """What to call it in a sentence."""
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    endpoint: str = ""
    """Of the stand-in for AWS; empty: AWS, with the operator's own credentials."""
    mark: str = "local"
    """Names the stack among all others, also when it was deleted and made again: its ARN without the end."""

    @property
    def name(self) -> str:
        """What its operator calls it."""
        return self.mark.rpartition("/")[2]

    def output(self, name: str) -> str:
        """Return an output; raises `Problem`."""
        if name not in self.outputs:
            raise Problem(f"{self.title} has no output {name}: is it a stack of Passerelle?")
        return self.outputs[name]

    def service(self, name: str) -> Service:
        """Return a service of AWS, where this stack is."""
        return Service(name, self.endpoint)

    def secret(self, logical_id: str) -> dict[str, Any]:
        """Read a secret of the stack; raises `Problem`."""
        return self.version(logical_id).value

    def version(self, logical_id: str, manager: Service | None = None) -> Version:
        """Read a secret in order to write it; raises `Problem`. Who reads many has one `manager` for all."""
        arn, manager = self.output(f"{logical_id}Arn"), manager or self.service("secretsmanager")
        return newest(manager, arn, f"the secret {logical_id} of {self.title}")

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
        return DynamoDBMessages(self.outputs["TableName"], self.service("dynamodb"))

    @property
    def style(self) -> Style:
        """How the stack makes its messages."""
        return Style(
            self.parameters.get("MailgunCompat") == "logto",
            self.parameters.get("MailgunRequireTls") != "false",
        )


def deployed(name: str, region: str = "") -> Stack:
    """Look a stack up, in boto3's own region unless one is named; raises `Problem`."""
    try:
        [stack] = Service("cloudformation", region=region).ask("DescribeStacks", StackName=name)["Stacks"]
    except Problem as problem:
        if "does not exist" not in str(problem):
            raise
        raise Problem(f"{problem} in {region or own_region()}. AWS_REGION names another region") from None
    return Stack(
        title=f"stack {name}",
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])},
        mark=stack["StackId"].rpartition("/")[0],
    )


def running(url: str) -> Stack:
    """Look up what `make run` runs, by the address of its stand-in for AWS; raises `Problem`."""
    if not _is_near(url):
        raise Problem(_NOT_LOCAL.format(url=url))
    try:
        answer = Service("ssm", url).ask("GetParameter", Name=LOCAL_PARAMETERS)
    except Refused:
        raise
    except Problem:
        answer = {}
    if "Parameter" not in answer:  # the address of the app, or of the mailbox
        raise Problem(_NOT_LOCAL.format(url=url))
    parameters = json.loads(answer["Parameter"]["Value"])
    outputs = {f"{name}Arn": name for name in SECRETS} | {"TableName": "Table"}
    outputs |= {name: f"{parameters['PublicBaseUrl']}{path}" for name, path in _ADDRESSES.items()}
    return Stack("the local stack", outputs, parameters, url)


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which stack it is for."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--stack", metavar="NAME", help="a deployed stack; AWS credentials as for the AWS CLI")
    which.add_argument("--local", metavar="URL", help="the running `make run`; URL is where it says AWS is")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def stack_of(options: argparse.Namespace) -> Stack:
    """Look up the stack that the options of `add_stack` name; raises `Problem`."""
    return running(options.local) if options.local else deployed(options.stack)


def _is_near(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is not a number
    except ValueError:
        return False
    return parts.scheme == "http" and is_near(parts.hostname or "")
