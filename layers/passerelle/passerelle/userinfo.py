"""What the provider tells of a user beside the ID token (OpenID Connect Core 1.0, 5.3)."""

from typing import Any

from passerelle.oidc.token import checked_userinfo
from passerelle.services import Services

Claims = dict[str, Any]


def with_userinfo(services: Services, claims: Claims, access_token: str, now: float) -> Claims:
    """Add to an ID token's claims what it leaves out, where the settings say so.

    Raises `SignInRefused` for the claims of somebody else (5.3.2), and `ProviderUnavailable`.
    """
    told = {name: value for name, value in claims.items() if value is not None}
    endpoint = services.discovery.metadata(now).userinfo_endpoint
    if not services.settings.userinfo or not endpoint:
        return told
    return {**checked_userinfo(services.provider.get(endpoint, access_token), claims["sub"]), **told}
