"""/api/hooks."""

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify

from local.logto.management.errors import RequestError
from local.logto.management.guard import (
    array,
    boolean,
    choice,
    members,
    nullable,
    number,
    optional,
    record,
    string,
)
from local.logto.management.requests import body, paged
from local.logto.state import opaque
from local.logto.tenant import Hook, new_id

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

Json = dict[str, Any]

EVENTS = (
    "PostRegister",
    "PostSignIn",
    "PostSignInAdaptiveMfaTriggered",
    "PostResetPassword",
    *(f"User.{what}" for what in ("Created", "Deleted", "Data.Updated", "SuspensionStatus.Updated")),
    *(f"Role.{what}" for what in ("Created", "Deleted", "Data.Updated", "Scopes.Updated")),
    *(f"Scope.{what}" for what in ("Created", "Deleted", "Data.Updated")),
    *(f"Organization.{what}" for what in ("Created", "Deleted", "Data.Updated", "Membership.Updated")),
    *(f"OrganizationRole.{what}" for what in ("Created", "Deleted", "Data.Updated", "Scopes.Updated")),
    *(f"OrganizationScope.{what}" for what in ("Created", "Deleted", "Data.Updated")),
    "Identifier.Lockout",
    "Message.RateLimited",
    "Grant.LimitExceeded",
)
_CONFIG = members({"url": string(), "headers": optional(record(string())), "retries": optional(number(0, 3))})
_COMMON = {
    "name": optional(string(1, 256)),
    "events": optional(array(choice(EVENTS), minimum=1)),
    "enabled": optional(boolean),
    "createdAt": optional(number()),
}
CREATE = members(_COMMON | {"config": _CONFIG, "event": optional(choice(EVENTS))})
PATCH = members(_COMMON | {"config": optional(_CONFIG), "event": optional(nullable(choice(EVENTS)))})
TEST = members({"events": array(choice(EVENTS), minimum=1), "config": _CONFIG})


class Hooks:
    """Webhooks, each with a signing key that Logto makes."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /api."""
        one = "/hooks/<hook_id>"
        app.add_url_rule("/hooks", "hooks", self.all, methods=["GET"])
        app.add_url_rule("/hooks", "create_hook", self.create, methods=["POST"])
        app.add_url_rule(one, "hook", self.one, methods=["GET"])
        app.add_url_rule(one, "change_hook", self.change, methods=["PATCH"])
        app.add_url_rule(one, "delete_hook", self.delete, methods=["DELETE"])
        app.add_url_rule(f"{one}/signing-key", "new_signing_key", self.new_key, methods=["PATCH"])
        app.add_url_rule(f"{one}/test", "test_hook", self.test, methods=["POST"])

    def all(self) -> Response:
        """Answer all, the newest first."""
        hooks = sorted(self.logto.hooks.values(), key=lambda hook: hook.created_at)[::-1]
        return paged([self._shown(hook) for hook in hooks])

    def one(self, hook_id: str) -> Response:
        """Answer one, with its signing key."""
        return jsonify(self._shown(self._find(hook_id)))

    def create(self) -> Response:
        """Make one."""
        asked = body(CREATE)
        if "events" not in asked and "event" not in asked:
            raise RequestError("hook.missing_events")
        now = int(self.logto.clock() * 1000)
        hook = Hook(
            id=new_id(),
            name=asked.get("name", ""),
            events=_once_each(asked.get("events", [])),
            config=asked["config"],
            signing_key=opaque(32),
            enabled=asked.get("enabled", True),
            event=asked.get("event"),
            created_at=asked.get("createdAt", now),
        )
        self.logto.hooks[hook.id] = hook
        response = jsonify(self._shown(hook))
        response.status_code = 201
        return response

    def change(self, hook_id: str) -> Response:
        """Replace what comes, each as a whole."""
        asked = body(PATCH)
        if not asked:
            raise RequestError("entity.invalid_input", 422)
        hook = self._of_database(hook_id)
        for name in ("name", "config", "enabled", "event"):
            if name in asked:
                setattr(hook, name, asked[name])
        hook.events = _once_each(asked.get("events", hook.events))
        hook.created_at = asked.get("createdAt", hook.created_at)
        return jsonify(self._shown(hook))

    def new_key(self, hook_id: str) -> Response:
        """Sign with another key from now on."""
        hook = self._of_database(hook_id)
        hook.signing_key = opaque(32)
        return jsonify(self._shown(hook))

    def delete(self, hook_id: str) -> Response:
        """Delete one."""
        if self.logto.hooks.pop(hook_id, None) is None:
            raise RequestError("entity.not_found", 404)
        return Response(status=204)

    def test(self, hook_id: str) -> Response:
        """Post these events about somebody who is not, signed by the hook's key, to where is said here."""
        asked = body(TEST)
        hook = self._find(hook_id)
        tried = Hook(hook.id, hook.name, asked["events"], asked["config"], hook.signing_key)
        for event in _once_each(tried.events):
            delivery = self.logto.send_webhook(self.logto.webhook(event, hook=tried), tried)
            if delivery.status is None:
                raise RequestError("hook.send_test_payload_failed", 422)
            if not 200 <= delivery.status < 300:
                data = {"responseStatus": delivery.status, "responseBody": delivery.answer}
                raise RequestError("hook.endpoint_responded_with_error", 422, data)
        return Response(status=204)

    def _find(self, hook_id: str) -> Hook:
        hook = self.logto.hooks.get(hook_id)
        if hook is None:
            raise RequestError("entity.not_exists_with_id", 404, name="hooks", id=hook_id)
        return hook

    def _of_database(self, hook_id: str) -> Hook:
        # An update that finds no row answers with another code than a look-up.
        hook = self.logto.hooks.get(hook_id)
        if hook is None:
            raise RequestError("entity.not_exists", 404, name="hook")
        return hook

    def _shown(self, hook: Hook) -> Json:
        return {
            "tenantId": self.logto.tenant_id,
            "id": hook.id,
            "name": hook.name,
            "event": hook.event,
            "events": hook.events,
            "config": hook.config,
            "signingKey": hook.signing_key,
            "enabled": hook.enabled,
            "createdAt": hook.created_at,
        }


def _once_each(events: list[str]) -> list[str]:
    return list(dict.fromkeys(events))
