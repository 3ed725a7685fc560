"""The embedded Logto put together."""

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from local.logto.admin import Admin
from local.logto.authorization import Authorization
from local.logto.backchannel import BackChannel
from local.logto.dialect import LOGTO, Dialect
from local.logto.keys import KeyKind, SigningKeys
from local.logto.logout import Logout
from local.logto.management.admin_endpoint import AdminEndpoint
from local.logto.management.api import ManagementApi
from local.logto.management.experience_default import BY_CODE
from local.logto.metadata import Metadata
from local.logto.misbehaviour import Faults, Misbehaviour
from local.logto.models import User
from local.logto.oauth import Server
from local.logto.outgoing import Delivery
from local.logto.root import Root
from local.logto.settings import Settings
from local.logto.sign_in import SignInPages
from local.logto.state import State
from local.logto.tenant import Client, Hook
from local.logto.tokens import TokenEndpoints
from local.logto.webhooks import Webhook, Webhooks


class EmbeddedLogto(Settings):
    """One Logto. `app` is the WSGI application to serve, threaded; everything else is for tests.

    `users`, `sessions`, `grants` and `tokens` are the live tables, and so are `clients`, `connectors`,
    `hooks` and `sign_in_experience`, which the Management API shows and changes. Without a
    `connector_endpoint` it is as new: there is no connector, and people are to sign in by a password.
    `organizations` maps the ids that `organization_id` may name to their names. `requests` is what came in;
    `backchannel` and `webhooks` are what went out, with the answers.
    """

    def __init__(
        self,
        *,
        issuer: str,
        clients: Sequence[Client],
        connector_endpoint: str | None,
        connector_authorization: str | None,
        webhook_url: str | None = None,
        webhook_signing_key: str = "",
        tenant_id: str = "default",
        is_cloud: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(tenant_id, is_cloud)
        self.issuer, self.clock = issuer, clock
        self.clients = {client.id: client for client in clients}
        self.webhook_signing_key, self.webhook_url = webhook_signing_key, webhook_url
        if connector_endpoint is not None:
            self.connector_endpoint = connector_endpoint
            self.connector_authorization = connector_authorization
            self.sign_in_experience |= deepcopy(BY_CODE)
        self.admin: AdminEndpoint | None = None
        self.refresh_token_ttl: float = 14 * 86400
        self.access_token_ttl = 3600
        self.organizations: dict[str, str] = {}
        self.misbehave = Misbehaviour()
        self.requests: list[tuple[str, str]] = []
        self.backchannel: list[Delivery] = []
        self.webhooks: list[Delivery] = []
        self.dialect, self.keys = LOGTO, SigningKeys()
        self.back_channel, self._webhooks = BackChannel(self), Webhooks(self)
        self.state = State(clock)
        self.users, self.sessions = self.state.users, self.state.sessions
        self.grants, self.tokens = self.state.grants, self.state.tokens
        self.oauth = Server(self)
        self.app = self._build_app()

    def admin_endpoint(self, issuer: str) -> AdminEndpoint:
        """Return the endpoint of the admin tenant, made at the first call, as a self-hosted Logto has one."""
        if self.admin is None:
            self.admin = AdminEndpoint(self, issuer)
        return self.admin

    @property
    def base_url(self) -> str:
        """What the endpoints' paths are appended to; an issuer may end in a slash (Discovery 4)."""
        return self.issuer.rstrip("/")

    def rotate_signing_key(self, kind: KeyKind) -> None:
        """Sign with a new key from now on; the previous one stays published."""
        self.keys.rotate(kind)

    def speak(self, dialect: Dialect) -> None:
        """Behave in another provider's way from now on, with keys of its kind; `LOGTO` leads back."""
        kind, others = dialect.keys
        self.dialect, self.keys = dialect, SigningKeys(kind)
        for alg in others:
            self.keys.able_to(alg)

    def logout_token(
        self, client_id: str, sub: str | None = None, sid: str | None = None, **changes: Any
    ) -> str:
        """Sign a logout token, with members of its header or claims changed, or taken out by None.

        An `alg` takes what signs with it: a published key that it fits, made if there is none, the client's
        secret, or nothing. `key` signs with another one; `kid` goes with the key unless it is given too.
        """
        return self.back_channel.token(client_id, sub, sid, changes)

    def send_logout_token(self, client_id: str, token: str) -> Delivery:
        """Post a logout token to the client, as a sign-out does."""
        return self.back_channel.send(self.clients[client_id], token)

    def suspend(self, who: str, suspended: bool = True) -> None:
        """Suspend the user with this id or e-mail address, or let them in again; the webhook tells of it."""
        user = self._user(who)
        self.state.suspend(user, suspended)
        self._notify("User.SuspensionStatus.Updated", user)

    def delete_user(self, who: str) -> None:
        """Delete the user with this id or e-mail address; the webhook tells of it."""
        user = self._user(who)
        self.state.delete(user)
        self._notify("User.Deleted", user)

    def reset_password(self, who: str) -> None:
        """Tell by the webhook that the user with this id or e-mail address has a new password."""
        self._notify("PostResetPassword", self._user(who))

    def webhook(
        self,
        event: str,
        user: User | None = None,
        /,
        *,
        hook: Hook | None = None,
        signing_key: str | None = None,
        **members: Any,
    ) -> Webhook:
        """Make a webhook's request, with members of its body replaced, or taken out by None.

        Without a `hook` it is that of the one that this Logto begins with.
        """
        return self._webhooks.build(event, user, hook or self.own_hook, signing_key, members)

    def send_webhook(self, webhook: Webhook, hook: Hook | None = None) -> Delivery:
        """Post a webhook's request, once; without a `hook` to the `webhook_url`, which has to be set."""
        if hook is None and self.webhook_url is None:
            raise ValueError("there is no webhook_url")
        return self._webhooks.send(webhook, hook or self.own_hook)

    def _user(self, who: str) -> User:
        user = self.state.find(who)
        if user is None:
            raise KeyError(who)
        return user

    def _notify(self, event: str, user: User) -> None:
        self._webhooks.tell(event, user)

    def _build_app(self) -> Flask:
        app = Flask(__name__)
        path = urlsplit(self.base_url).path
        Metadata(self).add_routes(app, path)
        Authorization(self).add_routes(app, path)
        TokenEndpoints(self).add_routes(app, path)
        Logout(self).add_routes(app, path)
        SignInPages(self).add_routes(app)
        Root(self).add_routes(app)
        Admin(self).add_routes(app)
        served = DispatcherMiddleware(app.wsgi_app, {"/api": ManagementApi(self).app})
        app.wsgi_app = Faults(served, self)  # type: ignore[method-assign]
        return app
