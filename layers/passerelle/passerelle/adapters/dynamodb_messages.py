"""Messages, limits and events in the table. Each verb is one call, and each call is atomic.

    partition          sort key       what
    message#<id>       message        a message: who sends it, how that ended, and what Mailgun told since
    address#<hash>     hour#<number>  messages to an address in one hour; likewise ip#, domain# and budget
    address#<hash>     suppression    why Mailgun drops what is sent to the address
    event#<hash>       event          the mark of an event

Every item has a `ttl`. Lifetimes are judged in code; DynamoDB's own deletion may come days later.
"""

from typing import Any

from passerelle.adapters.dynamodb_table import Table, number
from passerelle.errors import StoreUnavailable
from passerelle.otp.ports import Claim, Claimed, Count, DeliveryEvent, MessageRecord, Suppression

_COUNT_KEPT_SECONDS = 7200
_SUPPRESSIONS: tuple[Suppression, ...] = ("bounce", "complaint", "unsubscribe")


class DynamoDBMessages(Table):
    """The `MessageStore` that keeps its promises with conditions and transactions."""

    def claim(self, claim: Claim) -> Claimed:
        """Put the claim, move the counters and look at the suppression, all or nothing.

        The claim names its taker: when the answer to a transaction that succeeded is lost and it is repeated,
        its condition fails on our own claim, and that must not count as a defeat.
        """
        steps = [_claim_step(claim), _suppression_step(claim), *map(_count_step, claim.counts)]
        reasons = self._transact(steps)
        if reasons is None:
            return Claimed("taken")
        held, suppression, *counts = [reason.get("Code") == "ConditionalCheckFailed" for reason in reasons]
        if held:
            item = reasons[0].get("Item", {})
            return Claimed("taken" if item.get("taker") == {"S": claim.taker} else item["state"]["S"])
        if suppression:
            item = reasons[1].get("Item", {})
            kinds = frozenset(name for name in _SUPPRESSIONS if f"{name}_at" in item)
            return Claimed("suppressed", suppressions=kinds)
        return Claimed(
            "limited", next(count.key for count, full in zip(claim.counts, counts, strict=True) if full)
        )

    def settle(self, claim: Claim, *, accepted: bool, at: float) -> None:
        """Update the claim while it is ours; a plain update, half the price, when no counter moves."""
        if accepted or not claim.counts:
            self._condition("UpdateItem", **_settled(claim, "accepted" if accepted else "failed", at))
            return
        update = _settled(claim, "failed", at)
        update["ConditionExpression"] += " AND #state = :sending"  # counters are moved once
        update["ExpressionAttributeValues"][":sending"] = {"S": "sending"}
        self._transact([{"Update": update}, *map(_uncount_step, claim.counts)])

    def record(self, delivery_id: str) -> MessageRecord | None:
        """Read the claim."""
        item = self._call("GetItem", Key=_message_key(delivery_id), ConsistentRead=True).get("Item")
        if not item:
            return None
        settled_at = float(item["settled_at"]["N"]) if "settled_at" in item else None
        return MessageRecord(item["state"]["S"], float(item["claimed_at"]["N"]), settled_at)

    def reserve(self, key: str, window: int, amount: int, delete_after: int) -> int:
        """Add without a condition; an answer that is lost and repeated counts twice, on the safe side."""
        answer = self._call(
            "UpdateItem",
            Key=_hour_key(key, window),
            UpdateExpression="SET #ttl = :ttl ADD #count :amount",
            ExpressionAttributeNames={"#ttl": "ttl", "#count": "count"},
            ExpressionAttributeValues={":ttl": number(delete_after), ":amount": number(amount)},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["count"]["N"])

    def note_event(self, event: DeliveryEvent, delete_after: int, suppressed_until: int) -> bool:
        """Write mark and effects together, so that no mark is set before its effect.

        A message that is not there, since it is old or another application's, has no record to be noted on.
        """
        mark = {"pk": {"S": f"event#{event.token}"}, "sk": {"S": "event"}, "ttl": number(delete_after)}
        steps = [{"Put": {"Item": mark, "ConditionExpression": "attribute_not_exists(pk)"}}]
        if event.suppression:
            steps.append(_suppress_step(event, suppressed_until))
        if event.delivery_id:
            steps.append(_note_step(event))
        reasons = self._transact(steps)
        if reasons and reasons[0].get("Code") != "ConditionalCheckFailed" and event.delivery_id:
            reasons = self._transact(steps[:-1])
        if reasons and reasons[0].get("Code") != "ConditionalCheckFailed":
            raise StoreUnavailable(reason="a condition of noting an event does not hold")
        return reasons is None

    def clear_suppression(self, address: str) -> None:
        """Remove the bounce from the item."""
        self._condition(
            "UpdateItem",
            Key=_suppression_key(address),
            UpdateExpression="REMOVE bounce_at, bounce_reason",
            ConditionExpression="attribute_exists(pk)",
        )


