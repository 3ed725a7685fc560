"""CloudFormation, as much of it as describes one stack."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest

from local.serving import Server
from local.stack import Stack

STACK = "the-stack"
ACCOUNT = "arn:aws:cloudformation:eu-central-1:123456789012:stack"

PATHS = {
    "RedirectUri": "/callback",
    "PostLogoutRedirectUri": "/logged-out",
    "SendOtpUrl": "/send-otp",
    "BackchannelLogoutUri": "/backchannel-logout",
    "LogtoWebhookUrl": "/webhooks/logto",
    "MailgunWebhookUrl": "/webhooks/mailgun",
}
"""Outputs that name a route of the app."""

SECRETS = ("LogtoSecret", "MailgunSecret", "ConnectorSecret", "KeysSecret")

NO_STACK = (
    "<ErrorResponse><Error><Code>ValidationError</Code>"
    "<Message>Stack with id nowhere does not exist</Message></Error></ErrorResponse>"
)


@contextmanager
def described(
    patch: pytest.MonkeyPatch,
    outputs: Mapping[str, str],
    parameters: Mapping[str, str] = {},
    name: str = STACK,
) -> Iterator[None]:
    """Let boto3 find one stack with these outputs and parameters; everything else is where it was."""
    with closing(Server(CloudFormation(outputs, parameters, name=name), "127.0.0.1", 0)) as server:
        server.start()
        patch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", server.url)
        yield


@contextmanager
def operated(patch: pytest.MonkeyPatch, stack: Stack) -> Iterator[None]:
    """Let the operator's commands find a local stack as `STACK`."""
    with described(patch, outputs_of(stack), stack.parameters):
        yield


def outputs_of(stack: Stack) -> dict[str, str]:
    """What a stack deployed at the address of this one would show of itself."""
    urls = {name: f"{stack.app_url}{path}" for name, path in PATHS.items()}
    return {"TableName": "Table", **urls, **{f"{name}Arn": name for name in SECRETS}}


@contextmanager
def on_its_own() -> Iterator[None]:
    """Run a command as if the functions, which log to stdout, were not in the same process."""
    logger = logging.getLogger("passerelle")
    handlers, logger.handlers = logger.handlers, []
    try:
        yield
    finally:
        logger.handlers = handlers


class CloudFormation:
    """A WSGI app, in the service's own protocol."""

    def __init__(
        self,
        outputs: Mapping[str, str],
        parameters: Mapping[str, str],
        status: str = "CREATE_COMPLETE",
        name: str = STACK,
    ) -> None:
        self._status, self._name = status, name
        self._outputs = _members("Output", outputs)
        self._parameters = _members("Parameter", parameters)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Answer DescribeStacks."""
        form = parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
        assert form["Action"] == ["DescribeStacks"]
        known = form["StackName"] == [self._name]
        start_response("200 OK" if known else "400 Bad Request", [("Content-Type", "text/xml")])
        return [(self._stack() if known else NO_STACK).encode()]

    def _stack(self) -> str:
        return (
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
            f"<StackName>{self._name}</StackName><StackId>{ACCOUNT}/{self._name}/7d2e</StackId>"
            "<CreationTime>2026-01-01T00:00:00Z</CreationTime>"
            f"<StackStatus>{self._status}</StackStatus><Outputs>{self._outputs}</Outputs>"
            f"<Parameters>{self._parameters}</Parameters>"
            "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        )


def _members(kind: str, values: Mapping[str, str]) -> str:
    return "".join(
        f"<member><{kind}Key>{name}</{kind}Key><{kind}Value>{escape(value)}</{kind}Value></member>"
        for name, value in values.items()
    )
