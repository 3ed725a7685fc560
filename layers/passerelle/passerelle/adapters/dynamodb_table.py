"""What the adapters of the table share: calls, conditions and transactions, each of them atomic."""

import random
import time
from collections.abc import Mapping
from typing import Any

from passerelle.adapters.aws import AwsError, Caller
from passerelle.errors import StoreUnavailable
from passerelle.keys import random_value

_TRIES = 5
_PAUSE_SECONDS = 0.1
_PASSING_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class Table:
    """The table, spoken to through `client`."""

    def __init__(self, table_name: str, client: Caller) -> None:
        self._table, self._client = table_name, client

    def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        return self._checked(operation, {"TableName": self._table, **arguments})

    def _checked(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._client.call(operation, body)
        except AwsError as error:
            raise StoreUnavailable(reason=error.code) from None

    def _condition(self, operation: str, **arguments: Any) -> Mapping[str, Any] | None:
        """Make a conditional call; when its condition does not hold, return the item if it was asked for."""
        try:
            self._client.call(operation, {"TableName": self._table, **arguments})
        except AwsError as error:
            return of_failed_condition(error)
        return None

    def _put_once(self, item: Mapping[str, Any]) -> bool:
        """Put an item where none is; true for exactly one caller.

        The item names its taker: when the answer to a put that succeeded is lost and the put is repeated, the
        condition fails on our own item, and that must not count as a defeat.
        """
        taker = {"S": random_value()}
        refused = self._condition(
            "PutItem",
            Item={**item, "taker": taker},
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return refused is None or refused.get("taker") == taker

    def _transact(self, steps: list[dict[str, Any]]) -> list[Mapping[str, Any]] | None:
        """Write all or nothing, under one token however often it is repeated.

        What passes, another writer or a lack of capacity, is tried again. None when it is done; when a
        condition does not hold, the reasons, one for each step.
        """
        for step in steps:
            next(iter(step.values()))["TableName"] = self._table
        body = {"TransactItems": steps, "ClientRequestToken": random_value()[:36]}
        for remaining in reversed(range(_TRIES)):
            try:
                self._client.call("TransactWriteItems", body)
            except AwsError as error:
                reasons = error.body.get("CancellationReasons", [])
                codes = {reason.get("Code") for reason in reasons}
                if codes & _PASSING_REASONS and remaining:
                    pause()
                elif "ConditionalCheckFailed" in codes:
                    return list(reasons)
                else:
                    raise StoreUnavailable(reason=error.code) from None
            else:
                return None
        raise AssertionError


def of_failed_condition(error: AwsError) -> Mapping[str, Any]:
    """Return the item on which a condition failed; raises `StoreUnavailable` for any other error."""
    if error.code != "ConditionalCheckFailedException":
        raise StoreUnavailable(reason=error.code) from None
    item: Mapping[str, Any] = error.body.get("Item", {})
    return item


def pause() -> None:
    """Wait a moment, another one each time."""
    time.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311


def number(value: float) -> dict[str, str]:
    """Write a number as DynamoDB takes it, to the millisecond."""
    return {"N": f"{value:.3f}".rstrip("0").rstrip(".")}
