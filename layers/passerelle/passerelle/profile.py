"""Who the user is, in the words of the front end.

This is the place to map more: add a member here, and the scope that brings its claim to `SCOPES`. What is
returned goes into the session, sealed, and to the browser as `user` in the answer of `GET /session`.
"""

from collections.abc import Mapping
from typing import Any

Profile = dict[str, Any]


def profile_from(claims: Mapping[str, Any]) -> Profile:
    """Map the claims of an ID token (OpenID Connect Core 1.0, 5.1) to the profile that an application sees.

    Logto sends null for a claim that the user has not filled in, so nothing is taken for granted but `sub`.
    """
    return {
        "id": claims["sub"],
        "name": claims.get("name") or claims.get("username"),
        "email": claims.get("email"),
        "image": claims.get("picture"),
    }
