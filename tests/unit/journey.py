"""The steps of a sign-in, against doubles."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from passerelle import callback, login
from passerelle.ports import Reply
from tests.support.doubles import BASE_URL, ISSUER, NOW, Call, World, make_world
from tests.unit.signing import ACCESS_TOKEN, IssuerKey, good_claims

JWKS, TOKEN, REVOCATION = f"{ISSUER}/jwks", f"{ISSUER}/token", f"{ISSUER}/token/revocation"
KEY = IssuerKey("ES384")


class Logto:
    """A token endpoint that signs what the attempt expects; tests bend it."""

    def __init__(self) -> None:
        self.key = KEY
        self.published = [KEY]
        self.changes: dict[str, Any] = {}
        self.nonce = ""

    def keys(self, _: Call) -> Reply:
        return Reply(200, {"keys": [key.jwk for key in self.published]})

    def token(self, _: Call) -> Reply:
        body = {
            "access_token": ACCESS_TOKEN,
            "id_token": self.key.sign(good_claims(**{"nonce": self.nonce, **self.changes})),
            "refresh_token": "the-refresh-token",
            "expires_in": 3600,
            "token_type": "Bearer",
        }
        return Reply(200, body)


class Away(NamedTuple):
    """A browser that was sent to Logto: what it holds, and the query that will bring it back."""

    cookies: dict[str, str]
    request: dict[str, str]
    cookie: str

    def answer(self, **changed: str | None) -> str:
        answer = {"state": self.request["state"], "iss": ISSUER, "code": "the-code"} | changed
        return urlencode({name: value for name, value in answer.items() if value is not None})


USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def make_signing_world(**more: Any) -> tuple[World, Logto]:
    """A world with a Logto in it."""
    logto = Logto()
    return make_world({JWKS: logto.keys, TOKEN: logto.token, REVOCATION: Reply(200, {})}, **more), logto


def begin(
    world: World,
    logto: Logto | None = None,
    query: str = "",
    cookies: Mapping[str, str] = {},
    now: float = NOW,
) -> Away:
    """`GET /login`; Logto learns the nonce."""
    started = login.start(world.services, query, cookies, BASE_URL, now)
    request = {name: value for name, [value] in parse_qs(urlsplit(started.location).query).items()}
    if logto and "nonce" in request:
        logto.nonce = request["nonce"]
    held = {name: value for name, value in cookies.items() if name not in started.surplus}
    return Away({**held, started.cookie: started.sealed_attempt}, request, started.cookie)


def come_back(world: World, away: Away, now: float = NOW, **changed: str | None) -> callback.Returned:
    """`GET /callback`."""
    arrival = callback.Arrival(away.answer(**changed), away.cookies, BASE_URL, USER_AGENT)
    return callback.finish(world.services, arrival, now)


def sign_in(world: World, logto: Logto, **more: Any) -> callback.Returned:
    """Both."""
    return come_back(world, begin(world, logto, **more))
