"""Events from a queue, as Lambda hands them over: those that fail come again, and the others do not."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from passerelle import log, metrics, snapshot
from passerelle.errors import PasserelleError

Consume = Callable[[dict[str, object]], None]


def consumer(consume: Consume) -> Callable[[Mapping[str, Any], object], dict[str, Any]]:
    """Make a Lambda handler of a function that takes one event.

    It answers with the messages that failed (`ReportBatchItemFailures`); the queue gives them again, and in
    the end to its dead-letter queue.
    """
    snapshot.register()

    def handler(batch: Mapping[str, Any], context: object) -> dict[str, Any]:
        log.configure()
        failed = [record["messageId"] for record in batch["Records"] if not _is_done(consume, record)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return handler


def _is_done(consume: Consume, record: Mapping[str, Any]) -> bool:
    token = log.correlation_id.set(str(record["messageId"])[:64])
    try:
        consume(json.loads(record["body"]))
        return True
    except PasserelleError as error:
        # There is no caller here whose fault it could be.
        code = error.code if error.status >= 500 else PasserelleError.code
        log.error("event_not_done", reason=error.reason, **metrics.fault(code))
    except Exception:
        log.crash("event_crashed", **metrics.fault(PasserelleError.code))
    finally:
        log.correlation_id.reset(token)
    return False
