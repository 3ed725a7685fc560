"""Sessions, attempts and revocations as items of the table."""

from collections.abc import Mapping
from typing import Any

from passerelle.adapters.dynamodb_table import number
from passerelle.ports import Revocation, StoredSession


def session_key(user: str, session_id: str) -> dict[str, Any]:
    """Name a session."""
    return {"pk": {"S": user}, "sk": {"S": f"s#{session_id}"}}


def attempt_key(attempt: str) -> dict[str, Any]:
    """Name the mark of a sign-in."""
    return {"pk": {"S": f"attempt#{attempt}"}, "sk": {"S": "attempt"}}


def set_once(name: str, value: str) -> dict[str, Any]:
    """Set the outcome of a mark that stands and has none."""
    return {
        "UpdateExpression": "SET #outcome = :outcome",
        "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(signed_in) "
        "AND attribute_not_exists(failed)",
        "ExpressionAttributeNames": {"#outcome": name},
        "ExpressionAttributeValues": {":outcome": {"S": value}},
    }


def session_item(session: StoredSession) -> dict[str, Any]:
    """Write a session."""
    numbers = ("created_at", "last_seen_at", "expires_at", "issued_at", "generation")
    return (
        session_key(session.user, session.id)
        | {name: number(getattr(session, name)) for name in numbers}
        | {"contents": {"S": session.contents}, "ttl": number(session.expires_at)}
        | ({"sid": {"S": session.sid}} if session.sid else {})
    )


def point_to(session: StoredSession) -> dict[str, Any]:
    """Note who the user of a `sid` is, unless it has ended."""
    return {
        "Key": {"pk": {"S": f"sid#{session.sid}"}, "sk": {"S": "sid"}},
        "UpdateExpression": "SET #user = :user, #ttl = :ttl",
        "ConditionExpression": "attribute_not_exists(ended)",
        "ExpressionAttributeNames": {"#user": "user", "#ttl": "ttl"},
        "ExpressionAttributeValues": {":user": {"S": session.user}, ":ttl": number(session.expires_at)},
    }


def unless_revoked(session: StoredSession) -> dict[str, Any]:
    """Let a new session begin only when no revocation covers it; it cannot be the one that is spared."""
    return {
        "Key": {"pk": {"S": session.user}, "sk": {"S": "revocation"}},
        "ConditionExpression": "(attribute_not_exists(#before) OR #before < :issued) "
        "AND (attribute_not_exists(others_before) OR others_before < :issued)",
        "ExpressionAttributeNames": {"#before": "before"},
        "ExpressionAttributeValues": {":issued": number(session.issued_at)},
    }


def session_of(item: Mapping[str, Any]) -> StoredSession:
    """Read a session."""
    return StoredSession(
        user=item["pk"]["S"],
        id=item["sk"]["S"].removeprefix("s#"),
        created_at=int(item["created_at"]["N"]),
        last_seen_at=int(item["last_seen_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        issued_at=int(item["issued_at"]["N"]),
        contents=item["contents"]["S"],
        sid=item["sid"]["S"] if "sid" in item else "",
        generation=int(item["generation"]["N"]),
        lease_until=float(item["lease_until"]["N"]) if "lease_until" in item else 0,
        lease_holder=item["lease_holder"]["S"] if "lease_holder" in item else "",
    )


def revocation_of(item: Mapping[str, Any]) -> Revocation:
    """Read a revocation."""
    return Revocation(
        before=int(item["before"]["N"]) if "before" in item else 0,
        others_before=int(item["others_before"]["N"]) if "others_before" in item else 0,
        spared=item["spared"]["S"] if "spared" in item else "",
    )
