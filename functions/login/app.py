"""`GET /login`: send the browser to Logto."""

from passerelle import login, runtime
from passerelle.attempts import LIFETIME_SECONDS
from passerelle.web import Request, Response, drop_cookie, endpoint_with, redirect, set_cookie


@endpoint_with(tell=login.told)
def handler(request: Request) -> Response:
    services = runtime.services()
    base_url = request.base_url(services.settings.public_base_url)
    started = login.start(services, request.query, request.cookies, base_url, services.clock.now())
    return redirect(
        started.location,
        set_cookie(started.cookie, started.sealed_attempt, LIFETIME_SECONDS),
        *map(drop_cookie, started.surplus),
    )
