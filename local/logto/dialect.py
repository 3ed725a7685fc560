"""What the standards leave open, and how a provider decides it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.logto.keys import KeyKind

Json = dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """One provider's ways.

    `keys` are the kind of its current key and the algorithms that it has other keys for. `algorithms` is what
    discovery lists, if that is not simply what the keys can do. `logout_form` comes beside the logout token.
    """

    keys: tuple[KeyKind, tuple[str, ...]]
    algorithms: tuple[str, ...] | None
    profile_in_id_token: bool
    userinfo: Callable[[Json], Json]
    logout_typ: str | None
    logout_form: dict[str, str]


def _standard(claims: Json) -> Json:
    """Return the claims as OIDC Core 5.1 has them: in seconds, and what is not known is absent."""
    known = {name: value for name, value in claims.items() if value is not None}
    if "updated_at" in known:
        known["updated_at"] //= 1000
    return {name: value for name, value in known.items() if name not in {"created_at", "username"}}


LOGTO = Dialect(
    keys=("EC", ()),
    algorithms=None,
    profile_in_id_token=True,
    userinfo=lambda claims: claims,
    logout_typ="logout+jwt",
    logout_form={},
)

_SIGNATURES = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES256K",
    "ES384",
    "ES512",
    "EdDSA",
)
FOUNDATION = Dialect(
    keys=("RSA", ("ES256",)),
    algorithms=("none", *_SIGNATURES),
    profile_in_id_token=False,
    userinfo=_standard,
    logout_typ=None,
    # Section 2.5: an application has to ignore what it does not know.
    logout_form={"ignored_parameter": "to be ignored"},
)
"""The provider that the OpenID Foundation's conformance suite plays: RS256, and claims at userinfo alone."""
