"""A queue of SQS."""

import json
from collections.abc import Mapping
from typing import Any

from passerelle.adapters.aws import AwsError, Caller
from passerelle.errors import StoreUnavailable


class Queue:
    """The `EventQueue` that outlives an outage of the table."""

    def __init__(self, url: str, client: Caller) -> None:
        self._url, self._client = url, client

    def put(self, event: Mapping[str, Any]) -> None:
        """Send one message."""
        try:
            self._client.call("SendMessage", {"QueueUrl": self._url, "MessageBody": json.dumps(event)})
        except AwsError as error:
            raise StoreUnavailable(reason=f"queue: {error.code}") from None
