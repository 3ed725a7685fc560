"""The use cases' services, over a deployed stack and with the operator's own credentials."""

import logging
import re
from collections.abc import Mapping

from cli.problems import Problem
from cli.stack import Stack
from passerelle.adapters.dynamodb import DynamoDBStore
from passerelle.adapters.dynamodb_messages import DynamoDBMessages
from passerelle.adapters.dynamodb_revocations import DynamoDBRevocations
from passerelle.adapters.logto import Logto
from passerelle.adapters.mailgun import Mailgun
from passerelle.adapters.secrets_manager import SecretsManager
from passerelle.adapters.sqs import Queue
from passerelle.blocks import Blocks
from passerelle.discovery import Discovery
from passerelle.errors import Misconfigured
from passerelle.otp.clients import Clients
from passerelle.runtime import SystemClock
from passerelle.secrets import open_secrets
from passerelle.services import Services
from passerelle.settings import Settings, read_settings

_OUTPUTS = {
    "TABLE_NAME": "TableName",
    "LOGTO_SECRET_ID": "LogtoSecretArn",
    "MAILGUN_SECRET_ID": "MailgunSecretArn",
    "CONNECTOR_SECRET_ID": "ConnectorSecretArn",
    "KEYS_SECRET_ID": "KeysSecretArn",
}
"""Variables of the functions that name what the stack made, and the outputs that do."""


def services_of(stack: Stack) -> Services:
    """Build what a function of this stack would have; raises `Problem`."""
    settings = settings_of(stack)
    provider, table = Logto(), stack.service("dynamodb")
    messages = DynamoDBMessages(settings.table_name, table)
    return Services(
        settings=settings,
        store=DynamoDBStore(settings.table_name, table),
        revocations=DynamoDBRevocations(settings.table_name, table),
        # The address of the queue is not among the outputs: whoever waits for an answer needs none.
        queue=Queue("", stack.service("sqs")),
        messages=messages,
        blocks=Blocks(messages.reserve),
        clients=Clients(messages.reserve),
        provider=provider,
        mailer=Mailgun(),
        clock=SystemClock(),
        secrets=open_secrets(SecretsManager(stack.service("secretsmanager")), settings),
        discovery=Discovery(provider, settings.issuer),
    )


def settings_of(stack: Stack) -> Settings:
    """Read the settings that the stack's functions have; raises `Problem`."""
    variables = {variable_of(name): value for name, value in stack.parameters.items()}
    variables |= {variable: stack.output(name) for variable, name in _OUTPUTS.items()}
    if "PublicUrl" in stack.outputs:  # Several parameters decide on it.
        variables["PUBLIC_BASE_URL"] = stack.outputs["PublicUrl"]
    try:
        return read_settings(variables)
    except Misconfigured as error:
        raise Problem(f"{stack.title}: {error.reason}") from None


def variable_of(parameter: str) -> str:
    """Return the variable that a function gets the template's parameter in."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).upper()


class Troubles(logging.Handler):
    """What the use cases log as a warning while it is open, for the operator to read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        self._logger = logging.getLogger("passerelle")

    def __enter__(self) -> "Troubles":
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the event, and what is said of it."""
        known: Mapping[str, object] = vars(record)
        said = [str(known[name]) for name in ("code", "status", "reason", "cause") if name in known]
        self.found.append(" ".join([record.getMessage(), *said]))
