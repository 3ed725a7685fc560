"""The endpoint of a self-hosted Logto's admin tenant: it gives out tokens for the tenant's Management API."""

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response

from local.logto.keys import SigningKeys
from local.logto.oauth import TokenServer
from local.logto.tenant import MACHINE, Client
from local.logto.tokens import body_parameters
from local.programs_only import ForProgramsOnly

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

CLIENT_ID = "m-default"


class AdminEndpoint:
    """On a port of its own, with an issuer and keys of its own; `app` is the WSGI application to serve there.

    `secret` is that of its one application, made with it.
    """

    def __init__(self, logto: "EmbeddedLogto", issuer: str) -> None:
        self.issuer, self.keys, self.clock = issuer, SigningKeys(), logto.clock
        self.management_resource = logto.management_resource
        self.secret = secrets.token_urlsafe(24)
        name = f"Management API access for {logto.tenant_id}"
        machine = Client(CLIENT_ID, self.secret, name, (), type=MACHINE, is_admin=True)
        self.clients = {machine.id: machine}
        self._oauth = TokenServer(self)
        app = Flask(__name__)
        path = urlsplit(issuer).path.rstrip("/")
        app.add_url_rule(f"{path}/token", "token", self._token, methods=["POST"])
        self.app = ForProgramsOnly(app)

    @property
    def token_endpoint(self) -> str:
        """Where a token is asked for."""
        return f"{self.issuer.rstrip('/')}/token"

    def _token(self) -> Response:
        response: Response = self._oauth.create_token_response(body_parameters())
        return response
