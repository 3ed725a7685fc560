"""The Management API put together: who gets in, and how errors look."""

from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request

from local.logto.management.applications import Applications
from local.logto.management.connectors import Connectors
from local.logto.management.errors import RequestError
from local.logto.management.hooks import Hooks
from local.logto.management.private_keys import PrivateKeys
from local.logto.management.requests import Unreadable
from local.logto.management.secrets import Secrets
from local.logto.management.sign_in_experience import PUBLIC, SignInExperience
from local.logto.management.tokens import check
from local.programs_only import ForProgramsOnly

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

ROOMS = (Applications, Secrets, Connectors, SignInExperience, Hooks, PrivateKeys)


class ManagementApi:
    """What Logto serves below /api to those with a token for it; `app` is a WSGI application.

    A real Logto answers the pages of its own console too. There is none here: so no page gets in at all.
    """

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto
        app = Flask(__name__)
        app.before_request(self._admit)
        app.register_error_handler(RequestError, RequestError.response)
        app.register_error_handler(Unreadable, _unreadable)
        app.register_error_handler(500, _failed)
        for room in ROOMS:
            room(logto).add_routes(app)
        self.app = ForProgramsOnly(app)

    def _admit(self) -> None:
        # As in Logto, who asks for what there is not learns so without a token.
        if request.url_rule is not None and not request.path.startswith(PUBLIC):
            check(self.logto, request.headers.get("Authorization"))


def _unreadable(error: Unreadable) -> Response:
    response = jsonify({"message": str(error)})
    response.status_code = 400
    return response


def _failed(error: Exception) -> Response:
    response = jsonify({"message": "Internal server error."})
    response.status_code = 500
    return response
