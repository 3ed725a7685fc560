"""Brings messages from the queues to their functions, as Lambda's own poller does."""

import contextlib
import threading
import uuid
from collections.abc import Sequence
from typing import Any

from local import aws
from local.gateway import Context, Handler

PAUSE_SECONDS = 2.0
BATCH = 10


class Poller:
    """Asks each queue now and then, from a thread of its own; deletes what its function has done."""

    def __init__(self, endpoint: str, consumers: Sequence[tuple[str, Handler]]) -> None:
        self._sqs = aws.client("sqs", endpoint)
        self._consumers = consumers
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queues", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def close(self) -> None:
        """Ask no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(1)

    def poll(self) -> int:
        """Ask every queue once; returns how many messages were done."""
        return sum(self._deliver(queue, handler) for queue, handler in self._consumers)

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            with contextlib.suppress(Exception):  # the stand-in may be on its way out
                self.poll()

    def _deliver(self, queue: str, handler: Handler) -> int:
        url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=BATCH).get("Messages", [])
        if not found:
            return 0
        answer = handler({"Records": [_record(message, queue) for message in found]}, _context(queue))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        done = [message for message in found if message["MessageId"] not in failed]
        for message in done:
            self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(done)


def _record(message: dict[str, Any], queue: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{aws.REGION}:123456789012:{queue}",
    }


def _context(queue: str) -> Context:
    return Context(
        str(uuid.uuid4()), queue, 512, f"arn:aws:lambda:{aws.REGION}:123456789012:function:{queue}", 0
    )
