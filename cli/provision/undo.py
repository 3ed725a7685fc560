"""`passerelle provision --undo FILE`: put back the connector that was replaced."""

from cli.provision.connector import Connector, find_connector, make, replaced
from cli.provision.description import described
from cli.provision.kept_connector import read_kept
from cli.provision.logto import Json
from cli.provision.site import Site
from cli.provision.steps import Change


class PutBack:
    """The connector of a file is the tenant's again."""

    title = "connector"

    def __init__(self, site: Site, path: str) -> None:
        self._site, self._path = site, path

    def look(self) -> list[Change]:
        """Say what would be put back; nothing when it is there."""
        kept, present = read_kept(self._site, self._path), find_connector(self._site.logto)
        if present and all(present.get(name) == kept[name] for name in ("connectorId", "config")):
            return []
        now = f" in place of {described(present)}" if present else ""
        return [Change(f"put back {described(kept)}{now}", lambda: self._put(kept, present))]

    def _put(self, kept: Json, present: Json | None) -> None:
        # The stack's own can be made again; one that came from elsewhere since then would be lost.
        if present and not Connector(self._site).is_ours(present):
            replaced(self._site, present)
        if present and present["id"] == kept["id"] and present["connectorId"] == kept["connectorId"]:
            self._site.logto.patch(f"/connectors/{kept['id']}", {"config": kept["config"]})
        else:
            make(self._site, kept["connectorId"], kept["config"], id=kept["id"])
