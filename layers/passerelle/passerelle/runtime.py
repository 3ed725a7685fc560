"""The only place that builds adapters. Nothing is built at import time."""

import os
import time
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from passerelle import log, metrics
from passerelle.blocks import Blocks
from passerelle.discovery import Discovery
from passerelle.otp.clients import Clients
from passerelle.secrets import open_secrets
from passerelle.services import Services
from passerelle.settings import Settings, read_settings

if TYPE_CHECKING:
    from passerelle.health.ports import Instruments


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def services(needs: Collection[str] | None = None) -> Services:
    """Return the services that the environment asks for, the same ones while it stays the same.

    Raises `Misconfigured` when a setting is absent or unusable. `needs` names the variables that must be
    there; None: all that have no default.
    """
    return _services(read_settings(os.environ, needs))


def instruments(base_url: str) -> "Instruments":
    """Return what the health check looks with; `base_url` counts where the environment names none.

    Raises `Misconfigured` when a setting is absent or unusable.
    """
    from passerelle.adapters import aws, transport
    from passerelle.adapters.dynamodb_health import DynamoDBHealth
    from passerelle.adapters.health_web import HealthWeb
    from passerelle.adapters.secrets_manager import SecretsManager
    from passerelle.health.ports import Instruments

    settings = read_settings(os.environ)
    metrics.configure(settings.metrics_namespace)
    transport.forget()  # a connection that is kept asks neither DNS nor for a certificate
    return Instruments(
        settings=settings,
        base_url=settings.public_base_url or base_url,
        web=HealthWeb(),
        secrets=SecretsManager(aws.secrets_manager(settings.aws_endpoint_url)),
        table=DynamoDBHealth(settings.table_name, aws.dynamodb(settings.aws_endpoint_url)),
        clock=SystemClock(),
    )


def renew(needs: Collection[str] | None = None) -> None:
    """Forget what only one environment may have: secrets, credentials, connections. Public documents stay."""
    from passerelle.adapters import aws, transport

    for secret in services(needs).secrets:
        secret.forget()
    aws.forget()
    transport.forget()


def forget() -> None:
    """Begin again as in a new execution environment: nothing fetched, nothing remembered."""
    from passerelle.adapters import aws, transport

    _services.cache_clear()
    aws.forget()
    transport.forget()


@lru_cache(maxsize=1)
def _services(settings: Settings) -> Services:
    from passerelle.adapters import aws
    from passerelle.adapters.dynamodb import DynamoDBStore
    from passerelle.adapters.dynamodb_messages import DynamoDBMessages
    from passerelle.adapters.dynamodb_revocations import DynamoDBRevocations
    from passerelle.adapters.logto import Logto
    from passerelle.adapters.mailgun import Mailgun
    from passerelle.adapters.secrets_manager import SecretsManager
    from passerelle.adapters.sqs import Queue

    log.configure(settings.log_level)
    metrics.configure(settings.metrics_namespace)
    provider = Logto()
    table = aws.dynamodb(settings.aws_endpoint_url)
    messages = DynamoDBMessages(settings.table_name, table)
    return Services(
        settings=settings,
        store=DynamoDBStore(settings.table_name, table),
        revocations=DynamoDBRevocations(settings.table_name, table),
        queue=Queue(settings.events_queue_url, aws.sqs(settings.aws_endpoint_url)),
        messages=messages,
        blocks=Blocks(messages.reserve),
        clients=Clients(messages.reserve),
        provider=provider,
        mailer=Mailgun(),
        clock=SystemClock(),
        secrets=open_secrets(SecretsManager(aws.secrets_manager(settings.aws_endpoint_url)), settings),
        discovery=Discovery(provider, settings.issuer),
    )
