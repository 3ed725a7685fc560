"""`POST /webhooks/mailgun`: Mailgun tells what became of a message."""

from passerelle import runtime
from passerelle.otp.events import MAX_BODY_BYTES, take, told
from passerelle.web import Request, Response, endpoint_with, json_response


@endpoint_with(tell=told)
def handler(request: Request) -> Response:
    services = runtime.services()
    take(services, request.body(MAX_BODY_BYTES), services.clock.now())
    return json_response({})
