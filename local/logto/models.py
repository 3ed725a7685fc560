"""What Logto remembers. Methods that only Authlib calls keep Authlib's names."""

from dataclasses import dataclass, field
from typing import Any

from local.logto.tenant import Client


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
