"""What the checks look with, from the operator's machine and with the operator's own credentials."""

from cli.services import settings_of
from cli.stack import Stack
from passerelle.adapters.dynamodb_health import DynamoDBHealth
from passerelle.adapters.health_web import HealthWeb
from passerelle.adapters.secrets_manager import SecretsManager
from passerelle.health.ports import Instruments
from passerelle.runtime import SystemClock


def instruments_of(stack: Stack) -> Instruments:
    """Build what the stack's own function has; raises `Problem`."""
    settings = settings_of(stack)
    return Instruments(
        settings=settings,
        base_url=stack.output("RedirectUri").removesuffix("/callback"),
        web=HealthWeb(),
        secrets=SecretsManager(stack.service("secretsmanager")),
        table=DynamoDBHealth(settings.table_name, stack.service("dynamodb")),
        clock=SystemClock(),
    )
