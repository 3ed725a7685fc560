"""Logto's endpoints over HTTP."""

import json
from collections.abc import Mapping
from urllib.parse import quote_plus

from passerelle.adapters import http
from passerelle.errors import ProviderUnavailable
from passerelle.ports import ClientCredentials, Reply


class Logto:
    """The `Provider` that asks a real Logto."""

    def get(self, url: str) -> Reply:
        """Fetch a public document."""
        return self._request("GET", url, {}, None)

    def post(self, url: str, form: Mapping[str, str], client: ClientCredentials) -> Reply:
        """Post a form with `client_secret_basic`: both parts form-encoded first (RFC 6749 2.3.1)."""
        authorization = http.basic_authorization(
            quote_plus(client.client_id), quote_plus(client.client_secret)
        )
        return self._request("POST", url, {"authorization": authorization}, form)

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Reply:
        try:
            status, body = http.request(method, url, {"accept": "application/json", **headers}, form)
        except http.NoAnswer as error:
            raise ProviderUnavailable(reason=f"no answer: {error}") from None
        try:
            value = json.loads(body)
        except ValueError:
            value = None
        return Reply(status, value if isinstance(value, dict) else None)
