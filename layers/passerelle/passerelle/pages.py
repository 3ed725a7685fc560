"""The few pages that a person sees: no script, nothing loaded from elsewhere but the user's own picture."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from passerelle.errors import PasserelleError
from passerelle.profile import Profile

_STYLE = """
:root { color-scheme: light dark;
  --ground: #f6f5f2; --card: #fff; --ink: #1d2126; --soft: #5c6570; --line: #dfdcd5; --deep: #0b5d5a }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14171a; --card: #1d2226; --ink: #eceae6; --soft: #a3abb3; --line: #343b41; --deep: #3fb5ae } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { width: 100%; max-width: 26rem; padding: 2.2rem; border-radius: 14px;
  background: var(--card); border: 1px solid var(--line) }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere }
p { margin: .4rem 0 }
small, dt, .soft { color: var(--soft) }
img { display: block; width: 64px; height: 64px; margin-bottom: 1rem; border-radius: 50%; object-fit: cover }
h2 { font-size: 1.05rem; margin: 2rem 0 .3rem }
ul { list-style: none; margin: 0; padding: 0 }
li { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .6rem 0;
  border-top: 1px solid var(--line) }
dl { margin: 1.2rem 0; display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem }
dd { margin: 0; overflow-wrap: anywhere }
.button { display: inline-block; margin: 1.2rem .4rem 0 0; padding: .7rem 1.3rem; border-radius: 9px;
  border: 1px solid var(--deep); background: var(--deep); color: var(--card);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
.button.quiet { border-color: var(--line); background: none; color: var(--ink) }
.button.small { margin: 0; padding: .35rem .9rem; font-weight: 500 }
.button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px }
.reference { margin: 1.2rem 0 0 }
code { font-size: .85em; overflow-wrap: anywhere }
"""
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


class Page(NamedTuple):
    """A rendered page."""

    status: int
    html: str
    content_security_policy: str


def signed_out_home() -> Page:
    """Home for somebody who is not signed in."""
    return _page("Welcome", "<p class=soft>Sign in with a code sent to your e-mail address.</p>" + _SIGN_IN)


def signed_in_home(profile: Profile, sessions: Sequence[Mapping[str, Any]], issuer: str) -> Page:
    """Home for somebody who is: the profile, the button that ends it, and where else they are signed in."""
    rows = {"Name": profile.get("name"), "E-mail": profile.get("email"), "Id": profile.get("id")}
    body = _picture(profile) + "<p class=soft>You are signed in.</p>" + _definitions(rows) + _SIGN_OUT
    return _page(
        str(profile.get("name") or "Hello"), body + _session_list(sessions), form_action=_origin(issuer)
    )


def sign_out_page(issuer: str) -> Page:
    """`GET /logout` changes nothing: it shows the button that does."""
    return _page(
        "Sign out?",
        "<p class=soft>This ends your session here and at Logto.</p>" + _SIGN_OUT,
        form_action=_origin(issuer),
    )


def signed_out_page(confirmed: bool) -> Page:
    """Where Logto returns after its own sign-out."""
    said = (
        "You are signed out here and at Logto."
        if confirmed
        else (
            "This page is where a sign-out ends, but we could not match it to one that this browser began. "
            "If you meant to sign out, please check on the home page that you are."
        )
    )
    return _page("Signed out" if confirmed else "Not confirmed", f"<p>{said}</p>" + _HOME)


def signed_out_here_only_page(end_session_url: str) -> Page:
    """The session here has ended, and Logto could not be told."""
    body = (
        "<p>You are signed out here. Logto could not be told, so you may still be signed in there, "
        "and other applications that use it may still know you.</p>"
    )
    link = (
        f'<a class=button href="{escape(end_session_url)}">Sign out at Logto</a> ' if end_session_url else ""
    )
    return _page("Signed out here only", body + link + _HOME)


def error_page(error: PasserelleError, correlation_id: str) -> Page:
    """What happened, what to do about it, and the id under which the log has the rest."""
    body = f"<p>{escape(error.remedy)}</p>"
    if error.retry:
        body += f'<a class=button href="{escape(error.retry)}">Try again</a> '
    reference = (
        f"<p class=reference><small>Error <code>{escape(error.code)}</code>, "
        f"reference <code>{escape(correlation_id)}</code></small></p>"
    )
    return _page(error.title, body + _HOME + reference, status=error.status)


def _session_list(sessions: Sequence[Mapping[str, Any]]) -> str:
    """The user's sessions, each with a button that ends it; `as_json` of the use case tells of each."""
    rows = "".join(map(_session_row, sessions))
    others = _END_OTHERS if len(sessions) > 1 else ""
    return f"<h2>Where you are signed in</h2><ul>{rows}</ul>{others}"


def _session_row(session: Mapping[str, Any]) -> str:
    where = escape(f"{session['browser']} on {session['system']}")
    seen = escape(str(session["last_seen_at"])[:16].replace("T", " "))
    if session["current"]:
        return f"<li><span>{where}<br><small>this browser</small></span></li>"
    button = _END.format(value=escape(session["id"]), label="End")
    return f"<li><span>{where}<br><small>last seen {seen} UTC</small></span>{button}</li>"


_END = (
    '<form method=post action="/sessions"><input type=hidden name=end value="{value}">'
    '<button class="button quiet small">{label}</button></form>'
)
_END_OTHERS = _END.format(value="others", label="End all others") + (
    "<p><small>Logto may still know those browsers, and let them in again without a code.</small></p>"
)
_SIGN_IN = '<a class=button id=sign-in href="/login">Sign in</a>'
_SIGN_OUT = '<form method=post action="/logout"><button class=button id=sign-out>Sign out</button></form>'
_HOME = '<a class="button quiet" href="/">Home</a>'


def _page(title: str, body: str, *, form_action: str = "", status: int = 200) -> Page:
    html = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    # Chromium applies form-action to the redirects that follow a form as well, and sign-out goes to Logto.
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src https:; "
        f"form-action 'self' {form_action}".rstrip()
        + "; frame-ancestors 'none'; base-uri 'none'"
    )
    return Page(status, html, policy)


def _definitions(rows: Mapping[str, object]) -> str:
    return (
        "<dl>"
        + "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in rows.items() if value
        )
        + "</dl>"
    )


def _picture(profile: Profile) -> str:
    image = profile.get("image")
    if not isinstance(image, str) or not image.startswith("https://"):
        return ""
    return f'<img alt="" src="{escape(image)}" referrerpolicy=no-referrer>'


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
