"""The pages of a sign-in: the e-mail address, then the code sent to it."""

import secrets
from hmac import compare_digest
from typing import TYPE_CHECKING

from flask import Flask, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from local.logto import browser
from local.logto.connector import ConnectorError, send_code
from local.logto.first_page import SCREENS
from local.logto.models import Interaction, Verification

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

CODE_LIFETIME = 600
MAX_TRIES = 10
TOO_MANY = "Too many wrong codes. Ask for a new one."
EXPIRED = "This code has expired. Ask for a new one."
WRONG = "That is not the code we sent. Look again, or ask for a new one."
SUSPENDED = "This account is suspended. Ask whoever looks after it."
NO_CODES = "The sign-in experience of this Logto has no e-mailed codes."
NO_INTERACTION = "This sign-in has expired or belongs to another browser. Start again at the application."


def page(template: str, status: int = 200, **context: object) -> Response:
    """Render a page that no cache keeps."""
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


class SignInPages:
    """Plain forms where Logto has a single-page application; the addresses of the pages are Logto's."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve at the root; with no other connector, direct sign-in falls back to e-mail."""
        methods = ["GET", "POST"]
        screen = f"/<any({','.join(repr(name) for name in SCREENS.values())}):screen>"
        app.add_url_rule(screen, "address", self.address, methods=methods)
        app.add_url_rule(f"{screen}/verification-code", "code", self.code, methods=methods)
        direct, fallback = "/direct/<kind>/<target>", {"screen": "sign-in"}
        app.add_url_rule(direct, "direct", self.address, methods=methods, defaults=fallback)

    def address(self, screen: str, **_direct: str) -> Response:
        """Ask for the e-mail address and send a code to it."""
        interaction = self._interaction()
        if interaction is None:
            return page("error.html", 400, message=NO_INTERACTION)
        if not self._by_code():
            return page("error.html", 400, message=NO_CODES)
        if request.method == "GET":
            email = interaction.extra.get("login_hint", "")
            return page("address.html", screen=screen, interaction=interaction, email=email)
        email = request.form.get("email", "").strip()
        if not all(email.partition("@")):
            error = "Enter a whole e-mail address, like you@example.com."
            return page("address.html", 400, screen=screen, interaction=interaction, email=email, error=error)
        return self._send(interaction, screen, email)

    def code(self, screen: str) -> Response:
        """Ask for the code; the right one goes back to the authorization endpoint."""
        interaction = self._interaction()
        if interaction is None or interaction.verification is None:
            return page("error.html", 400, message=NO_INTERACTION)
        if request.method == "POST" and "again" in request.form:
            return self._send(interaction, screen, interaction.verification.email)
        error = self._verify(interaction, interaction.verification) if request.method == "POST" else None
        if interaction.user:
            return redirect(f"{self.logto.base_url}/auth/{interaction.id}", 303)
        status, sent_again = 400 if error else 200, "sent" in request.args
        return page("code.html", status, interaction=interaction, error=error, sent_again=sent_again)

    def _by_code(self) -> bool:
        methods = self.logto.sign_in_experience["signIn"]["methods"]
        return any(method["identifier"] == "email" and method["verificationCode"] for method in methods)

    def _interaction(self) -> Interaction | None:
        uid = browser.interactions(request).get(request.args.get("app_id", ""), "")
        interaction = self.logto.state.interactions.get(uid)
        return interaction if interaction and interaction.expires_at > self.logto.clock() else None

    def _send(self, interaction: Interaction, screen: str, email: str) -> Response:
        """Send a code, which replaces the one before, and go to the page that asks for it."""
        kind = "Register" if screen.endswith("register") else "SignIn"
        again = "&sent=again" if interaction.verification else ""
        code, expires_at = f"{secrets.randbelow(10**6):06d}", self.logto.clock() + CODE_LIFETIME
        interaction.verification = Verification(kind, email, code, expires_at)
        try:
            send_code(self.logto, interaction, interaction.verification, request.remote_addr or "127.0.0.1")
        except ConnectorError as error:
            return page("error.html", 400, message=str(error), code="connector.general")
        return redirect(f"/{screen}/verification-code?app_id={interaction.client.id}{again}", 303)

    def _verify(self, interaction: Interaction, verification: Verification) -> str | None:
        """Judge the code typed in; sets the interaction's user, or returns what to tell the person."""
        typed = request.form.get("code", "").strip()
        with self.logto.state.lock:
            if verification.wrong_tries >= MAX_TRIES:
                return TOO_MANY
            if verification.expires_at <= self.logto.clock():
                return EXPIRED
            if not compare_digest(typed.encode(), verification.code.encode()):
                verification.wrong_tries += 1
                return WRONG
            user = self.logto.state.find_or_register(verification.email)
            if user.suspended:
                return SUSPENDED
            interaction.user = user
            return None
