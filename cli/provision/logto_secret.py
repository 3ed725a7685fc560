"""LogtoSecret: the application's id and secret, and the webhook's key. Logto shows all of them again."""

from collections.abc import Mapping
from typing import Any

from cli.provision.application import find_application
from cli.provision.logto import Json
from cli.provision.site import Site
from cli.provision.steps import Change, not_shown_yet
from cli.provision.webhook import find_hooks, keys_in
from passerelle.times import timestamp


class LogtoSecret:
    """It holds what the functions need of Logto. What is right in it stays, and so do members of others."""

    title = "LogtoSecret"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say what is missing; also of what earlier steps are going to make."""
        application, missing = find_application(self._site), self._missing()
        changes = []
        if application and not self._secrets(application):
            text = f"make a client secret for {application['id']}"
            changes.append(Change(text, lambda: self._make(application)))
        return [*changes, Change(f"put in {_listed([*missing])}", self._write)] if missing else []

    def _secrets(self, application: Json) -> list[str]:
        """Return the client secrets that Logto takes, the newest last."""
        found = self._site.logto.get(f"/applications/{application['id']}/secrets")
        valid = [
            each for each in found if not each.get("expiresAt") or each["expiresAt"] > self._site.now * 1000
        ]
        valid.sort(key=lambda each: each.get("createdAt") or 0)
        # Applications had one alone once, and those that still have it show it here.
        oldest = [application["secret"]] if application.get("secret") else []
        return [*oldest, *(each["value"] for each in valid)]

    def _make(self, application: Json) -> None:
        name = f"Passerelle {timestamp(int(self._site.now))}"
        self._site.logto.post(f"/applications/{application['id']}/secrets", {"name": name})

    def _missing(self) -> Json:
        """Return the members that are missing or wrong, empty where they are yet to come from Logto."""
        held, application = self._site.secret("LogtoSecret"), find_application(self._site)
        return {**self._of_application(held, application), **self._of_webhook(held)}

    def _of_application(self, held: Mapping[str, Any], application: Json | None) -> Json:
        if application is None:
            return {"clientId": "", "clientSecret": ""}
        secrets = self._secrets(application) or [""]
        wrong = {"clientId": application["id"]} if held.get("clientId") != application["id"] else {}
        return wrong if held.get("clientSecret") in secrets else {**wrong, "clientSecret": secrets[-1]}

    def _of_webhook(self, held: Mapping[str, Any]) -> Json:
        known, hooks = keys_in(held), find_hooks(self._site)
        keys = [*known, *(hook["signingKey"] for hook in hooks if hook["signingKey"] not in known)]
        if hooks and keys == known:
            return {}
        if len(keys) > 1:
            return {"webhookSigningKeys": keys}
        return {"webhookSigningKey": keys[0] if keys else ""}

    def _write(self) -> None:
        held, missing = self._site.secret("LogtoSecret"), self._missing()
        if lacking := [name for name, value in missing.items() if not value]:
            raise not_shown_yet(_listed(lacking))
        dropped = "webhookSigningKey" if "webhookSigningKeys" in missing else None
        kept = {name: value for name, value in held.items() if name != dropped}
        self._site.put("LogtoSecret", kept | missing)


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
