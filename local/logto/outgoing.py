"""Requests that Logto makes of its own accord."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from local.trust import authorities


@dataclass(frozen=True)
class Delivery:
    """One request as it was sent, and what came of it; without an answer, `status` is None."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: str = ""

    @property
    def form(self) -> dict[str, str]:
        """The body, if it is a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body, if it is JSON."""
        return json.loads(self.body)


def post(url: str, headers: dict[str, str], body: bytes, timeout: float) -> Delivery:
    """Post once: Logto repeats neither logout tokens nor webhooks."""
    # Built by itself, the request has none of the headers that httpx adds and Logto does not.
    try:
        request = httpx.Request("POST", url, headers=headers, content=body)
    except httpx.InvalidURL:
        # Logto keeps whatever text it is given as a webhook's address.
        return Delivery(url, headers, body)
    sent = dict(request.headers)
    try:
        with httpx.Client(timeout=timeout, trust_env=False, verify=authorities()) as client:
            answer = client.send(request)
    except httpx.HTTPError:
        return Delivery(url, sent, body)
    return Delivery(url, sent, body, answer.status_code, dict(answer.headers), answer.text)
