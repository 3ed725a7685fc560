"""Back-channel logout: Logto tells the applications that a browser has signed out."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from local.logto.keys import CURVES, SigningKey, algorithm, seal
from local.logto.models import Session
from local.logto.outgoing import Delivery, post
from local.logto.state import opaque
from local.logto.tenant import Client

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME = 120
TIMEOUT = 2.5
HEADERS = {
    "connection": "keep-alive",
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": "",
    "accept": "*/*",
    "accept-language": "*",
    "sec-fetch-mode": "cors",
    "accept-encoding": "gzip, deflate",
}
IN_HEADER = {"alg", "kid", "typ", "cty", "crit", "b64", "jwk", "jku", "x5c", "x5u"}

Json = dict[str, Any]


class BackChannel:
    """OpenID Connect Back-Channel Logout 1.0, the provider's side."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def sign_out(self, session: Session) -> None:
        """Tell every application that has a session in this browser, all at once; answers change nothing."""
        clients = [self.logto.clients.get(client_id) for client_id in list(session.sids)]
        told = [client for client in clients if client and client.backchannel_logout_uri]
        if told:
            with ThreadPoolExecutor(len(told)) as pool:
                list(pool.map(lambda client: self._tell(client, session), told))

    def send(self, client: Client, token: str) -> Delivery:
        """Post a logout token to the application, once."""
        if client.backchannel_logout_uri is None:
            raise ValueError(f"{client.id} has no backchannel_logout_uri")
        form = {"logout_token": token} | self.logto.dialect.logout_form
        delivery = post(client.backchannel_logout_uri, HEADERS, urlencode(form).encode(), TIMEOUT)
        self.logto.backchannel.append(delivery)
        return delivery

    def token(self, client_id: str, sub: str | None, sid: str | None, changes: Json) -> str:
        """Make a logout token (section 2.4) with something else in header or claims; None takes it out."""
        key, changes = changes.get("key"), {name: changes[name] for name in changes if name != "key"}
        alg = changes.get("alg", algorithm(key or self.logto.keys.current))
        key = self._key(client_id, alg, key)
        kid = getattr(key, "kid", None) or self.logto.keys.current.kid
        header = {"alg": alg, "typ": self.logto.dialect.logout_typ, "kid": kid}
        claims = self._claims(client_id, sub, sid)
        for name, value in changes.items():
            (header if name in IN_HEADER else claims)[name] = value
        return seal(_without_none(header), _without_none(claims), key)

    def _tell(self, client: Client, session: Session) -> None:
        sid = session.sids[client.id] if client.knows_sessions else None
        self.send(client, self.token(client.id, session.user_id, sid, self.logto.misbehave.logout_token))

    def _claims(self, client_id: str, sub: str | None, sid: str | None) -> Json:
        now = int(self.logto.clock())
        claims: Json = {"sub": sub, "events": {EVENT: {}}, "jti": opaque(), "sid": sid, "aud": client_id}
        return claims | {"exp": now + LIFETIME, "iat": now, "iss": self.logto.issuer}

    def _key(self, client_id: str, alg: object, key: SigningKey | bytes | None) -> SigningKey | bytes | None:
        """Return what signs with the algorithm; nothing does if it is `none` or unknown."""
        if key is not None or not isinstance(alg, str):
            return key
        if alg in {"HS256", "HS384", "HS512"}:
            return self.logto.clients[client_id].secret.encode()
        return self.logto.keys.able_to(alg) if alg in CURVES or alg[:2] in {"RS", "PS"} else None


def _without_none(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}
