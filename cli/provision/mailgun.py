"""Mailgun's webhooks, which tell what became of a message, and the key that they are signed with.

Last of all: without them codes are delivered all the same, and a key that may only send cannot set them.
"""

from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from cli.problems import Refused
from cli.provision.logto import asked, client_for, json_of
from cli.provision.mailgun_secret import config_of, mailgun_secret
from cli.provision.site import Site
from cli.provision.steps import Change

EVENTS = ("delivered", "permanent_fail", "temporary_fail", "complained")
MOST = 3
"""Addresses that Mailgun calls for one event."""


class MailgunWebhooks:
    """Mailgun calls the stack for each event, beside other addresses, and is believed."""

    title = "Mailgun"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say which are missing; raises `Refused` when there is no room for one."""
        endpoint = config_of(self._site).endpoint
        if self._site.is_out_of_reach(endpoint):
            self._site.notes.append(
                f"{endpoint} cannot reach this machine: its webhooks are left as they are"
            )
            return []
        return [*self._look_for_key(), *self._look_for_webhooks()]

    def _look_for_key(self) -> list[Change]:
        held, key = config_of(self._site).webhook_signing_keys, self._key()
        if key in held or (held and not key):
            return []
        if not key:
            raise Refused(
                "Mailgun does not show its HTTP webhook signing key: set MAILGUN_WEBHOOK_SIGNING_KEY (in "
                "Mailgun under Sending, Webhooks), and run again"
            )
        instead = ", in place of another one" if held else ""
        put = partial(self._put_key, key)
        return [Change(f"put Mailgun's HTTP webhook signing key into MailgunSecret{instead}", put)]

    def _put_key(self, key: str) -> None:
        secret = dict(self._site.secret("MailgunSecret"))
        # While one is being rotated several are valid, and the list is what counts.
        several = secret.get("webhookSigningKeys")
        one = {"webhookSigningKeys": [*several, key]} if several else {"webhookSigningKey": key}
        self._site.put("MailgunSecret", secret | one)

    def _key(self) -> str:
        """Return the key that Mailgun signs with, as far as anybody says."""
        given = self._site.variables.get("MAILGUN_WEBHOOK_SIGNING_KEY")
        if given:
            return given
        answer = self._asked("GET", "/v5/accounts/http_signing_key")
        return str(json_of(answer, "Mailgun").get("http_signing_key") or "") if answer.is_success else ""

    def _look_for_webhooks(self) -> list[Change]:
        url, there = self._site.address("MailgunWebhookUrl"), self._registered()
        changes = []
        for event in EVENTS:
            urls = there.get(event, [])
            if url in urls:
                continue
            if len(urls) >= MOST:
                raise Refused(
                    f"Mailgun calls {MOST} addresses for {event} already, and no more: take one out there "
                    "(Sending, Webhooks)"
                )
            beside = f", beside {len(urls)} other{'s' if len(urls) > 1 else ''}" if urls else ""
            changes.append(Change(f"let {event} call {url}{beside}", partial(self._set, event, [*urls, url])))
        return changes

    def _registered(self) -> dict[str, list[str]]:
        answer = self._asked("GET", self._path())
        if not answer.is_success:
            raise Refused(f"Mailgun answered {answer.status_code}: is endpoint the right one?")
        webhooks = json_of(answer, "Mailgun").get("webhooks") or {}
        return {event: _urls(webhook) for event, webhook in webhooks.items()}

    def _set(self, event: str, urls: list[str]) -> None:
        if len(urls) == 1:
            answer = self._asked("POST", self._path(), data={"id": event, "url": urls})
        else:
            answer = self._asked("PUT", f"{self._path()}/{event}", data={"url": urls})
        if not answer.is_success:
            raise Refused(f"Mailgun answered {answer.status_code} to the webhook for {event}")

    def _path(self) -> str:
        return f"/v3/domains/{quote(config_of(self._site).domain, safe='')}/webhooks"

    def _asked(self, method: str, path: str, **content: Any) -> httpx.Response:
        config, (_, secret) = config_of(self._site), mailgun_secret(self._site)
        key = self._site.variables.get("MAILGUN_READ_API_KEY") or secret.get("readApiKey") or config.api_key
        endpoint = config.endpoint.rstrip("/")
        with client_for(endpoint) as client:
            answer = asked(client, "Mailgun", method, f"{endpoint}{path}", auth=("api", key), **content)
        if answer.status_code in (401, 403):
            raise Refused(
                "Mailgun does not let this key set webhooks. A sending key may only send: put a key of the "
                "account into MAILGUN_READ_API_KEY, and run again; or set them by hand (docs/messages.md)"
            )
        if answer.status_code == 404 and "/domains/" in path:
            raise Refused(
                f"Mailgun does not know the domain {config.domain} at {endpoint}: another account, or the "
                "other region (endpoint)?"
            )
        return answer


def _urls(webhook: Any) -> list[str]:
    """Read one event's addresses; an older account may have one alone."""
    given = webhook if isinstance(webhook, dict) else {}
    return [str(url) for url in given.get("urls") or [given.get("url")] if url]
