"""Logto: what it publishes, whether it knows us, and whether it sends browsers back to us. It keeps no trace.

Nothing here makes a session, an interaction or an entry in Logto's audit log: a request to the token endpoint
would make one of the last each time. Revoking a value that never was a token asks for the client's
authentication first (RFC 7009 2.1) and then does nothing.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

from passerelle.health.facts import Facts
from passerelle.health.findings import Finding, Found
from passerelle.health.ports import Seen, Unanswered
from passerelle.keys import encode
from passerelle.login import redirect_uri
from passerelle.oidc.id_token import LEEWAY_SECONDS
from passerelle.oidc.jws import has_usable_key
from passerelle.oidc.metadata import Metadata
from passerelle.oidc.token import is_client_refused
from passerelle.ports import Reply
from passerelle.settings import ASYMMETRIC_ALGORITHMS

NO_TOKEN = "passerelle-health-check"  # noqa: S105
"""Shorter than every token of Logto's, so that it never is one."""

_CHALLENGE = encode(bytes(32))
_AS_ASKED = {"login_required", "consent_required", "interaction_required", "account_selection_required"}
"""What `prompt=none` comes to without a session (OpenID Connect Core 1.0, 3.1.2.6)."""

_ERROR_CODE = re.compile(r"[a-z_]{1,64}")


def published(facts: Facts) -> Iterator[Finding]:
    """Look at metadata, keys and clock (OpenID Connect Discovery 1.0, 4.3)."""
    metadata, ahead = facts.discovered.get()
    settings = facts.instruments.settings
    if ahead is not None and abs(ahead) > LEEWAY_SECONDS:
        yield Finding("clock_differs", f"{ahead:+.0f} s")
    if settings.pushed_authorization_requests and not metadata.pushed_authorization_request_endpoint:
        yield Finding("par_not_offered")
    offered = metadata.id_token_signing_alg_values_supported
    accepted = [each for each in offered if each in (settings.id_token_algorithms or ASYMMETRIC_ALGORITHMS)]
    if not accepted:
        raise Found("logto", "algorithms_refused", " ".join(offered) if _are_names(offered) else "")
    keys = facts.asked_logto("logto", metadata.jwks_uri)
    if keys.status != 200:
        raise Found("logto", "logto_answers_error", str(keys.status))
    listed = keys.body.get("keys")
    given = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
    if not has_usable_key(given, accepted):
        yield Finding("keys_unusable", " ".join(accepted))


def client(facts: Facts) -> Iterator[Finding]:
    """See whether Logto accepts our client id and secret."""
    credentials = facts.client()
    endpoint = facts.discovered.get().metadata.revocation_endpoint
    if not endpoint:
        raise Found("client", "client_uncheckable")
    seen = _posted(facts, endpoint, credentials.client_id, credentials.client_secret)
    if is_client_refused(Reply(seen.status, seen.body)):
        yield Finding("client_refused")
    elif seen.status != 200:
        yield Finding("logto_answers_error", str(seen.status))


def sent_back(facts: Facts) -> Iterator[Finding]:
    """See whether Logto would send browsers back to us.

    With `prompt=none` and no cookie the answer is an error, sent to the redirect URI if that is registered.
    """
    base_url = facts.instruments.base_url
    if not base_url:
        raise Found("redirect_uri", "public_url_unknown")
    uri = redirect_uri(base_url)
    url = _without_prompt(facts.discovered.get().metadata, facts.client().client_id, uri)
    seen = facts.asked_logto("redirect_uri", url)
    error = _error_in(seen, uri)
    if error in _AS_ASKED:
        return
    if error == "invalid_redirect_uri":
        yield Finding("redirect_uri_unregistered", uri)
    elif error == "invalid_client":
        yield Finding("client_unknown")
    else:
        yield Finding("authorization_refused", error or str(seen.status))


def _posted(facts: Facts, url: str, client_id: str, client_secret: str) -> Seen:
    from urllib.parse import quote_plus

    try:  # Both parts form-encoded first (RFC 6749 2.3.1).
        user, password = quote_plus(client_id), quote_plus(client_secret)
        return facts.instruments.web.post(url, {"token": NO_TOKEN}, user, password)
    except Unanswered as error:
        raise Found("client", "logto_unreachable", more={"cause": str(error)}) from None


def _without_prompt(metadata: Metadata, client_id: str, uri: str) -> str:
    request = {
        "client_id": client_id,
        "redirect_uri": uri,
        "response_type": "code",
        "scope": "openid",
        "prompt": "none",
        "state": NO_TOKEN,
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{separator}{urlencode(request)}"


def _error_in(seen: Seen, uri: str) -> str:
    """Return the error that came, in the body or on the way to our redirect URI."""
    location = seen.headers.get("location", "")
    if location.startswith(f"{uri}?"):
        said = parse_qs(urlsplit(location).query).get("error", [""])[0]
    else:
        said = str(seen.body.get("error") or seen.body.get("code", "")).removeprefix("oidc.")
    return said if _ERROR_CODE.fullmatch(said) else ""


def _are_names(texts: tuple[str, ...]) -> bool:
    return len(texts) <= 20 and all(re.fullmatch(r"[A-Za-z0-9]{1,16}", text) for text in texts)
