"""Webhooks: Logto tells of what happens to people."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.logto.models import User
from local.logto.outgoing import Delivery, post
from local.logto.state import opaque
from local.logto.tenant import Hook

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

TIMEOUT = 10
AGENT = "Logto (https://logto.io/)"
# By which call of the Management API each of these comes about, and its answer's status.
CALLS = {
    "User.SuspensionStatus.Updated": ("PATCH", "/users/:userId/is-suspended", 200),
    "User.Deleted": ("DELETE", "/users/:userId", 204),
    "User.Data.Updated": ("PATCH", "/users/:userId", 200),
}

Json = dict[str, Any]


@dataclass
class Webhook:
    """A request that is yet to be posted; both parts may be changed."""

    headers: dict[str, str]
    body: bytes


class Webhooks:
    """The requests, signed over their raw body."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def tell(self, event: str, user: User) -> None:
        """Post what has happened to every hook that wants to know."""
        for hook in [hook for hook in list(self.logto.hooks.values()) if hook.wants(event)]:
            self.send(self.build(event, user, hook, None, {}), hook)

    def build(
        self, event: str, user: User | None, hook: Hook, signing_key: str | None, members: Json
    ) -> Webhook:
        """Make a request; `members` replace those of the body, or with None take them out."""
        shape = self._interaction if event.startswith("Post") else self._data
        told = {"event": event, **shape(event, user), "hookId": hook.id} | members
        told = {name: value for name, value in told.items() if name not in members or value is not None}
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
        key = hook.signing_key if signing_key is None else signing_key
        signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        headers = {"user-agent": AGENT} | {
            name.lower(): value for name, value in hook.config.get("headers", {}).items()
        }
        headers |= {"logto-signature-sha-256": signature, "content-type": "application/json"}
        return Webhook(headers, body)

    def send(self, webhook: Webhook, hook: Hook) -> Delivery:
        """Post a request to the hook's address, once."""
        delivery = post(hook.config["url"], webhook.headers, webhook.body, TIMEOUT)
        self.logto.webhooks.append(delivery)
        return delivery

    def _data(self, event: str, user: User | None) -> Json:
        """Return what an event of the Management API tells."""
        method, route, status = CALLS.get(event, ("PATCH", "/users/:userId", 200))
        user_id = user.id if user else ""
        return {
            "createdAt": self._now(),
            "userAgent": AGENT,
            "ip": "::ffff:127.0.0.1",
            "path": route.replace(":userId", user_id),
            "method": method,
            "status": status,
            "params": {"userId": user_id},
            "matchedRoute": route,
            "data": user.as_json() if user else None,
        }

    def _interaction(self, event: str, user: User | None) -> Json:
        """Return what an event of the sign-in pages tells."""
        kinds = {"PostRegister": "Register", "PostResetPassword": "ForgotPassword"}
        client = next(iter(self.logto.clients.values()), None)
        application = {"id": client.id, "type": "Traditional", "name": client.name} if client else {}
        return {
            "interactionEvent": kinds.get(event, "SignIn"),
            "createdAt": self._now(),
            "sessionId": opaque(),
            "userAgent": AGENT,
            "userId": user.id if user else None,
            "userIp": "::ffff:127.0.0.1",
            "user": user.as_json() if user else None,
            "application": application | {"description": None},
        }

    def _now(self) -> str:
        now = datetime.fromtimestamp(self.logto.clock(), UTC)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
