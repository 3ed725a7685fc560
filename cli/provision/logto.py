"""Logto's Management API: ask, and say what an answer means that is none."""

import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from cli.bounded import bounded
from cli.problems import Refused
from cli.provision.shapes import demand_shape
from cli.provision.tenant import SELF_HOSTED_RESOURCE, Tenant
from cli.terminal import in_one_line
from passerelle.settings import is_near

Json = dict[str, Any]

TIMEOUT = httpx.Timeout(15, connect=5)
ROLE = "Logto Management API access"
SCOPE = "all"
SHORTEST_SECRET = 12
"""What is shorter may be a word of the answer's own."""


class Management:
    """One tenant's API, with a token that is fetched when it is first needed; lives for one command."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._client = client_for(tenant.origin)
        self._token = ""

    def __enter__(self) -> "Management":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        """Read something; raises `Refused`."""
        answer = self._asked("GET", path, None)
        demand_shape(path, answer)
        return answer

    def post(self, path: str, body: Json) -> Any:
        """Make something; raises `Refused`."""
        return self._asked("POST", path, body)

    def patch(self, path: str, body: Json) -> Any:
        """Replace members of something, each as a whole; raises `Refused`."""
        return self._asked("PATCH", path, body)

    def _asked(self, method: str, path: str, body: Json | None) -> Any:
        self._token = self._token or fetch_token(self.tenant)
        headers = {"authorization": f"Bearer {self._token}"}
        url = f"{self.tenant.origin}/api{path}"
        answer = asked(self._client, "Logto", method, url, headers=headers, json=body)
        if not answer.is_success:
            refusal = _refusal(answer, f"{method} /api{path}", self.tenant)
            raise _without(refusal, [self._token, self.tenant.client_secret, *_texts(body)])
        return json_of(answer, "Logto's Management API")


def client_for(origin: str) -> httpx.Client:
    """Make a client; a proxy for the world outside is not asked for what is near."""
    is_far = not is_near(urlsplit(origin).hostname or "")
    return httpx.Client(timeout=TIMEOUT, trust_env=is_far, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # reading all authorities takes longer than most requests here


def asked(client: httpx.Client, whose: str, method: str, url: str, **content: Any) -> httpx.Response:
    """Send a request; raises `Refused` when there is no answer."""
    try:
        return bounded(client, method, url, **content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        unknown = "" if method == "GET" else ". Whether it was done is seen when this is run again"
        raise Refused(f"{whose} does not answer at {url}: {type(error).__name__}{unknown}") from None


def json_of(answer: httpx.Response, what: str) -> Any:
    """Return the answer's JSON; raises `Refused` when it is something else, such as somebody's page."""
    try:
        return answer.json()
    except ValueError:
        url = answer.request.url
        raise Refused(f"what answers at {url.scheme}://{url.netloc.decode()} is not {what}") from None


def member(answer: httpx.Response, name: str) -> str:
    """Return a member of an error's JSON, or nothing."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get(name) or "") if isinstance(body, dict) else ""


def fetch_token(tenant: Tenant) -> str:
    """Get a token for the Management API (RFC 6749 section 4.4); raises `Refused`."""
    form = {"grant_type": "client_credentials", "resource": tenant.resource, "scope": SCOPE}
    with client_for(tenant.token_endpoint) as client:
        who = (tenant.client_id, tenant.client_secret)
        answer = asked(client, "Logto's token endpoint", "POST", tenant.token_endpoint, data=form, auth=who)
    if not answer.is_success:
        raise Refused(_about_token(answer, tenant))
    # Without the role there is a token all the same, which the API then refuses.
    return member(answer, "access_token")


def _about_token(answer: httpx.Response, tenant: Tenant) -> str:
    error = member(answer, "error")
    if error == "invalid_client" or (answer.status_code == 401 and error):
        return (
            f"Logto does not know these credentials at {tenant.token_endpoint}: check LOGTO_M2M_ID and "
            "LOGTO_M2M_SECRET, and that the application is of this tenant"
        )
    if error == "invalid_target":
        return (
            f"this tenant has no Management API {tenant.resource}: set LOGTO_MANAGEMENT_RESOURCE to "
            f"https://TENANT.logto.app/api for Logto Cloud, or to {SELF_HOSTED_RESOURCE} for one of your own"
        )
    if not error:
        return (
            f"what answers at {tenant.token_endpoint} ({answer.status_code}) is not Logto's token endpoint: "
            "check the stack's LogtoIssuer, and LOGTO_ADMIN_ENDPOINT if it is set"
        )
    return f"Logto gives no token: {error} ({answer.status_code}) at {tenant.token_endpoint}"


def _no_role() -> Refused:
    return Refused(
        f'the machine-to-machine application may not manage the tenant: in Logto, give it the role "{ROLE}" '
        "(Applications, the application, Roles, Assign roles)"
    )


def _refusal(answer: httpx.Response, asked: str, tenant: Tenant) -> Refused:
    code, status = member(answer, "code"), answer.status_code
    if status == 401:
        return Refused(
            f"Logto takes no token for {tenant.resource} at {tenant.origin}: check "
            "LOGTO_MANAGEMENT_RESOURCE, and LOGTO_ADMIN_ENDPOINT if it is set: is it the same Logto's?"
        )
    if code == "auth.forbidden" or (status == 403 and not code):
        return _no_role()
    if code.endswith("limit_exceeded"):
        return Refused(f"the tenant's plan at Logto does not allow one more ({asked}): {code}")
    # Not `data`, which repeats what was sent.
    said = ": ".join(filter(None, [code, in_one_line(member(answer, "message")[:300])]))
    return Refused(f"Logto answered {status} to {asked}" + (f": {said}" if said else ""))


def _without(refusal: Refused, values: list[str]) -> Refused:
    """Take out what was sent, which some answers quote: a connector's is a secret."""
    said = str(refusal)
    for value in sorted(filter(lambda each: len(each) >= SHORTEST_SECRET, values), key=len, reverse=True):
        said = said.replace(value, "…")
    return Refused(said)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (value, value.removeprefix("Bearer "))
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
