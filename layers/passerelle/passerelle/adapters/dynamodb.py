"""Sessions and attempts in the table. Each verb is one call, and each call is atomic.

    partition        sort key         what
    user             s#<id>           a session; one with `ended_by` is over and waits for its deletion
    user             revocation       sessions of this user that are over whatever they say
    sid#<hash>       sid              a session at the provider: its user, or that it has ended
    attempt#<hash>   attempt          the mark of a sign-in, and how it ended
    mark#<hash>      mark             a value that is good for once, and was used

Every item has a `ttl`. Lifetimes are judged in code; DynamoDB's own deletion may come days later.
"""

from typing import Any

from passerelle.adapters.aws import AwsError
from passerelle.adapters.dynamodb_items import (
    attempt_key,
    point_to,
    revocation_of,
    session_item,
    session_key,
    session_of,
    set_once,
    unless_revoked,
)
from passerelle.adapters.dynamodb_table import Table, number, of_failed_condition, pause
from passerelle.errors import StoreUnavailable
from passerelle.keys import random_value
from passerelle.ports import Outcome, Revocation, StoredSession

_READS = 2
_REVOCATION = {"S": "revocation"}
_LIVES = "attribute_exists(pk) AND attribute_not_exists(ended_by)"
_SAME_GENERATION = "generation = :generation"


class DynamoDBStore(Table):
    """The `Store` that keeps its promises with conditions and transactions."""

    def mark_attempt(self, attempt: str, expires_at: int) -> bool:
        """Put the mark where none is."""
        return self._put_once(attempt_key(attempt) | {"ttl": number(expires_at)})

    def attempt_outcome(self, attempt: str) -> Outcome | None:
        """Read the mark."""
        item = self._call("GetItem", Key=attempt_key(attempt), ConsistentRead=True).get("Item", {})
        if "signed_in" in item:
            user, _, session = item["signed_in"]["S"].partition(" ")
            return Outcome(user=user, session=session)
        if "failed" in item:
            status, _, error = item["failed"]["S"].partition(" ")
            return Outcome(error=error, status=int(status))
        return None

    def finish_attempt(self, attempt: str, session: StoredSession, replaces: tuple[str, str] | None) -> bool:
        """Write session, outcome and deletion together, under one token however often it is repeated."""
        may_begin: list[dict[str, Any]] = [{"ConditionCheck": unless_revoked(session)}]
        if session.sid:
            may_begin.append({"Update": point_to(session)})
        steps: list[dict[str, Any]] = [
            {"Put": {"Item": session_item(session), "ConditionExpression": "attribute_not_exists(pk)"}},
            {"Update": {"Key": attempt_key(attempt)} | set_once("signed_in", f"{session.user} {session.id}")},
        ]
        if replaces:
            steps.append({"Delete": {"Key": session_key(*replaces)}})
        reasons = self._transact(may_begin + steps)
        if reasons is None:
            return True
        if "ConditionalCheckFailed" in {reason.get("Code") for reason in reasons[: len(may_begin)]}:
            return False
        raise StoreUnavailable(reason="a condition of finishing an attempt does not hold")

    def fail_attempt(self, attempt: str, error: str, status: int) -> None:
        """Update the mark unless it has an outcome."""
        self._condition("UpdateItem", Key=attempt_key(attempt), **set_once("failed", f"{status} {error}"))

    def session(self, user: str, session_id: str) -> tuple[StoredSession | None, Revocation | None]:
        """Read both items by one BatchGetItem; keys left unprocessed twice refuse."""
        keys = [session_key(user, session_id), {"pk": {"S": user}, "sk": _REVOCATION}]
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
        return (session_of(session) if session else None), (revocation_of(revocation) if revocation else None)

    def sessions(self, user: str) -> tuple[list[StoredSession], Revocation | None]:
        """Read the user's partition, page by page."""
        found: list[StoredSession] = []
        revocation: Revocation | None = None
        start: dict[str, Any] = {}
        while True:
            answer = self._call(
                "Query",
                KeyConditionExpression="pk = :user",
                ExpressionAttributeValues={":user": {"S": user}},
                ConsistentRead=True,
                **start,
            )
            for item in answer["Items"]:
                if item["sk"] == _REVOCATION:
                    revocation = revocation_of(item)
                elif "ended_by" not in item:
                    found.append(session_of(item))
            if not answer.get("LastEvaluatedKey"):
                return found, revocation
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def lease_session(self, session: StoredSession, holder: str, now: float, until: float) -> bool:
        """Write the holder's name where nobody's lease lasts; a lost answer's repetition finds our own."""
        refused = self._condition(
            "UpdateItem",
            Key=session_key(session.user, session.id),
            UpdateExpression="SET lease_holder = :holder, lease_until = :until",
            ConditionExpression=f"{_LIVES} AND {_SAME_GENERATION} "
            "AND (attribute_not_exists(lease_until) OR lease_until <= :now)",
            ExpressionAttributeValues={
                ":holder": {"S": holder},
                ":until": number(until),
                ":now": number(now),
                ":generation": number(session.generation),
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return refused is None or refused.get("lease_holder") == {"S": holder}

    def renew_session(self, session: StoredSession, holder: str, contents: str) -> bool:
        """Write for the holder of the lease only, whatever the clock says of it: that is the fence."""
        refused = self._condition(
            "UpdateItem",
            Key=session_key(session.user, session.id),
            UpdateExpression="SET contents = :contents, generation = :next, renewed_by = :holder "
            "REMOVE lease_holder, lease_until",
            ConditionExpression=f"{_LIVES} AND {_SAME_GENERATION} AND lease_holder = :holder",
            ExpressionAttributeValues={
                ":contents": {"S": contents},
                ":next": number(session.generation + 1),
                ":generation": number(session.generation),
                ":holder": {"S": holder},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return refused is None or refused.get("renewed_by") == {"S": holder}

    def release_session(self, session: StoredSession, holder: str, until: float) -> None:
        """Shorten the lease."""
        self._condition(
            "UpdateItem",
            Key=session_key(session.user, session.id),
            UpdateExpression="SET lease_until = :until REMOVE lease_holder",
            ConditionExpression="lease_holder = :holder",
            ExpressionAttributeValues={":until": number(until), ":holder": {"S": holder}},
        )

    def touch_session(self, user: str, session_id: str, seen_at: int, delete_after: int) -> bool:
        """Update only what exists."""
        refused = self._condition(
            "UpdateItem",
            Key=session_key(user, session_id),
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
                    "Key": session_key(user, session_id),
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
            return session_of(item) if item.get("ended_by") == ender else None
        return session_of(answer["Attributes"])