def _message_key(delivery_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"message#{delivery_id}"}, "sk": {"S": "message"}}


def _hour_key(key: str, window: int) -> dict[str, Any]:
    return {"pk": {"S": key}, "sk": {"S": f"hour#{window}"}}


def _suppression_key(address: str) -> dict[str, Any]:
    return {"pk": {"S": address}, "sk": {"S": "suppression"}}


def _settled(claim: Claim, state: str, at: float) -> dict[str, Any]:
    return {
        "Key": _message_key(claim.delivery_id),
        "UpdateExpression": "SET #state = :state, settled_at = :at",
        "ConditionExpression": "taker = :taker",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": {
            ":state": {"S": state},
            ":at": number(at),
            ":taker": {"S": claim.taker},
        },
    }


def _claim_step(claim: Claim) -> dict[str, Any]:
    item = {
        **_message_key(claim.delivery_id),
        "state": {"S": "sending"},
        "taker": {"S": claim.taker},
        "claimed_at": number(claim.claimed_at),
        "ttl": number(claim.delete_after),
    }
    return {
        "Put": {
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk) OR #state = :failed OR claimed_at < :forgotten "
            "OR (#state = :sending AND claimed_at < :dead)",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {
                ":failed": {"S": "failed"},
                ":sending": {"S": "sending"},
                ":dead": number(claim.dead_before),
                ":forgotten": number(claim.forgotten_before),
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _suppression_step(claim: Claim) -> dict[str, Any]:
    none = " AND ".join(f"attribute_not_exists({name}_at)" for name in _SUPPRESSIONS)
    return {
        "ConditionCheck": {
            "Key": _suppression_key(claim.address),
            "ConditionExpression": f"#ttl < :now OR ({none})",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {":now": number(claim.claimed_at)},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _count_step(count: Count) -> dict[str, Any]:
    step = _counted(count, 1)
    step["ConditionExpression"] = "attribute_not_exists(pk) OR #count < :maximum"
    step["ExpressionAttributeValues"][":maximum"] = number(count.maximum)
    return {"Update": step}


def _uncount_step(count: Count) -> dict[str, Any]:
    return {"Update": _counted(count, -1)}


def _counted(count: Count, amount: int) -> dict[str, Any]:
    return {
        "Key": _hour_key(count.key, count.window),
        "UpdateExpression": "SET #ttl = :ttl ADD #count :amount",
        "ExpressionAttributeNames": {"#ttl": "ttl", "#count": "count"},
        "ExpressionAttributeValues": {
            ":ttl": number((count.window + 1) * 3600 + _COUNT_KEPT_SECONDS),
            ":amount": number(amount),
        },
    }


def _suppress_step(event: DeliveryEvent, until: int) -> dict[str, Any]:
    kind = event.suppression
    return {
        "Update": {
            "Key": _suppression_key(event.address),
            "UpdateExpression": f"SET {kind}_at = :at, {kind}_reason = :reason, #ttl = :ttl",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {
                ":at": number(event.at),
                ":reason": {"S": event.reason},
                ":ttl": number(until),
            },
        }
    }


def _note_step(event: DeliveryEvent) -> dict[str, Any]:
    return {
        "Update": {
            "Key": _message_key(event.delivery_id),
            "UpdateExpression": f"SET {event.kind}_at = :at, {event.kind}_reason = :reason",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": {":at": number(event.at), ":reason": {"S": event.reason}},
        }
    }
