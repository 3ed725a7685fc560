"""`POST /logout` signs out, `GET /logout` shows the button, `GET /logged-out` is where Logto returns."""

from passerelle import pages, runtime
from passerelle.logout import STATE_COOKIE, STATE_SECONDS, is_return_expected, sign_out
from passerelle.services import Services
from passerelle.sessions import COOKIE
from passerelle.web import (
    Request,
    Response,
    demand_same_origin,
    drop_cookie,
    endpoint,
    html_response,
    json_response,
    redirect,
    set_cookie,
)


@endpoint
def handler(request: Request) -> Response:
    services = runtime.services()
    if request.path.endswith("/logged-out"):
        return _logged_out(request, services)
    if request.method != "POST":
        return html_response(pages.sign_out_page(services.settings.issuer))
    return _log_out(request, services)


def _log_out(request: Request, services: Services) -> Response:
    base_url = request.base_url(services.settings.public_base_url)
    demand_same_origin(request, base_url)
    signed_out = sign_out(services, request.cookies.get(COOKIE), base_url, services.clock.now())
    cookies = [drop_cookie(COOKIE)]
    if signed_out.location:
        cookies.append(set_cookie(STATE_COOKIE, signed_out.state_cookie, STATE_SECONDS))
    if request.wants_json:
        complete = {} if signed_out.provider_reached else {"code": "provider_not_reached"}
        return json_response({"redirect": signed_out.location or "/"} | complete, *cookies)
    if signed_out.location and signed_out.provider_reached:
        return redirect(signed_out.location, *cookies)
    return html_response(pages.signed_out_here_only_page(signed_out.location), *cookies)


def _logged_out(request: Request, services: Services) -> Response:
    now = services.clock.now()
    cookie = request.cookies.get(STATE_COOKIE)
    confirmed = is_return_expected(request.query, cookie, services.secrets.keys, now)
    return html_response(pages.signed_out_page(confirmed), drop_cookie(STATE_COOKIE))
