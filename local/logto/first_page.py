"""Where an authorization request sends the browser: Logto's extra parameters."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

SCREENS = {
    "sign_in": "sign-in",
    "register": "register",
    "identifier:sign_in": "identifier-sign-in",
    "identifier:register": "identifier-register",
    "reset_password": "reset-password",
    "single_sign_on": "single-sign-on",
}
CHOOSING = ("first_screen", "interaction_mode", "direct_sign_in")
PASSED_ON = ("login_hint", "ui_locales", "organization_id", "one_time_token", "identifier")


def extra_parameters(params: Mapping[str, str]) -> dict[str, str]:
    """Return the extra parameters; an unknown `first_screen` takes all of them down with it, as in Logto."""
    if params.get("first_screen", "sign_in") not in SCREENS:
        return {}
    return {name: params[name] for name in (*CHOOSING, *PASSED_ON) if name in params}


def first_page(client_id: str, extra: Mapping[str, str]) -> str:
    """Return the address of the page that begins the sign-in."""
    query = {"app_id": client_id}
    first_screen = extra.get("first_screen", "sign_in")
    if direct := extra.get("direct_sign_in"):
        kind, _, target = direct.partition(":")
        return f"/direct/{quote(kind)}/{quote(target)}?{urlencode(query | {'fallback': 'sign-in'})}"
    if extra.get("interaction_mode") == "signUp":
        first_screen = "register"
    query |= {name: extra[name] for name in PASSED_ON if name in extra}
    return f"/{SCREENS[first_screen]}?{urlencode(query)}"
