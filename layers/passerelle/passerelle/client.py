"""Calls to Logto that carry our client id and secret."""

from collections.abc import Mapping

from passerelle.oidc.token import is_client_refused
from passerelle.ports import Reply
from passerelle.services import Services


def authenticated_post(services: Services, url: str, form: Mapping[str, str], now: float) -> Reply:
    """Post a form as our client; with the newest secret when the one we held is refused.

    A refused client leaves a code or token in the form untouched (RFC 6749 3.2.1: authentication comes
    first), so that the second try loses nothing.
    """
    client = services.secrets.client.get(now)
    reply = services.provider.post(url, form, client)
    if is_client_refused(reply) and (newer := services.secrets.client.refused(client, now)):
        return services.provider.post(url, form, newer)
    return reply
