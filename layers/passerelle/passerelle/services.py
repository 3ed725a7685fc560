"""All that a use case may reach for."""

from typing import NamedTuple

from passerelle.blocks import Blocks
from passerelle.discovery import Discovery
from passerelle.otp.clients import Clients
from passerelle.otp.ports import MessageStore
from passerelle.ports import Clock, EventQueue, Mailer, Provider, Revocations, Store
from passerelle.secrets import Secrets
from passerelle.settings import Settings


class Services(NamedTuple):
    """The settings, the ports, and what is kept of the documents behind them."""

    settings: Settings
    store: Store
    revocations: Revocations
    queue: EventQueue
    messages: MessageStore
    blocks: Blocks
    clients: Clients
    provider: Provider
    mailer: Mailer
    clock: Clock
    secrets: Secrets
    discovery: Discovery
