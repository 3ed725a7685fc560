"""Mailgun's message endpoint over HTTP."""

from collections.abc import Mapping
from urllib.parse import quote

from passerelle.adapters import http
from passerelle.errors import MailerUnavailable


class Mailgun:
    """The `Mailer` that posts to a real Mailgun."""

    def send(self, endpoint: str, domain: str, api_key: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Post one message."""
        url = f"{endpoint.rstrip('/')}/v3/{quote(domain, safe='')}/messages"
        headers = {"authorization": http.basic_authorization("api", api_key)}
        try:
            status, body = http.request("POST", url, headers, form)
        except http.NoAnswer as error:
            raise MailerUnavailable(reason=f"no answer: {error}") from None
        return status, body.decode("utf-8", "replace")
