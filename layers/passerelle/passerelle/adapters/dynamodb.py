"""Sessions and attempts in the table. Each verb is one call, and each call is atomic.

    partition        sort key         what
    user             s#<id>           a session; one with `ended_by` is over and waits for its deletion
    user             revocation       sessions of this user that are over whatever they say
    attempt#<hash>   attempt          the mark of a sign-in, and how it ended

Every item has a `ttl`. Lifetimes are judged in code; DynamoDB's own deletion may come days later.
"""

from collections.abc import Mapping
from typing import Any

from passerelle.adapters.aws import AwsError
from passerelle.adapters.dynamodb_table import Table, number, of_failed_condition, pause
from passerelle.errors import StoreUnavailable
from passerelle.keys import random_value
from passerelle.ports import Outcome, Revocation, StoredSession

_READS = 2
_REVOCATION = {"S": "revocation"}
_LIVES = "attribute_exists(pk) AND attribute_not_exists(ended_by)"


class DynamoDBStore(Table):
    """The `Store` that keeps its promises with conditions and transactions."""

    def mark_attempt(self, attempt: str, expires_at: int) -> bool:
        """Put the mark where none is.

        The mark names its taker: when the answer to a put that succeeded is lost and the put is repeated, the
        condition fails on our own mark, and that must not count as a defeat.
        """
        taker = {"S": random_value()}
        refused = self._condition(
            "PutItem",
            Item=_attempt_key(attempt) | {"ttl": number(expires_at), "taker": taker},
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return refused is None or refused.get("taker") == taker

    def attempt_outcome(self, attempt: str) -> Outcome | None:
        """Read the mark."""
        item = self._call("GetItem", Key=_attempt_key(attempt), ConsistentRead=True).get("Item", {})
        if "signed_in" in item:
            user, _, session = item["signed_in"]["S"].partition(" ")
            return Outcome(user=user, session=session)
        if "failed" in item:
            status, _, error = item["failed"]["S"].partition(" ")
            return Outcome(error=error, status=int(status))
        return None

    def finish_attempt(self, attempt: str, session: StoredSession, replaces: tuple[str, str] | None) -> None:
        """Write session, outcome and deletion together, under one token however often it is repeated."""
        steps: list[dict[str, Any]] = [
            {"Put": {"Item": _session_item(session), "ConditionExpression": "attribute_not_exists(pk)"}},
            {
                "Update": {"Key": _attempt_key(attempt)}
                | _set_once("signed_in", f"{session.user} {session.id}")
            },
        ]
        if replaces:
            steps.append({"Delete": {"Key": _session_key(*replaces)}})
        if self._transact(steps):
            raise StoreUnavailable(reason="a condition of finishing an attempt does not hold")

    def fail_attempt(self, attempt: str, error: str, status: int) -> None:
        """Update the mark unless it has an outcome."""
        self._condition("UpdateItem", Key=_attempt_key(attempt), **_set_once("failed", f"{status} {error}"))

    def session(self, user: str, session_id: str) -> tuple[StoredSession | None, Revocation | None]:
        """Read both items by one BatchGetItem; keys left unprocessed twice refuse."""
        keys = [_session_key(user, session_id), {"pk": {"S": user}, "sk": _REVOCATION}]
        request = {"RequestItems": {self._table: {"Keys": keys, "ConsistentRead": True}}}
        for _ in range(_READS):
            answer = self._checked("BatchGetItem", request)
            if not answer.get("UnprocessedKeys"):
                break
            pause()
        else:
            raise StoreUnavailable(reason="BatchGetItem left keys unprocessed")
        items = {item["sk"]["S"]: item for item in answer["Responses"].get(self._table, [])}
        revocation = items.pop("revocation", None)
        session = next((item for item in items.values() if "ended_by" not in item), None)
        return (_session(session) if session else None), (_revocation(revocation) if revocation else None)

    def touch_session(self, user: str, session_id: str, seen_at: int, delete_after: int) -> bool:
        """Update only what exists."""
        refused = self._condition(
            "UpdateItem",
            Key=_session_key(user, session_id),
            UpdateExpression="SET last_seen_at = :seen, #ttl = :ttl",
            ConditionExpression=_LIVES,
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={":seen": number(seen_at), ":ttl": number(delete_after)},
        )
        return refused is None

    def end_session(self, user: str, session_id: str, ended_at: int) -> StoredSession | None:
        """Mark the session as ended, by whom, and due for deletion.

        Not a deletion: were its answer lost, its repetition would find nothing, and the tokens that have to
        be revoked would be gone.
        """
        ender = {"S": random_value()}
        try:
            answer = self._client.call(
                "UpdateItem",
                {
                    "TableName": self._table,
                    "Key": _session_key(user, session_id),
                    "UpdateExpression": "SET ended_by = :ender, #ttl = :now",
                    "ConditionExpression": _LIVES,
                    "ExpressionAttributeNames": {"#ttl": "ttl"},
                    "ExpressionAttributeValues": {":ender": ender, ":now": number(ended_at)},
                    "ReturnValues": "ALL_NEW",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                },
            )
        except AwsError as error:
            item = of_failed_condition(error)
            return _session(item) if item.get("ended_by") == ender else None
        return _session(answer["Attributes"])

    def revoke(self, user: str, revocation: Revocation, delete_after: int) -> None:
        """Write forwards in time only."""
        self._condition(
            "UpdateItem",
            Key={"pk": {"S": user}, "sk": _REVOCATION},
            UpdateExpression="SET before_time = :before, spared = :spared, #ttl = :ttl",
            # Within one second the stricter one holds: that which spares nobody.
            ConditionExpression="attribute_not_exists(pk) OR before_time "
            + ("< :before" if revocation.spared else "<= :before"),
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues={
                ":before": number(revocation.before),
                ":spared": {"S": revocation.spared},
                ":ttl": number(delete_after),
            },
        )


def _session_key(user: str, session_id: str) -> dict[str, Any]:
    return {"pk": {"S": user}, "sk": {"S": f"s#{session_id}"}}


def _attempt_key(attempt: str) -> dict[str, Any]:
    return {"pk": {"S": f"attempt#{attempt}"}, "sk": {"S": "attempt"}}


def _set_once(name: str, value: str) -> dict[str, Any]:
    """Set the outcome of a mark that stands and has none."""
    return {
        "UpdateExpression": "SET #outcome = :outcome",
        "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(signed_in) "
        "AND attribute_not_exists(failed)",
        "ExpressionAttributeNames": {"#outcome": name},
        "ExpressionAttributeValues": {":outcome": {"S": value}},
    }


def _session_item(session: StoredSession) -> dict[str, Any]:
    times = ("created_at", "last_seen_at", "expires_at", "issued_at")
    return (
        _session_key(session.user, session.id)
        | {name: number(getattr(session, name)) for name in times}
        | {"contents": {"S": session.contents}, "ttl": number(session.expires_at)}
    )


def _session(item: Mapping[str, Any]) -> StoredSession:
    return StoredSession(
        user=item["pk"]["S"],
        id=item["sk"]["S"].removeprefix("s#"),
        created_at=int(item["created_at"]["N"]),
        last_seen_at=int(item["last_seen_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        issued_at=int(item["issued_at"]["N"]),
        contents=item["contents"]["S"],
    )


def _revocation(item: Mapping[str, Any]) -> Revocation:
    return Revocation(int(item["before_time"]["N"]), item["spared"]["S"])
