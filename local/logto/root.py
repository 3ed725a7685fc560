"""The page at the root, for somebody who wonders what answers here."""

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import Flask
from werkzeug.wrappers import Response

from local.logto.sign_in import page

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto


class Root:
    """Says what this is, and where a sign-in begins."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve at the root."""
        app.add_url_rule("/", "root", self.root)

    def root(self) -> Response:
        """Name the issuer, and the applications by where their redirect URIs lead."""
        clients = [client for client in self.logto.clients.values() if client.redirect_uris]
        applications = [(client.name, urljoin(client.redirect_uris[0], "/")) for client in clients]
        return page("root.html", issuer=self.logto.issuer, applications=applications)
