"""Begin a sign-in: `GET /login`."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from passerelle import audit, metrics
from passerelle.attempts import Attempt, seal_attempt, surplus_cookies
from passerelle.client import authenticated_post
from passerelle.errors import (
    AttemptLost,
    InvalidRequest,
    Misconfigured,
    PasserelleError,
    ProviderUnavailable,
    SignInDeclined,
)
from passerelle.kept import fetch_ahead
from passerelle.keys import random_value
from passerelle.log import discreet
from passerelle.oidc.authorization import authorization_request, checked_extras, single_parameters
from passerelle.oidc.metadata import Metadata
from passerelle.oidc.token import is_client_refused
from passerelle.return_to import checked_return_to
from passerelle.services import Services


@discreet
class Started(NamedTuple):
    """Where to send the browser, and its cookies: the attempt's own and those to drop."""

    location: str
    cookie: str
    sealed_attempt: str
    surplus: Iterable[str]


def start(services: Services, query: str, cookies: Mapping[str, str], base_url: str, now: float) -> Started:
    """Begin an attempt; raises `InvalidRequest` for parameters that are not accepted."""
    parameters = single_parameters(query)
    extras = checked_extras(parameters)
    return_to = checked_return_to(parameters.get("return_to"), services.settings.return_to_origins)
    fetch_ahead(now, services.discovery.document, services.secrets.client)
    attempt = Attempt(
        state=random_value(),
        nonce=random_value(),
        verifier=random_value(),
        session_secret=random_value(),
        return_to=return_to,
        started_at=int(now),
        max_age=int(extras["max_age"]) if "max_age" in extras else None,
        asks_login="login" in extras.get("prompt", "").split(),
    )
    if attempt.asks_login:
        # Core 3.1.2.1: `auth_time`, which shows that it was done, comes only where `max_age` was sent.
        extras.setdefault("max_age", "0")
    keyring = services.secrets.keys.get(now)
    location = _authorization_url(services, attempt, extras, base_url, now)
    audit.note("sign_in_started", "started", counted=counted("started"))
    return Started(
        location, attempt.cookie, seal_attempt(attempt, keyring), surplus_cookies(cookies, keyring)
    )


def told(error: PasserelleError) -> audit.Line:
    """Tell a sign-in that did not begin, or came to nothing.

    `refused` is what lies with the visitor; `failed` is all else, some of which a stranger can cause as well,
    by a code of their own making. It looks like a fault that has to be seen, and so is counted as one.
    """
    is_visitors = error.status == 403 or isinstance(error, InvalidRequest | AttemptLost | SignInDeclined)
    outcome = "refused" if is_visitors else "failed"
    by_code = metrics.count("SignInProblems", code=error.own_code)
    return audit.Line("sign_in_failed", metrics.together(counted(outcome), by_code) | audit.entry(outcome))


def counted(outcome: str) -> dict[str, Any]:
    """Count a sign-in by what came of it, and whether it failed: the mean of that is a rate."""
    by_outcome = metrics.count("SignIns", outcome=outcome)
    if outcome not in ("finished", "failed"):
        return by_outcome
    return metrics.together(by_outcome, metrics.count("SignInFailed", int(outcome == "failed")))


def redirect_uri(base_url: str) -> str:
    """Return the URI registered at Logto, the same in the request and in the exchange (RFC 6749 4.1.3)."""
    return f"{base_url}/callback"


def _authorization_url(
    services: Services, attempt: Attempt, extras: Mapping[str, str], base_url: str, now: float
) -> str:
    metadata = services.discovery.metadata(now)
    request = authorization_request(
        client_id=services.secrets.client.get(now).client_id,
        redirect_uri=redirect_uri(base_url),
        scopes=services.settings.scopes,
        state=attempt.state,
        nonce=attempt.nonce,
        verifier=attempt.verifier,
        extras=extras,
    )
    if services.settings.pushed_authorization_requests and metadata.pushed_authorization_request_endpoint:
        request = _pushed(services, metadata, request, now)
    separator = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{separator}{urlencode(request)}"


def _pushed(services: Services, metadata: Metadata, request: dict[str, str], now: float) -> dict[str, str]:
    """Hand the request over behind the browser's back (RFC 9126 2)."""
    endpoint = metadata.pushed_authorization_request_endpoint
    reply = authenticated_post(services, endpoint, request, now)
    request_uri = (reply.body or {}).get("request_uri")
    if is_client_refused(reply):
        raise Misconfigured("client_refused", reason="Logto does not accept our client id and secret")
    if reply.status != 201 or not isinstance(request_uri, str):
        raise ProviderUnavailable(reason=f"the pushed authorization request was answered {reply.status}")
    return {"client_id": request["client_id"], "request_uri": request_uri}
