"""A Logto in one process, for the laptop and the tests.

It signs people in by an emailed code and behaves like a Logto OSS 1.42 with one tenant whose applications are
all first-party "Traditional" ones. It keeps everything in memory and forgets it when the process ends.
"""

from local.logto.dialect import FOUNDATION, LOGTO, Dialect
from local.logto.management.admin_endpoint import AdminEndpoint
from local.logto.misbehaviour import Misbehaviour
from local.logto.outgoing import Delivery
from local.logto.server import EmbeddedLogto
from local.logto.tenant import Client, Connector, Hook, Secret
from local.logto.webhooks import Webhook
from local.outages import Outage

__all__ = [
    "FOUNDATION",
    "LOGTO",
    "AdminEndpoint",
    "Client",
    "Connector",
    "Delivery",
    "Dialect",
    "EmbeddedLogto",
    "Hook",
    "Misbehaviour",
    "Outage",
    "Secret",
    "Webhook",
]
