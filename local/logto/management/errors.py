"""Errors of the Management API in the shape that Logto gives them."""

from typing import Any

from flask import Response, jsonify

from local.logto.management.guard import Invalid

_MESSAGES = {
    "auth.authorization_header_missing": "Authorization header is missing.",
    "auth.authorization_token_type_not_supported": "Authorization type is not supported.",
    "auth.unauthorized": "Unauthorized. Please check credentials and its scope.",
    "auth.forbidden": "Forbidden. Please check your user roles and permissions.",
    "guard.invalid_input": "The request {type} is invalid.",
    "guard.invalid_pagination": "The request pagination value is invalid.",
    "entity.not_found": "The resource does not exist.",
    "entity.not_exists": "The {name} does not exist.",
    "entity.not_exists_with_id": "The {name} with ID `{id}` does not exist.",
    "entity.invalid_input": "Invalid input. Value list must not be empty.",
    "entity.db_constraint_violated": "Database constraint violated.",
    "connector.invalid_config": "The connector's config is invalid.",
    "connector.general": "Error occurred in connector: {description}",
    "connector.not_found": "Cannot find any available connector for type: {type}.",
    "connector.not_found_with_connector_id": "Can not find connector with given standard connector id.",
    "sign_in_experiences.enabled_connector_not_found": "Enabled {type} connector not found.",
    "hook.missing_events": "You need to provide at least one event.",
    "request.invalid_input": "Input is invalid. {reason}",
}


class RequestError(Exception):
    """A request that Logto refuses: a code, a status, and what the message is filled in with."""

    def __init__(self, code: str, status: int = 400, data: Any = None, **names: object) -> None:
        super().__init__(code)
        self.code, self.status, self.data = code, status, data
        self.details: str | None = None
        # Where the real one has a sentence of its own for every code, this one has some.
        self.message = _MESSAGES.get(code, code.replace("_", " ")).format(**names)

    def response(self) -> Response:
        """Return the answer; what there is nothing of is left out."""
        members = {"code": self.code, "data": self.data, "details": self.details, "message": self.message}
        response = jsonify({name: value for name, value in members.items() if value is not None})
        response.status_code = self.status
        return response


def refused(code: str, invalid: Invalid, **names: object) -> RequestError:
    """Return the error for a value that is not what it should be."""
    error = RequestError(code, 400, {"issues": invalid.issues, "name": "ZodError"}, **names)
    error.details = "\n".join(invalid.lines)
    return error


def not_here(what: str) -> RequestError:
    """Return the error for what a real Logto does and this one does not, so that nobody builds on it."""
    return RequestError("embedded.not_implemented", 501, data={"message": f"{what} is not in this stand-in"})
