"""What an administrator does or finds in Logto's console, for the page at the root and for programs."""

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import Flask, abort, jsonify, request
from werkzeug.wrappers import Response

from local.foreign_pages import is_foreign, is_local
from local.logto.management.admin_endpoint import CLIENT_ID

if TYPE_CHECKING:
    from local.logto.models import User
    from local.logto.server import EmbeddedLogto


def refuse_foreign_host() -> None:
    """Answer 403 to a page that points a name of its own at this machine."""
    if not is_local(request.host):
        abort(403)


class Admin:
    """People: who there is, and what is done to them; and what opens the Management API."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /admin; people go by their id or address."""
        app.add_url_rule("/admin/management", "management", self.management)
        app.add_url_rule("/admin/users", "users", self.users)
        one = "/admin/users/<who>"
        app.add_url_rule(one, "delete_user", self.delete, methods=["DELETE"])
        app.add_url_rule(
            f"{one}/<any('suspend', 'unsuspend'):verb>", "suspend", self.suspend, methods=["POST"]
        )
        app.add_url_rule(f"{one}/reset-password", "reset_password", self.reset_password, methods=["POST"])

    def management(self) -> Response:
        """Answer how to get a token for the Management API, where there is an endpoint that gives one."""
        refuse_foreign_host()
        admin = self.logto.admin or abort(404)
        return jsonify(
            {
                "endpoint": urljoin(self.logto.issuer, "/"),
                "tokenEndpoint": admin.token_endpoint,
                "resource": admin.management_resource,
                "clientId": CLIENT_ID,
                "clientSecret": admin.secret,
            }
        )

    def users(self) -> Response:
        """Answer everybody, as the Management API shows them."""
        refuse_foreign_host()
        return jsonify([user.as_json() for user in list(self.logto.users.values())])

    def suspend(self, who: str, verb: str) -> Response:
        """Suspend somebody, or let them in again."""
        self.logto.suspend(self._user(who).id, verb == "suspend")
        return Response(status=204)

    def delete(self, who: str) -> Response:
        """Delete somebody."""
        self.logto.delete_user(self._user(who).id)
        return Response(status=204)

    def reset_password(self, who: str) -> Response:
        """Do as if somebody had set a new password."""
        self.logto.reset_password(self._user(who).id)
        return Response(status=204)

    def _user(self, who: str) -> "User":
        refuse_foreign_host()
        # Browsers send it with whatever changes something, other programs do not.
        if is_foreign(request.headers.get("Origin"), request.host):
            abort(403)
        return self.logto.state.find(who) or abort(404)
