"""The cookies by which Logto knows a browser.

They bear Logto's names. Cookies ignore ports: an application on the same host gets them too and must not
use these names.
"""

import json
from urllib.parse import quote, unquote

from flask import Request
from werkzeug.wrappers import Response

SESSION = "_session"
INTERACTION = "_interaction"


def interactions(request: Request) -> dict[str, str]:
    """Return the browser's sign-ins under way: client id to interaction id."""
    try:
        found = json.loads(unquote(request.cookies.get(INTERACTION, "{}")))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def remember(response: Response, name: str, value: str) -> None:
    """Set a cookie that no script reads; without Secure, as on a Logto over plain http."""
    response.set_cookie(name, value, httponly=True, samesite="Lax")


def remember_interactions(response: Response, found: dict[str, str]) -> None:
    """Set the sign-ins under way."""
    remember(response, INTERACTION, quote(json.dumps(found, separators=(",", ":"))))
