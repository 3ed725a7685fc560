"""Logto's webhook, which tells of users that were suspended, deleted, or have a new password.

Logto sends an event once, so that none must meet a function that does not know its key: the webhook is made
switched off, and switched on when its key is in LogtoSecret. The key can be read from Logto at any time.
"""

from collections.abc import Mapping
from typing import Any

from cli.provision.logto import Json
from cli.provision.site import Site
from cli.provision.steps import Change, not_shown_yet

EVENTS = ("User.SuspensionStatus.Updated", "User.Deleted", "PostResetPassword")


def find_hooks(site: Site) -> list[Json]:
    """Find this stack's webhooks, two of them while the key is rotated.

    They have its address; when that has changed, a key that is in LogtoSecret.
    """
    hooks, address = site.logto.get("/hooks"), site.address("LogtoWebhookUrl")
    keys = keys_in(site.secret("LogtoSecret"))
    here = [each for each in hooks if each["config"].get("url") == address]
    return here or [each for each in hooks if each.get("signingKey") in keys]


def keys_in(secret: Mapping[str, Any]) -> list[str]:
    """Return the webhook's signing keys that LogtoSecret holds."""
    given = secret.get("webhookSigningKeys") or [secret.get("webhookSigningKey")]
    return [key for key in given if isinstance(key, str) and key] if isinstance(given, list) else []


class Webhook:
    """It is there, switched on or not."""

    title = "webhook"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say whether it is missing."""
        if find_hooks(self._site):
            return []
        address = self._site.address("LogtoWebhookUrl")
        text = f"make the webhook to {address} for {', '.join(EVENTS)}, switched off at first"
        return [Change(text, self._make)]

    def _make(self) -> None:
        config = {"url": self._site.address("LogtoWebhookUrl")}
        name = f"Passerelle {self._site.stack.name}"
        body = {"name": name, "events": list(EVENTS), "config": config, "enabled": False}
        self._site.logto.post("/hooks", body)


class WebhookInUse:
    """It has the right address and events, and is switched on; for after its key is where it belongs."""

    title = "webhook"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say what is missing; also of a webhook that an earlier step is going to make."""
        hook = self._hook()
        words = ["switch it on"] if hook is None else self._missing(hook)[1]
        return [Change(", ".join(words), self._adjust)] if words else []

    def _hook(self) -> Json | None:
        hooks = find_hooks(self._site)
        in_use = [each for each in hooks if each["enabled"]]
        return next(iter(in_use or hooks), None)

    def _adjust(self) -> None:
        hook = self._hook()
        if hook is None:
            raise not_shown_yet("the webhook")
        self._site.logto.patch(f"/hooks/{hook['id']}", self._missing(hook)[0])

    def _missing(self, hook: Json) -> tuple[Json, list[str]]:
        changed: Json = {}
        words = []
        address, before = self._site.address("LogtoWebhookUrl"), hook["config"].get("url")
        if before != address:
            changed["config"] = {**hook["config"], "url": address}
            words.append(f"let it call {address} in place of {before}")
        events = hook.get("events") or []
        if missing := [event for event in EVENTS if event not in events]:
            changed["events"] = [*events, *missing]
            words.append(f"let it tell of {', '.join(missing)}")
        if not hook["enabled"]:
            changed["enabled"] = True
            words.append("switch it on")
        return changed, words
