"""What a request to the Management API brings, and lists as it answers them."""

import json
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from local.logto.management.errors import RequestError, refused
from local.logto.management.guard import Guard, Invalid

PAGE_SIZE, LARGEST_PAGE = 20, 100


class Unreadable(Exception):
    """The body is not the JSON that it says it is."""


def body(guard: Guard) -> Any:
    """Return what the guard keeps of the body; without one that can be read, it is an empty object.

    Raises `RequestError` (400 `guard.invalid_input`), or `Unreadable`.
    """
    return _guarded("body", guard, _read())


def query(guard: Guard) -> Any:
    """Return what the guard keeps of the query, where a name that comes again has a list."""
    found = {name: values if values[1:] else values[0] for name, values in request.args.lists()}
    return _guarded("query", guard, found)


def _guarded(kind: str, guard: Guard, value: Any) -> Any:
    try:
        return guard(value, ())
    except Invalid as invalid:
        raise refused("guard.invalid_input", invalid, type=kind) from invalid


def _read() -> Any:
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.to_dict()
    if not request.is_json or not request.get_data():
        return {}
    try:
        found = json.loads(request.get_data())
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(found, dict | list):
        raise Unreadable("invalid JSON, only supports object and array")
    return found


def paged(items: Sequence[Any]) -> Response:
    """Answer the whole list, or the page of it that is asked for, which says how many there are in all."""
    page, size = _positive("page", math.inf), _positive("page_size", LARGEST_PAGE)
    if page is None and size is None:
        return jsonify(items)
    page, size = page or 1, size or PAGE_SIZE
    start = int((page - 1) * size)
    response = jsonify(items[start : start + int(size)])
    response.headers["Total-Number"] = str(len(items))
    last = math.ceil(len(items) / size) or 1
    links = {"first": 1, "prev": page - 1, "last": last, "next": page + 1}
    shown = [name for name in links if (name != "prev" or page > 1) and (name != "next" or page < last)]
    response.headers["Link"] = ", ".join(_link(name, int(links[name])) for name in shown)
    return response


def _positive(name: str, largest: float) -> float | None:
    value = request.args.get(name)
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 < number <= largest or number == math.inf:
        raise RequestError("guard.invalid_pagination")
    return number


def _link(name: str, page: int) -> str:
    return f'<{request.base_url}?{urlencode(request.args.to_dict() | {"page": page})}>; rel="{name}"'
