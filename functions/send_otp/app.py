"""`POST /send-otp`: Logto's HTTP e-mail connector asks for a message to be sent."""

from passerelle import otp, runtime
from passerelle.web import Request, Response, endpoint, json_response


@endpoint
def handler(request: Request) -> Response:
    services = runtime.services()
    now = services.clock.now()
    otp.demand_bearer(services, request.headers.get("authorization"), now)
    otp.deliver(services, request.body(otp.MAX_BODY_BYTES), now)
    return json_response({})
