"""All that a use case may reach for."""

from typing import NamedTuple

from passerelle.blocks import Blocks
from passerelle.discovery import Discovery
from passerelle.ports import Clock, Mailer, MessageStore, Provider, Store
from passerelle.secrets import Secrets
from passerelle.settings import Settings


class Services(NamedTuple):
    """The settings, the ports, and what is kept of the documents behind them."""

    settings: Settings
    store: Store
    messages: MessageStore
    blocks: Blocks
    provider: Provider
    mailer: Mailer
    clock: Clock
    secrets: Secrets
    discovery: Discovery
