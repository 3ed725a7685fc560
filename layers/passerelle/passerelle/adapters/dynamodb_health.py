"""The table, looked at from outside.

partition   sort key   what
health      health     what the last check wrote
"""

from collections.abc import Mapping, Sequence

from passerelle.adapters.dynamodb_table import Table, number
from passerelle.errors import StoreUnavailable

_KEY = {"pk": {"S": "health"}, "sk": {"S": "health"}}


class DynamoDBHealth(Table):
    """The `HealthTable` of DynamoDB."""

    def time_to_live(self) -> str:
        """Describe TTL."""
        described = self._call("DescribeTimeToLive").get("TimeToLiveDescription", {})
        return str(described.get("TimeToLiveStatus", ""))

    def write(self, now: float, delete_after: int) -> None:
        """Put the item unless a later one is there, which is as good: the condition was judged."""
        self._condition(
            "PutItem",
            Item={**_KEY, "written_at": number(now), "ttl": number(delete_after)},
            ConditionExpression="attribute_not_exists(pk) OR written_at <= :now",
            ExpressionAttributeValues={":now": number(now)},
        )

    def counts(self, keys: Sequence[str], windows: Sequence[int]) -> Mapping[str, int]:
        """Read all of them by one BatchGetItem."""
        wanted = [{"pk": {"S": key}, "sk": {"S": f"hour#{window}"}} for key in keys for window in windows]
        answer = self._checked("BatchGetItem", {"RequestItems": {self._table: {"Keys": wanted}}})
        if answer.get("UnprocessedKeys"):
            raise StoreUnavailable(reason="BatchGetItem left keys unprocessed")
        sums = dict.fromkeys(keys, 0)
        for item in answer["Responses"].get(self._table, []):
            sums[item["pk"]["S"]] += int(item["count"]["N"])
        return sums
