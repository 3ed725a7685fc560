"""What Logto remembers. Methods that only Authlib calls keep Authlib's names."""

import hmac
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Client:
    """A registered application: confidential, first-party, with the code and refresh token grants."""

    id: str
    secret: str = field(repr=False)
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    other_secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def knows_sessions(self) -> bool:
        """Tell whether its tokens name the session with a `sid` (Back-Channel Logout 1.0 section 2.2)."""
        return bool(self.backchannel_logout_uri) and self.backchannel_logout_session_required

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether the URI is registered, character by character (OIDC Core 3.1.2.1)."""
        return redirect_uri in self.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether this client may use the response type."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether this client may use the grant type."""
        return grant_type in {"authorization_code", "refresh_token"}

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether this client may authenticate in this way; Logto takes both kinds of secret."""
        return method in {"client_secret_basic", "client_secret_post"}

    def check_client_secret(self, secret: str) -> bool:
        """Compare with each secret in constant time: Logto lets an application have several."""
        own = (self.secret, *self.other_secrets)
        return sum(hmac.compare_digest(each.encode(), secret.encode()) for each in own) > 0

    def get_allowed_scope(self, scope: str) -> str:
        """Allow what is asked: the authorization endpoint has already dropped what Logto does not grant."""
        return scope


@dataclass
class User:
    """A person, known by an e-mail address. Times are in milliseconds, as everywhere in Logto."""

    id: str
    email: str
    created_at: int
    updated_at: int
    name: str | None = None
    username: str | None = None
    picture: str | None = None
    last_sign_in_at: int | None = None
    suspended: bool = False

    def claims(self, scope: str) -> dict[str, Any]:
        """Return the claims that the scopes ask for (OIDC Core 5.4); what is not set is null, not absent."""
        scopes = scope.split()
        claims: dict[str, Any] = {"sub": self.id}
        if "profile" in scopes:
            claims |= {"name": self.name, "picture": self.picture, "updated_at": self.updated_at}
            claims |= {"username": self.username, "created_at": self.created_at}
        if "email" in scopes:
            claims |= {"email": self.email, "email_verified": True}
        return claims

    def as_json(self) -> dict[str, Any]:
        """Return what the Management API and the webhooks show."""
        return {
            "id": self.id,
            "username": self.username,
            "primaryEmail": self.email,
            "primaryPhone": None,
            "name": self.name,
            "avatar": self.picture,
            "customData": {},
            "identities": {},
            "lastSignInAt": self.last_sign_in_at,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "profile": {},
            "isSuspended": self.suspended,
        }


@dataclass
class Grant:
    """What a person gave one application in one browser session; every token hangs on one."""

    id: str
    client_id: str
    user_id: str
    sid: str
    scopes: set[str] = field(default_factory=set)
    revoked: bool = False

    @property
    def survives_logout(self) -> bool:
        """Tell whether it is for access while nobody is there (OIDC Core 11)."""
        return "offline_access" in self.scopes


@dataclass
class Session:
    """One browser that is signed in; `sids` names it to each application in other words."""

    id: str
    user_id: str
    auth_time: float
    expires_at: float
    grants: dict[str, Grant] = field(default_factory=dict)
    sids: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Credential:
    """A random value that stands for a grant."""

    value: str
    grant: Grant
    scope: str
    nonce: str | None
    auth_time: int | None
    issued_at: float
    expires_at: float

    def check_client(self, client: Client) -> bool:
        """Tell whether it was issued to this client."""
        return self.grant.client_id == client.id

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.scope


@dataclass(kw_only=True)
class Code(Credential):
    """An authorization code (RFC 6749 section 4.1.2) with its PKCE challenge (RFC 7636)."""

    redirect_uri: str
    code_challenge: str | None
    code_challenge_method: str | None
    used: bool = False

    def get_redirect_uri(self) -> str:
        """Return the URI that the token request has to repeat."""
        return self.redirect_uri


@dataclass(kw_only=True)
class AccessToken(Credential):
    """An opaque access token, good for userinfo."""


@dataclass(kw_only=True)
class RefreshToken(Credential):
    """A refresh token; `rotated_at` says when a successor was first issued."""

    rotated_at: float | None = None


@dataclass
class Verification:
    """A six-digit code on its way to an e-mail address."""

    kind: str
    email: str
    code: str
    expires_at: float
    wrong_tries: int = 0


@dataclass
class Interaction:
    """One authorization request while its person is on the sign-in pages."""

    id: str
    client: Client
    params: dict[str, str]
    extra: dict[str, str]
    expires_at: float
    verification: Verification | None = None
    user: User | None = None


@dataclass(frozen=True)
class PushedRequest:
    """Authorization parameters deposited beforehand (RFC 9126)."""

    client_id: str
    params: dict[str, str]
    expires_at: float


@dataclass(frozen=True)
class PendingLogout:
    """A logout that the browser has yet to confirm."""

    session_id: str | None
    redirect_to: str | None
