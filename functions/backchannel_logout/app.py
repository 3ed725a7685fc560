"""`POST /backchannel-logout`: Logto has ended a session, or all of a user's."""

from passerelle import backchannel, runtime
from passerelle.web import Request, Response, endpoint_with, json_response, logout_refusal


@endpoint_with(logout_refusal, backchannel.told)
def handler(request: Request) -> Response:
    services = runtime.services()
    backchannel.log_out(services, request.body(backchannel.MAX_BODY_BYTES), services.clock.now())
    return json_response({})
