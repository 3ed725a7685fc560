"""Logto's endpoints over HTTP."""

import json
from collections.abc import Mapping
from urllib.parse import quote_plus, urlencode

from passerelle.adapters.transport import FORM, Limits, NoAnswer, basic_authorization, request
from passerelle.errors import ProviderUnavailable
from passerelle.ports import ClientCredentials, Reply

LIMITS = Limits(connect=2.0, read=4.0, total=5.0)


class Logto:
    """The `Provider` that asks a real Logto."""

    def get(self, url: str, access_token: str = "") -> Reply:
        """Fetch a document."""
        headers = {"authorization": f"Bearer {access_token}"} if access_token else {}
        return _reply("GET", url, headers, None)

    def post(self, url: str, form: Mapping[str, str], client: ClientCredentials) -> Reply:
        """Post a form with `client_secret_basic`: both parts form-encoded first (RFC 6749 2.3.1).

        Sent once more when a kept connection breaks under it. For the code exchange, too: had the first one
        arrived, its tokens would be lost with the connection anyway, and the sign-in starts again.
        """
        user, password = quote_plus(client.client_id), quote_plus(client.client_secret)
        headers = {"authorization": basic_authorization(user, password), "content-type": FORM}
        return _reply("POST", url, headers, urlencode(form).encode())


def _reply(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
    try:
        answer = request(
            method, url, {"accept": "application/json", **headers}, body, LIMITS, repeatable=True
        )
    except NoAnswer as error:
        raise ProviderUnavailable(reason=f"no answer: {error}") from None
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        value = None
    return Reply(answer.status, value if isinstance(value, dict) else None)
