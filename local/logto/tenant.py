"""What a tenant is made of. Methods that only Authlib calls keep Authlib's names."""

import hmac
import secrets
import string
from dataclasses import dataclass, field
from typing import Any

DEFAULT_SECRET = "Default secret"  # noqa: S105
CONFIDENTIAL = ("Traditional", "MachineToMachine", "Protected")
MACHINE = "MachineToMachine"

Json = dict[str, Any]


def new_id(length: int = 21) -> str:
    """Return a random id of lower-case letters and digits."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


@dataclass(frozen=True)
class Secret:
    """One of an application's secrets; times are in milliseconds, one that never ends has none."""

    value: str = field(repr=False)
    name: str = ""
    created_at: int = 0
    expires_at: int | None = None


@dataclass(frozen=True)
class Client:
    """A registered application; people sign in to the confidential, first-party "Traditional" ones alone.

    `secret` is the one named "Default secret", empty if that has been deleted. `is_admin` gives an
    application of machines the role that opens the Management API.
    """

    id: str
    secret: str = field(repr=False)
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool | None = False
    other_secrets: tuple[Secret, ...] = field(default=(), repr=False)
    type: str = "Traditional"
    description: str | None = None
    is_third_party: bool = False
    is_admin: bool = False
    logo_uri: str | None = None
    custom_client_metadata: Json = field(default_factory=dict)
    custom_data: Json = field(default_factory=dict)
    created_at: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Its secrets, each of which will do."""
        own = (Secret(self.secret, DEFAULT_SECRET, self.created_at),) if self.secret else ()
        return own + self.other_secrets

    @property
    def knows_sessions(self) -> bool:
        """Tell whether its tokens name the session with a `sid` (Back-Channel Logout 1.0 section 2.2)."""
        return bool(self.backchannel_logout_uri and self.backchannel_logout_session_required)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether the URI is registered, character by character (OIDC Core 3.1.2.1)."""
        return redirect_uri in self.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether this client may use the response type."""
        return self.type == "Traditional" and response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether this client may use the grant type."""
        if self.type == MACHINE:
            return grant_type == "client_credentials"
        return self.type == "Traditional" and grant_type in {"authorization_code", "refresh_token"}

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether this client may authenticate in this way; Logto takes both kinds of secret."""
        return method in {"client_secret_basic", "client_secret_post"}

    def check_client_secret(self, secret: str) -> bool:
        """Compare with each secret in constant time: Logto lets an application have several."""
        return sum(hmac.compare_digest(each.value.encode(), secret.encode()) for each in self.secrets) > 0

    def has_expired(self, secret: str, now: float) -> bool:
        """Tell whether this is a secret of its own that has ended."""
        ended = [each for each in self.secrets if each.expires_at and each.expires_at < now * 1000]
        return sum(hmac.compare_digest(each.value.encode(), secret.encode()) for each in ended) > 0

    def get_allowed_scope(self, scope: str) -> str:
        """Allow what is asked: the authorization endpoint has already dropped what Logto does not grant."""
        return scope


@dataclass
class Connector:
    """A connector; `connector_id` is that of its factory, of which it has the `config`."""

    id: str
    connector_id: str
    config: Json = field(default_factory=dict, repr=False)
    metadata: Json = field(default_factory=dict)
    sync_profile: bool = False
    enable_token_storage: bool = False
    created_at: int = 0


@dataclass
class Hook:
    """A webhook; `config` holds its `url`, and perhaps `headers`. `event` is an older form of `events`."""

    id: str
    name: str
    events: list[str]
    config: Json
    signing_key: str = field(repr=False)
    enabled: bool = True
    event: str | None = None
    created_at: int = 0

    def wants(self, event: str) -> bool:
        """Tell whether it is to be told of this."""
        return self.enabled and (event in self.events if self.events else event == self.event)
