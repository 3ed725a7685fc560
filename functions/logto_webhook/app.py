"""`POST /webhooks/logto`: a user was suspended, deleted, or has a new password."""

from passerelle import logto_events, runtime
from passerelle.web import Request, Response, endpoint_with, json_response


@endpoint_with(tell=logto_events.told)
def handler(request: Request) -> Response:
    services = runtime.services()
    signature = request.headers.get("logto-signature-sha-256")
    logto_events.take(services, request.body(logto_events.MAX_BODY_BYTES), signature, services.clock.now())
    return json_response({})
