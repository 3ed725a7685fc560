"""The checks, in the order in which a report tells of them."""

from passerelle.health import addresses, configuration, deliveries, logto, mailgun, public_url, storage
from passerelle.health.runner import Check

CHECKS = (
    Check("configuration", 6, configuration.settings),
    Check("public_url", 8, public_url.answers),
    Check("secrets", 8, storage.secrets),
    Check("table", 8, storage.table),
    Check("logto", 10, logto.published),
    Check("client", 10, logto.client),
    Check("redirect_uri", 10, logto.sent_back),
    Check("mailgun", 12, mailgun.account),
    Check("deliveries", 12, deliveries.messages),
    Check("client_addresses", 6, addresses.clients),
)
"""Their names are dimensions of a metric: a short list that does not change."""

CANARY = Check("canary", 10, mailgun.canary)
"""Costs a message each time, so that somebody has to ask for it."""
