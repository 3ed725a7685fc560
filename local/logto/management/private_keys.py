"""/api/configs/oidc/private-keys/rotate."""

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify

from local.logto.keys import SigningKey, algorithm
from local.logto.management.guard import choice, members, number, optional
from local.logto.management.requests import body

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

ROTATE = members(
    {
        "signingKeyAlgorithm": optional(choice(["RSA", "EC"])),
        "rotationGracePeriod": optional(number(0, whole=True)),
    }
)


class PrivateKeys:
    """The keys that tokens are signed with."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /api."""
        rotate = "/configs/oidc/private-keys/rotate"
        app.add_url_rule(rotate, "rotate", self.rotate, methods=["POST"])

    def rotate(self) -> Response:
        """Sign with a new key from now on, whatever grace is asked for; answer the keys' ids and kinds."""
        self.logto.rotate_signing_key(body(ROTATE).get("signingKeyAlgorithm", "EC"))
        return jsonify([_shown(key) for key in self.logto.keys.all])


def _shown(key: SigningKey) -> dict[str, Any]:
    return {"id": key.kid, "signingKeyAlgorithm": "RSA" if algorithm(key) == "RS256" else "EC"}
