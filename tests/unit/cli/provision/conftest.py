"""One stack, deployed a moment ago for each test."""

import logging
from collections.abc import Iterator

import pytest

from local.config import Config
from local.stack import Stack
from tests.support.cloudformation import described
from tests.unit.cli.provision.deployed import MANAGER, MANAGER_SECRET, Deployed


@pytest.fixture(scope="package")
def deployed_stack() -> Iterator[Deployed]:
    """One stack for all of these tests, whose functions log to nobody: stdout is the command's."""
    logger = logging.getLogger("passerelle")
    handlers, logger.handlers = logger.handlers, [logging.NullHandler()]
    with Stack(Config.ephemeral()) as stack:
        yield Deployed(stack)
    logger.handlers = handlers


@pytest.fixture
def deployed(deployed_stack: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """A stack that CloudFormation knows, and an operator with all variables that are needed."""
    deployed_stack.become_new()
    account = deployed_stack.account
    variables = {
        "LOGTO_M2M_ID": MANAGER,
        "LOGTO_M2M_SECRET": MANAGER_SECRET,
        "MAILGUN_API_KEY": account["apiKey"],
        "MAILGUN_DOMAIN": account["domain"],
        "MAILGUN_FROM": account["from"],
        "MAILGUN_ENDPOINT": account["endpoint"],
        "AWS_ENDPOINT_URL": deployed_stack.stack.aws_url,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with described(monkeypatch, deployed_stack.outputs, deployed_stack.stack.parameters):
        yield deployed_stack
