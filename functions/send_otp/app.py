"""`POST /send-otp`: Logto's HTTP e-mail connector asks for a message to be sent."""

from passerelle import runtime
from passerelle.otp.deliver import MAX_BODY_BYTES, deliver, demand_bearer
from passerelle.otp.outcomes import told
from passerelle.web import Request, Response, endpoint_with, json_response


@endpoint_with(tell=told)
def handler(request: Request) -> Response:
    services = runtime.services()
    now = services.clock.now()
    demand_bearer(services, request.headers.get("authorization"), now)
    deliver(services, request.body(MAX_BODY_BYTES), now)
    return json_response({})
