"""The e-mail connector, of which a tenant has one: Logto's HTTP connector, calling /send-otp.

Another one may be delivering codes right now, for all applications of the tenant. It is shown, and replaced
only when the operator agrees; a copy is kept before.
"""

import sys
from typing import Any, NamedTuple

from cli.asking import is_agreed
from cli.key_rotation import seconds_of
from cli.problems import Problem, Refused
from cli.provision.description import described
from cli.provision.endpoint import demand_answer
from cli.provision.kept_connector import keep
from cli.provision.logto import Json, Management
from cli.provision.site import Site
from cli.provision.steps import Change, Declined
from cli.waiting import spread_seconds


class _Email(NamedTuple):
    http: str = "http-email"
    mailgun: str = "mailgun-email"


EMAIL = _Email()
"""Logto's names of its connectors."""


def find_connector(logto: Management) -> Json | None:
    """Find the tenant's e-mail connector."""
    return next((each for each in logto.get("/connectors") if each["type"] == "Email"), None)


class Connector:
    """It points at this stack's /send-otp, with a token that all of the stack's functions take."""

    title = "connector"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say what would be replaced; raises `Refused` when /send-otp does not answer as it should."""
        present, wanted = find_connector(self._site.logto), self._wanted()
        if present and present["connectorId"] == EMAIL.http and wanted.items() <= present["config"].items():
            return []
        demand_answer(wanted["endpoint"], wanted["authorization"].removeprefix("Bearer "))
        what = f"the HTTP e-mail connector calling {wanted['endpoint']} with the token of ConnectorSecret"
        if present is None:
            return [Change(f"make {what}", lambda: make(self._site, EMAIL.http, wanted))]
        if self.is_ours(present):
            text = f"let it call {wanted['endpoint']} with the newest token of ConnectorSecret"
            patch = {"config": wanted}
            return [Change(text, lambda: self._site.logto.patch(f"/connectors/{present['id']}", patch))]
        return [Change(f"replace {described(present)} by {what}", lambda: self._replace(present, wanted))]

    def _replace(self, present: Json, wanted: Json) -> None:
        replaced(self._site, present)
        make(self._site, EMAIL.http, wanted)

    def _wanted(self) -> Json:
        return {
            "endpoint": self._site.address("SendOtpUrl"),
            "authorization": f"Bearer {self._token()}",
        }

    def is_ours(self, present: Json) -> bool:
        """Whether it leads to this stack, or did so under an older address or with an older token."""
        if present["connectorId"] != EMAIL.http:
            return False
        config = present["config"]
        token = str(config.get("authorization") or "").removeprefix("Bearer ")
        return config.get("endpoint") == self._site.address("SendOtpUrl") or token in self._tokens()

    def _tokens(self) -> list[str]:
        held = self._site.secret("ConnectorSecret")
        tokens = held.get("tokens") or [held.get("token")]
        if (
            not isinstance(tokens, list)
            or not tokens
            or not all(isinstance(each, str) and each for each in tokens)
        ):
            raise Problem(
                f"the secret ConnectorSecret of {self._site.stack.title} holds no token: "
                "./passerelle doctor says what to do"
            )
        return tokens

    def _token(self) -> str:
        """Return the newest token, unless it was added so recently that some environment may refuse it."""
        added = self._site.secret("ConnectorSecret").get("added")
        is_fresh = isinstance(added, str) and self._site.now < seconds_of(added) + spread_seconds()
        return self._tokens()[0 if is_fresh else -1]


def replaced(site: Site, present: Json) -> None:
    """Have the operator agree to a connector being replaced, and keep it; raises `Declined`.

    Raises `Refused` when it was changed while they thought about it: Logto keeps nothing of what it replaces.
    """
    print(f"The tenant's e-mail connector now is {described(present)}", file=sys.stderr)
    if not site.agreed and not is_agreed("All applications of the tenant use it. Replace it?", "--yes"):
        raise Declined("the connector was left as it is")
    if find_connector(site.logto) != present:
        raise Refused("the e-mail connector was changed meanwhile. It was left as it is: run again")
    site.saved = keep(site, present)
    print(f"Saved, with its secrets, to {site.saved}; --undo {site.saved} puts it back.", file=sys.stderr)


def make(site: Site, connector_id: str, config: Json, **more: Any) -> None:
    """Make a connector, with which Logto throws the one before away."""
    site.logto.post("/connectors", {"connectorId": connector_id, "config": config, **more})
