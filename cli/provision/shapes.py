"""What answers of the Management API have to look like for the steps to go by them."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any

from cli.problems import Refused

Members = Mapping[str, type | UnionType]

_LISTED: Mapping[str, Members] = {
    "applications": {"id": str, "name": str, "type": str, "oidcClientMetadata": dict},
    "connectors": {"id": str, "connectorId": str, "type": str, "config": dict},
    "hooks": {"id": str, "config": dict, "signingKey": str, "enabled": bool},
    "secrets": {"value": str},
}
_MAY_BE_NULL: Members = {
    "customData": dict,
    "events": list,
    "createdAt": int | float,
    "expiresAt": int | float,
}
_SIGN_IN: Members = {"signUp": dict, "signIn": dict}
_SIGN_UP: Members = {"identifiers": list, "password": bool, "verify": bool}


def demand_shape(path: str, answer: Any) -> None:
    """Raise `Refused` for what cannot be Logto's: a page of a proxy may be JSON as well."""
    wrong = next(_wrong(path.rpartition("/")[2], answer), None)
    if wrong:
        raise Refused(f"Logto answers GET /api{path} otherwise than it should: {wrong}")


def _wrong(kind: str, answer: Any) -> Iterator[str]:
    if kind in _LISTED:
        yield from _all_wrong(answer, _LISTED[kind])
    elif kind == "sign-in-exp":
        yield from _members_wrong(answer, _SIGN_IN) or [
            *_members_wrong(answer["signUp"], _SIGN_UP),
            *_all_wrong(answer["signIn"].get("methods"), {"identifier": str}),
            *_all_wrong(answer["signUp"].get("secondaryIdentifiers") or [], {"identifier": str}),
        ]


def _all_wrong(given: Any, members: Members) -> list[str]:
    if not isinstance(given, list):
        return ["not a list"]
    return [wrong for each in given for wrong in _members_wrong(each, members)]


def _members_wrong(given: Any, members: Members) -> list[str]:
    if not isinstance(given, dict):
        return ["not an object"]
    present = {name: kind for name, kind in _MAY_BE_NULL.items() if given.get(name) is not None}
    return [name for name, kind in {**members, **present}.items() if not isinstance(given.get(name), kind)]
