"""`GET /`: the sign-in button, or the profile, the sign-out button, and the user's other sessions."""

from passerelle import pages, runtime
from passerelle.session_list import sessions_of
from passerelle.sessions import COOKIE, live_session
from passerelle.web import Request, Response, endpoint, html_response


@endpoint
def handler(request: Request) -> Response:
    services = runtime.services()
    now = services.clock.now()
    live = live_session(services, request.cookies.get(COOKIE), now)
    if live is None:
        return html_response(pages.signed_out_home())
    listed = [each.as_json(live.handle.id) for each in sessions_of(services, live.handle.user, now)]
    return html_response(pages.signed_in_home(live.profile, listed, services.settings.issuer))
