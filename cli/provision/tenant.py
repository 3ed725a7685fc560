"""Which tenant of Logto, and with whose credentials."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from cli.problems import Problem
from cli.provision.prompts import ask, ask_secret, is_somebody_there
from passerelle.log import discreet
from passerelle.settings import is_near

SELF_HOSTED_RESOURCE = "https://default.logto.app/api"
"""Of every Logto that one hosts oneself, wherever it is."""

CLOUD = ".logto.app"
ADMIN_PORT = 3002

WHO = """\
who asks at Logto, from the environment, .env in this folder, or a prompt; never an argument:
  LOGTO_M2M_ID, LOGTO_M2M_SECRET
                  a machine-to-machine application with the role "Logto Management API access";
                  docs/provision.md says how to make it
  LOGTO_MANAGEMENT_RESOURCE
                  https://TENANT.logto.app/api, for a tenant of Logto Cloud that has a domain of its own;
                  else it is known
  LOGTO_ADMIN_ENDPOINT
                  for a self-hosted Logto, when the application is its own m-default, which gets its tokens
                  at the admin endpoint; on this machine port 3002 is assumed
"""


@discreet
class Tenant(NamedTuple):
    """A tenant, and an application that may manage it."""

    origin: str
    """`/api/…` is appended to it."""
    resource: str
    """Names the tenant's Management API (RFC 8707)."""
    token_endpoint: str
    client_id: str
    client_secret: str

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        kind = "self-hosted" if self.resource == SELF_HOSTED_RESOURCE else "Cloud"
        return f"{self.origin} ({kind}, Management API {self.resource})"

    def is_same(self, origin: str, resource: str) -> bool:
        """Tell whether it is that one: a tenant of Logto Cloud may be reached by two names."""
        return resource == self.resource and (resource != SELF_HOSTED_RESOURCE or origin == self.origin)


def find_tenant(issuer: str, variables: Mapping[str, str]) -> Tenant:
    """Find the tenant of an issuer; raises `Problem`.

    The credentials go to the issuer's own host, or to the one that the operator names, and nowhere else.
    """
    parts = urlsplit(issuer)
    host = parts.hostname or ""
    if parts.scheme != "https" and not is_near(host):
        raise Problem(f"the issuer {issuer} is on http: no secret is sent there. Give Logto https")
    default = f"https://{host}/api" if host.endswith(CLOUD) else SELF_HOSTED_RESOURCE
    client_id, client_secret = _credentials(variables)
    return Tenant(
        origin=f"{parts.scheme}://{parts.netloc}",
        resource=variables.get("LOGTO_MANAGEMENT_RESOURCE", default),
        token_endpoint=_token_endpoint(issuer, client_id, variables.get("LOGTO_ADMIN_ENDPOINT", "")),
        client_id=client_id,
        client_secret=client_secret,
    )


def _token_endpoint(issuer: str, client_id: str, admin: str) -> str:
    if admin:
        return f"{admin.rstrip('/').removesuffix('/oidc')}/oidc/token"
    # Only what Logto itself has made in its admin tenant has a hyphen in its id.
    if not client_id.startswith("m-"):
        return f"{issuer.rstrip('/')}/token"
    host = urlsplit(issuer).hostname or ""
    if not is_near(host):
        raise Problem(
            f"{client_id} gets its tokens at Logto's admin endpoint: set LOGTO_ADMIN_ENDPOINT, for example "
            "https://logto-admin.example.com"
        )
    return f"http://{host}:{ADMIN_PORT}/oidc/token"


def _credentials(variables: Mapping[str, str]) -> tuple[str, str]:
    client_id, secret = variables.get("LOGTO_M2M_ID", ""), variables.get("LOGTO_M2M_SECRET", "")
    missing = [name for name in ("LOGTO_M2M_ID", "LOGTO_M2M_SECRET") if name not in variables]
    if missing and not is_somebody_there():
        raise Problem(
            f"{' and '.join(missing)} missing: the id and secret of a machine-to-machine application with "
            'the role "Logto Management API access", in the environment or in .env (docs/provision.md)'
        )
    return (
        client_id or ask("Logto: App ID of the machine-to-machine application"),
        secret or ask_secret("Logto: its App secret"),
    )
