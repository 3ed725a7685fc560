"""`GET /hello` greets who is signed in; `POST /report` is for staff who signed in within five minutes."""

import json
import os
from typing import Any

from passerelle.access import User, signed_in

# By their ids, since names and addresses change hands.
STAFF = frozenset(os.environ.get("STAFF", "").split())


@signed_in
def hello(event: dict[str, Any], context: object, user: User) -> dict[str, Any]:
    return _json({"hello": user.name or user.email or user.id})


@signed_in(max_age=300, allow=lambda user: user.id in STAFF)
def report(event: dict[str, Any], context: object, user: User) -> dict[str, Any]:
    return _json({"reported_by": user.id})


def _json(body: dict[str, Any]) -> dict[str, Any]:
    # What is one user's must not be kept where the next one could get it.
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(body)}
