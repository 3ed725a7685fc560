"""The page at the root, for somebody who wonders what answers here, or who is to be shut out."""

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import Flask
from werkzeug.wrappers import Response

from local.logto.admin import refuse_foreign_host
from local.logto.sign_in import page

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto


_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'unsafe-inline'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Root:
    """Says what this is, where a sign-in begins, and who has signed in."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve at the root."""
        app.add_url_rule("/", "root", self.root)

    def root(self) -> Response:
        """Name the issuer, the applications by where their redirect URIs lead, and everybody known."""
        refuse_foreign_host()
        clients = [client for client in self.logto.clients.values() if client.redirect_uris]
        applications = [(client.name, urljoin(client.redirect_uris[0], "/")) for client in clients]
        users = list(self.logto.users.values())
        response = page("root.html", issuer=self.logto.issuer, applications=applications, users=users)
        # No page elsewhere may lay the buttons under its own.
        response.headers["Content-Security-Policy"] = _POLICY
        return response
