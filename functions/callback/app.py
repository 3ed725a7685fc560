"""`GET /callback`: Logto sends the browser back with a code."""

from passerelle import callback, login, runtime
from passerelle.callback import Arrival
from passerelle.sessions import COOKIE
from passerelle.web import Request, Response, drop_cookie, endpoint_with, redirect, set_cookie


@endpoint_with(tell=login.told)
def handler(request: Request) -> Response:
    services = runtime.services()
    settings = services.settings
    base_url = request.base_url(settings.public_base_url)
    user_agent = request.headers.get("user-agent", "")
    arrival = Arrival(request.query, request.cookies, base_url, user_agent)
    returned = callback.finish(services, arrival, services.clock.now())
    if not returned.spent_cookie:
        return redirect(returned.location)
    return redirect(
        returned.location,
        set_cookie(COOKIE, returned.session_cookie, settings.session_absolute_seconds),
        drop_cookie(returned.spent_cookie),
    )
