"""Come back from Logto: `GET /callback`, in the order of OpenID Connect Core 1.0, 3.1.2.7 and 3.1.3."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from passerelle import audit, log, metrics
from passerelle.attempts import LIFETIME_SECONDS, Attempt, find_attempt
from passerelle.client import authenticated_post
from passerelle.devices import browser_of, system_of
from passerelle.discovery import Keys
from passerelle.errors import PasserelleError, SignInRefused, StoreUnavailable, Unavailable, error_of
from passerelle.identity import judge_fresh_token
from passerelle.kept import fetch_ahead
from passerelle.log import discreet
from passerelle.login import counted, redirect_uri
from passerelle.oidc.authorization import authorization_code, single_parameters
from passerelle.oidc.id_token import Expected, verified_claims
from passerelle.oidc.metadata import Metadata
from passerelle.oidc.token import Tokens, checked_tokens, code_exchange
from passerelle.revocation import revoke_tokens
from passerelle.services import Services
from passerelle.sessions import (
    COOKIE,
    Handle,
    live_session,
    new_session,
    parse_cookie,
    partition,
    sessions_ended,
)
from passerelle.userinfo import with_userinfo

WAIT_SECONDS = 8.0
"""How long a request that lost the race waits for the one that won it."""

_POLL_SECONDS = 0.2


@discreet
class Returned(NamedTuple):
    """Where the browser goes, its session cookie, and the attempt's cookie, which has had its day."""

    location: str
    session_cookie: str
    spent_cookie: str


class Arrival(NamedTuple):
    """What the browser brings."""

    query: str
    cookies: Mapping[str, str]
    base_url: str
    user_agent: str = ""


def finish(services: Services, arrival: Arrival, now: float) -> Returned:
    """Turn an authorization response into a session, once.

    A double click and a reload land signed in: the request that lost the mark waits for the winner's result
    and sets the same cookie. Raises `SignInRefused` and its kin, `Unavailable`, `Misconfigured`.
    """
    parameters = single_parameters(arrival.query)
    fetch_ahead(now, services.discovery, services.secrets.client)
    try:
        attempt = find_attempt(parameters.get("state", ""), arrival.cookies, services.secrets.keys, now)
    except SignInRefused:
        if live := live_session(services, arrival.cookies.get(COOKIE), now):
            # The attempt was finished before: back button, or a reload after its cookie was dropped.
            return Returned("/", live.handle.cookie_value, "")
        raise
    try:
        handle = _settle(services, parameters, attempt, arrival, now)
    except PasserelleError as error:
        error.retry = "/login?" + urlencode({"return_to": attempt.return_to})
        raise
    return Returned(attempt.return_to, handle.cookie_value, attempt.cookie)


def _settle(
    services: Services,
    parameters: Mapping[str, str],
    attempt: Attempt,
    arrival: Arrival,
    now: float,
) -> Handle:
    metadata = services.discovery.metadata(now)
    code = authorization_code(parameters, state=attempt.state, metadata=metadata)
    attempt = attempt.bound_to(code)
    # Before the exchange: Logto answers the second use of a code by revoking what the first one brought.
    if not services.store.mark_attempt(attempt.fingerprint, attempt.started_at + 2 * LIFETIME_SECONDS):
        return _winners_session(services, attempt)
    try:
        tokens = _exchange(services, metadata, attempt, code, arrival.base_url, now)
        claims = _verify(services, attempt, tokens, now)
        return _store_session(services, attempt, claims, tokens, arrival, now)
    except Exception as error:
        _note_failure(services, attempt, error)
        raise


def _exchange(
    services: Services, metadata: Metadata, attempt: Attempt, code: str, base_url: str, now: float
) -> Tokens:
    form = code_exchange(code, redirect_uri(base_url), attempt.verifier)
    return checked_tokens(authenticated_post(services, metadata.token_endpoint, form, now))


def _verify(services: Services, attempt: Attempt, tokens: Tokens, now: float) -> dict[str, Any]:
    client_id = services.secrets.client.get(now).client_id

    def judge(metadata: Metadata, keys: Keys, algorithms: tuple[str, ...]) -> dict[str, Any]:
        expected = Expected(
            issuer=metadata.issuer,
            client_id=client_id,
            nonce=attempt.nonce,
            algorithms=algorithms,
            access_token=tokens.access_token,
            max_age=attempt.max_age,
            authenticated_after=attempt.started_at if attempt.asks_login else None,
        )
        return verified_claims(tokens.unverified_id_token, keys, expected, now)

    claims = judge_fresh_token(services, judge, now)
    return with_userinfo(services, claims, tokens.access_token, now)


def _store_session(
    services: Services,
    attempt: Attempt,
    claims: dict[str, Any],
    tokens: Tokens,
    arrival: Arrival,
    now: float,
) -> Handle:
    user = partition(services.secrets.keys.get(now), services.settings.issuer, claims["sub"])
    handle = Handle(user, attempt.session_secret)
    # The session that this browser had before ends here only. At Logto both share one grant, and revoking
    # the old refresh token would take the new one with it.
    old = parse_cookie(arrival.cookies.get(COOKIE))
    device = browser_of(arrival.user_agent), system_of(arrival.user_agent)
    began = services.store.finish_attempt(
        attempt.fingerprint,
        new_session(services, handle, claims, tokens, device, now),
        replaces=(old.user, old.id) if old else None,
    )
    if not began:
        revoke_tokens(services, tokens, now)
        error = SignInRefused("ended_meanwhile", reason="the user's sessions were ended while this one began")
        error.about = {"who": user}
        raise error
    told = metrics.together(counted("finished"), sessions_ended("replaced") if old else {})
    audit.note("sign_in_finished", "finished", who=user, session=handle.id, counted=told)
    return handle


def _winners_session(services: Services, attempt: Attempt) -> Handle:
    deadline = services.clock.now() + WAIT_SECONDS
    while (outcome := services.store.attempt_outcome(attempt.fingerprint)) is None:
        if services.clock.now() >= deadline:
            raise Unavailable("sign_in_unfinished", reason="the request that took the attempt did not end")
        services.clock.sleep(_POLL_SECONDS)
    if outcome.error:
        raise error_of(outcome.error, outcome.status)
    handle = Handle(outcome.user, attempt.session_secret)
    if handle.id != outcome.session:
        raise SignInRefused("code_refused", reason="not the code that this attempt was settled with")
    return handle


def _note_failure(services: Services, attempt: Attempt, error: Exception) -> None:
    """Tell the requests that wait for this attempt; they find out by waiting when even that fails."""
    known = error if isinstance(error, PasserelleError) else PasserelleError()
    if isinstance(error, StoreUnavailable):
        return  # there is no time left to try the same thing twice
    try:
        services.store.fail_attempt(attempt.fingerprint, known.code, known.status)
    except Unavailable:
        log.warning("attempt_failure_not_noted")
