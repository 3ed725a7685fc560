"""Errors in the shape that Logto gives them."""

from typing import Any

from flask import Response, jsonify

# Logto keeps the reason of these to itself: the description is the same whatever went wrong.
_FIXED = {"invalid_grant": "grant request is invalid", "invalid_client": "client authentication failed"}


def error_body(error: str, description: str | None = None) -> dict[str, Any]:
    """Return the JSON of an error: OAuth's members (RFC 6749 section 5.2) among Logto's own."""
    reason = _FIXED.get(error) or description or error.replace("_", " ")
    return {
        "code": f"oidc.{error}",
        "message": f"{reason[:1].upper()}{reason[1:]}.",
        "error_uri": f"https://openid.sh/debug/{error}",
        "error": error,
        "error_description": reason,
    }


def refusal(error: str, description: str | None = None) -> Response:
    """Answer 400 to a request that gives no trustworthy place to redirect to."""
    response = jsonify(error_body(error, description))
    response.status_code = 400
    return response
