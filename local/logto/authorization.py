"""The authorization endpoint and the requests pushed to it beforehand."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from authlib.oidc.core.errors import ConsentRequiredError
from flask import Flask, jsonify, redirect, request
from werkzeug.wrappers import Response

from local.logto import browser
from local.logto.errors import refusal
from local.logto.first_page import extra_parameters, first_page
from local.logto.grants import CLIENT_AUTH_METHODS
from local.logto.metadata import SCOPES
from local.logto.models import Interaction, PushedRequest, Session
from local.logto.oauth import Parameters
from local.logto.state import opaque
from local.logto.tokens import body_parameters

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

PUSHED_LIFETIME = 60
INTERACTION_LIFETIME = 3600
REQUEST_URI = "urn:ietf:params:oauth:request_uri:"

Params = dict[str, str]


def granted_scope(params: Params) -> str:
    """Return the scope that Logto takes: unknown values go silently, `offline_access` too without consent."""
    asked = params.get("scope", "").split()
    consent = "consent" in params.get("prompt", "").split()
    return " ".join(scope for scope in SCOPES if scope in asked and (consent or scope != "offline_access"))


class Authorization:
    """RFC 6749 section 4.1.1, OIDC Core 3.1.2, RFC 9126, RFC 9207."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto
        self.state = logto.state

    def add_routes(self, app: Flask, path: str) -> None:
        """Serve below the issuer's path."""
        app.add_url_rule(f"{path}/auth", "authorize", self.authorize, methods=["GET", "POST"])
        app.add_url_rule(f"{path}/auth/<uid>", "resume", self.resume)
        app.add_url_rule(f"{path}/auth/<uid>/abort", "abort", self.abort)
        app.add_url_rule(f"{path}/request", "push", self.push, methods=["POST"])

    def push(self) -> Response:
        """Keep the parameters for a minute under a URI of ours (RFC 9126 section 2)."""
        parameters = body_parameters()
        try:
            client = self.logto.oauth.authenticate_client(parameters, CLIENT_AUTH_METHODS)
        except OAuth2Error as error:
            return self.logto.oauth.handle_error_response(parameters, error)
        uri, params = REQUEST_URI + opaque(), {**parameters.form, "client_id": client.id}
        self.state.pushed[uri] = PushedRequest(client.id, params, self.logto.clock() + PUSHED_LIFETIME)
        response = jsonify({"expires_in": PUSHED_LIFETIME, "request_uri": uri})
        response.status_code = 201
        return response

    def authorize(self) -> Response:
        """Answer with a code at once if this browser is signed in, else begin the sign-in."""
        params = self._parameters()
        if params is None:
            return refusal("invalid_request_uri", "request_uri is invalid, expired, or was already used")
        client = self.logto.clients.get(params.get("client_id", ""))
        if client is None:
            return refusal("invalid_client", "client is invalid")
        if not client.check_redirect_uri(params.get("redirect_uri", "")):
            return refusal("invalid_redirect_uri", "redirect_uri did not match any registered redirect_uris")
        return self._answer(params, self._fresh_session(params.get("max_age", "")))

    def resume(self, uid: str) -> Response:
        """Go on after the sign-in pages: this browser is signed in now."""
        interaction = self._take_interaction(uid)
        if interaction is None or interaction.user is None or not self.state.active(interaction.user.id):
            return refusal("invalid_request", "authorization request has expired")
        current = self.state.session(request.cookies.get(browser.SESSION))
        session = self.state.sign_in(current, interaction.user)
        prompts = interaction.params.get("prompt", "").split()
        params = interaction.params | {"prompt": " ".join(prompt for prompt in prompts if prompt != "login")}
        response = self._leave(interaction, self._answer(params, session))
        browser.remember(response, browser.SESSION, session.id)
        return response

    def abort(self, uid: str) -> Response:
        """Go back without a code: the person does not want to."""
        interaction = self._take_interaction(uid)
        if interaction is None:
            return refusal("invalid_request", "authorization request has expired")
        denied = AccessDeniedError("End-User aborted interaction")
        return self._leave(interaction, self._refuse(interaction.params, denied))

    def _parameters(self) -> Params | None:
        params = request.values.to_dict()
        if uri := params.get("request_uri"):
            pushed = self.state.pushed.get(uri)
            if pushed is None or pushed.client_id != params.get("client_id"):
                return None
            if pushed.expires_at <= self.logto.clock():
                return None
            params = {**pushed.params, "request_uri": uri}
        return params | {"scope": granted_scope(params)}

    def _fresh_session(self, max_age: str) -> Session | None:
        session = self.state.session(request.cookies.get(browser.SESSION))
        if session and max_age.isdecimal() and self.logto.clock() - session.auth_time >= int(max_age):
            return None
        return session

    def _answer(self, params: Params, session: Session | None) -> Response:
        try:
            grant = self.logto.oauth.get_consent_grant(Parameters(params), end_user=session)
            if session is None or grant.prompt == "login":
                return self._interact(params)
            self._demand_consent(params, session)
        except OAuth2Error as error:
            return self._refuse(params, error)
        response = self.logto.oauth.create_authorization_response(grant.request, session, grant=grant)
        return self._send_back(params, response.location)

    def _demand_consent(self, params: Params, session: Session) -> None:
        """Refuse new scopes under `none`; otherwise a first-party application has consent unasked."""
        new = set(params["scope"].split()) - self.state.granted(session, params["client_id"])
        if new and params.get("prompt") == "none":
            raise ConsentRequiredError

    def _interact(self, params: Params) -> Response:
        uid, client = opaque(), self.logto.clients[params["client_id"]]
        extra, expires_at = extra_parameters(params), self.logto.clock() + INTERACTION_LIFETIME
        self.state.interactions[uid] = Interaction(uid, client, params, extra, expires_at)
        response = redirect(first_page(client.id, extra), 303)
        browser.remember_interactions(response, browser.interactions(request) | {client.id: uid})
        return response

    def _take_interaction(self, uid: str) -> Interaction | None:
        """Return and forget the interaction, if it is this browser's."""
        if uid not in browser.interactions(request).values():
            return None
        interaction = self.state.interactions.pop(uid, None)
        return interaction if interaction and interaction.expires_at > self.logto.clock() else None

    def _leave(self, interaction: Interaction, response: Response) -> Response:
        others = {app: uid for app, uid in browser.interactions(request).items() if uid != interaction.id}
        browser.remember_interactions(response, others)
        return response

    def _refuse(self, params: Params, error: OAuth2Error) -> Response:
        error.redirect_uri, error.state = params["redirect_uri"], params.get("state")
        _, _, headers = error()
        return self._send_back(params, dict(headers)["Location"])

    def _send_back(self, params: Params, location: str) -> Response:
        """Redirect to the client, `iss` added (RFC 9207 section 2).

        Authlib's `IssuerParameter` does not see errors found before there is a response: hence here.
        """
        self.state.pushed.pop(params.get("request_uri", ""), None)
        url = urlsplit(location)
        pairs = [*parse_qsl(url.query, keep_blank_values=True), ("iss", self.logto.issuer)]
        if change := self.logto.misbehave.authorization_response:
            pairs = change(pairs)
        return redirect(url._replace(query=urlencode(pairs)).geturl(), 303)
