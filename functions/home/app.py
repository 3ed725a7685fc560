"""`GET /`: the sign-in button, or the profile and the sign-out button."""

from passerelle import pages, runtime
from passerelle.sessions import COOKIE, live_session
from passerelle.web import Request, Response, endpoint, html_response


@endpoint
def handler(request: Request) -> Response:
    services = runtime.services()
    live = live_session(services, request.cookies.get(COOKIE), services.clock.now())
    if live is None:
        return html_response(pages.signed_out_home())
    return html_response(pages.signed_in_home(live.profile, services.settings.issuer))
