"""RP-initiated logout, which goes on to the other applications by the back channel."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from local.logto import browser
from local.logto.errors import refusal
from local.logto.models import PendingLogout
from local.logto.sign_in import page
from local.logto.state import opaque

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto


class RefusedError(Exception):
    """The logout request does not fit together."""


class Logout:
    """OpenID Connect RP-Initiated Logout 1.0: a form that posts itself, then the way back."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask, path: str) -> None:
        """Serve below the issuer's path."""
        app.add_url_rule(f"{path}/session/end", "end_session", self.ask, methods=["GET", "POST"])
        app.add_url_rule(f"{path}/session/end/confirm", "confirm_logout", self.confirm, methods=["POST"])
        app.add_url_rule(f"{path}/session/end/success", "logout_success", self.success)

    def ask(self) -> Response:
        """Check the request and answer the form; nothing ends before it comes back."""
        try:
            redirect_to = self._redirect_target(self._client_id())
        except RefusedError as error:
            return refusal("invalid_request", str(error))
        session = self.logto.state.session(request.cookies.get(browser.SESSION))
        xsrf = opaque()
        self.logto.state.logouts[xsrf] = PendingLogout(session.id if session else None, redirect_to)
        return page("logout.html", xsrf=xsrf, action=f"{self.logto.base_url}/session/end/confirm")

    def confirm(self) -> Response:
        """End this browser's session, if the form was made for it."""
        pending = self.logto.state.logouts.pop(request.form.get("xsrf", ""), None)
        session = self.logto.state.session(request.cookies.get(browser.SESSION))
        if pending is None or pending.session_id != (session.id if session else None):
            return refusal("invalid_request", "could not find logout details")
        if session and request.form.get("logout"):
            self.logto.back_channel.sign_out(session)
            self.logto.state.sign_out(session)
        return redirect(pending.redirect_to or f"{self.logto.base_url}/session/end/success", 303)

    def success(self) -> Response:
        """Say that it is done, to somebody who came without a way back."""
        return page("logged_out.html")

    def _client_id(self) -> str | None:
        """Return the client that the hint or the parameter names (section 2)."""
        client_id, hint = request.values.get("client_id"), request.values.get("id_token_hint")
        if hint is None:
            return client_id
        claims = self.logto.keys.claims_of(hint)
        if claims is None:
            raise RefusedError("could not validate id_token_hint")
        if client_id and claims.get("aud") != client_id:
            raise RefusedError("client_id does not match the provided id_token_hint")
        return str(claims.get("aud"))

    def _redirect_target(self, client_id: str | None) -> str | None:
        """Return where to go afterwards: nowhere without a client, and never to an unregistered address."""
        target, state = request.values.get("post_logout_redirect_uri"), request.values.get("state")
        if client_id is None or target is None:
            return None
        client = self.logto.clients.get(client_id)
        if client is None or target not in client.post_logout_redirect_uris:
            raise RefusedError("post_logout_redirect_uri not registered")
        if state is None:
            return target
        return f"{target}{'&' if '?' in target else '?'}{urlencode({'state': state})}"
