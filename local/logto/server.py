"""The embedded Logto put together."""

import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Flask

from local.logto.authorization import Authorization
from local.logto.keys import KeyKind, SigningKeys
from local.logto.logout import Logout
from local.logto.metadata import Metadata
from local.logto.misbehaviour import Faults, Misbehaviour
from local.logto.models import Client
from local.logto.oauth import Server
from local.logto.root import Root
from local.logto.sign_in import SignInPages
from local.logto.state import State
from local.logto.tokens import TokenEndpoints


class EmbeddedLogto:
    """One Logto. `app` is the WSGI application to serve, threaded; everything else is for tests.

    `users`, `sessions`, `grants` and `tokens` are the live tables: to suspend somebody, delete the user.
    `organizations` maps the ids that `organization_id` may name to their names.
    """

    def __init__(
        self,
        *,
        issuer: str,
        clients: Sequence[Client],
        connector_endpoint: str,
        connector_authorization: str | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self.clients = {client.id: client for client in clients}
        self.connector_endpoint = connector_endpoint
        self.connector_authorization = connector_authorization
        self.clock = clock
        self.refresh_token_ttl: float = 14 * 86400
        self.organizations: dict[str, str] = {}
        self.misbehave = Misbehaviour()
        self.requests: list[tuple[str, str]] = []
        self.keys = SigningKeys()
        self.state = State(clock)
        self.users, self.sessions = self.state.users, self.state.sessions
        self.grants, self.tokens = self.state.grants, self.state.tokens
        self.oauth = Server(self)
        self.app = self._build_app()

    def rotate_signing_key(self, kind: KeyKind) -> None:
        """Sign with a new key from now on; the previous one stays published."""
        self.keys.rotate(kind)

    def _build_app(self) -> Flask:
        app = Flask(__name__)
        path = urlsplit(self.issuer).path
        Metadata(self).add_routes(app, path)
        Authorization(self).add_routes(app, path)
        TokenEndpoints(self).add_routes(app, path)
        Logout(self).add_routes(app, path)
        SignInPages(self).add_routes(app)
        Root(self).add_routes(app)
        app.wsgi_app = Faults(app.wsgi_app, self)  # type: ignore[method-assign]
        return app
