"""Revocations, ended sessions of the provider, and one-time marks in the table, each in one call."""

from passerelle.adapters.dynamodb_table import Table, number

_REVOCATION = {"S": "revocation"}


class DynamoDBRevocations(Table):
    """The `Revocations` that keep their promises with conditions."""

    def revoke(self, user: str, before: int, delete_after: int, *, spared: str = "") -> None:
        """Write forwards in time only, each of the two times by itself."""
        names = {"#before": "others_before" if spared else "before", "#ttl": "ttl"}
        values = {":before": number(before), ":ttl": number(delete_after)}
        self._condition(
            "UpdateItem",
            Key={"pk": {"S": user}, "sk": _REVOCATION},
            UpdateExpression="SET #before = :before, #ttl = :ttl" + (", spared = :spared" if spared else ""),
            ConditionExpression="attribute_not_exists(#before) OR #before < :before",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values | ({":spared": {"S": spared}} if spared else {}),
        )

    def end_sid(self, sid: str, delete_after: int) -> str:
        """Mark the pointer as ended, also one that nobody has written yet."""
        answer = self._call(
            "UpdateItem",
            Key={"pk": {"S": f"sid#{sid}"}, "sk": {"S": "sid"}},
            UpdateExpression="SET ended = :yes, #ttl = :ttl",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={":yes": {"BOOL": True}, ":ttl": number(delete_after)},
            ReturnValues="ALL_NEW",
        )
        return str(answer["Attributes"].get("user", {}).get("S", ""))

    def is_marked(self, mark: str) -> bool:
        """Read the mark."""
        return bool(self._call("GetItem", Key=_mark_key(mark), ConsistentRead=True).get("Item"))

    def mark(self, mark: str, delete_after: int) -> bool:
        """Put the mark where none is."""
        return self._put_once(_mark_key(mark) | {"ttl": number(delete_after)})


def _mark_key(mark: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"mark#{mark}"}, "sk": {"S": "mark"}}
