"""The two grants, each with Logto's rules on top of Authlib's."""

# Authlib has no types; its base classes are Any for mypy.
# mypy: disable-error-code="misc"

from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.errors import RequestNotSupportedError

from local.logto.id_token import issue_id_token
from local.logto.models import Code, RefreshToken, User
from local.logto.state import State
from local.logto.tenant import Client

CODE_LIFETIME = 60
CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class CodeGrant(AuthorizationCodeGrant):
    """RFC 6749 section 4.1; the `user` of an authorization request is the browser's session."""

    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS
    AUTHORIZATION_CODE_LENGTH = 43

    @property
    def state(self) -> State:
        """The server's tables."""
        return self.server.logto.state  # type: ignore[no-any-return]

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Remember the code and what the token request has to match; `auth_time` only if `max_age` came."""
        session, asked, now = request.user, request.payload.data, self.state.clock()
        self.state.codes[code] = Code(
            value=code,
            grant=self.state.grant_for(session, request.client.id, request.scope),
            scope=request.scope,
            nonce=asked.get("nonce"),
            auth_time=int(session.auth_time) if "max_age" in asked else None,
            issued_at=now,
            expires_at=now + CODE_LIFETIME,
            redirect_uri=asked["redirect_uri"],
            code_challenge=asked.get("code_challenge"),
            code_challenge_method=asked.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Return the code if it is live and this client's, used or not."""
        found = self.state.codes.get(code)
        return found if found and self.state.alive(found) and found.check_client(client) else None

    def create_token_response(self) -> Any:
        """Use the code first, so that of two simultaneous requests one at most gets tokens."""
        if not self.state.consume(self.request.authorization_code):
            raise InvalidGrantError
        return super().create_token_response()

    def authenticate_user(self, code: Code) -> User | None:
        """Return whose code it is."""
        return self.state.users.get(code.grant.user_id)

    def delete_authorization_code(self, code: Code) -> None:
        """Keep it: a second use has to be recognised as one."""


class RefreshGrant(RefreshTokenGrant):
    """RFC 6749 section 6."""

    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_AUTH_METHODS

    def authenticate_refresh_token(self, value: str) -> RefreshToken | None:
        """Return the token if it may be used."""
        return self.server.logto.state.refreshable(value)  # type: ignore[no-any-return]

    def authenticate_user(self, token: RefreshToken) -> User | None:
        """Return whose token it is."""
        return self.server.logto.state.users.get(token.grant.user_id)  # type: ignore[no-any-return]

    def issue_token(self, user: User, token: RefreshToken) -> dict[str, Any]:
        """Issue an access token, with a new refresh token late in the old one's life, else with the same."""
        logto = self.server.logto
        self.INCLUDE_NEW_REFRESH_TOKEN = logto.state.rotates(token, always=logto.misbehave.rotate_always)
        issued: dict[str, Any] = super().issue_token(user, token)
        issued.setdefault("refresh_token", token.value)
        return issued

    def revoke_old_credential(self, token: RefreshToken) -> None:
        """Leave it: a replaced token has its seconds of leeway."""


class S256Only(CodeChallenge):
    """RFC 7636, optional but enforced when begun; `plain`, also by omission (section 4.3), is refused."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse a challenge without its method after Authlib's own checks."""
        super().validate_code_challenge(grant, redirect_uri)
        asked = grant.request.payload.data
        if asked.get("code_challenge") and not asked.get("code_challenge_method"):
            raise InvalidRequestError("not supported value of code_challenge_method")


class LogtoRules:
    """What Logto refuses of an authorization request beyond RFC 6749."""

    def __call__(self, grant: CodeGrant) -> None:
        """Join the grant's own checks."""
        grant.register_hook("after_validate_authorization_request_payload", self.check)

    def check(self, grant: CodeGrant, _result: None) -> None:
        """Refuse unknown prompts, request objects, other response modes and a `max_age` that is no number."""
        asked = grant.request.payload.data
        if set(asked.get("prompt", "").split()) - {"none", "login", "consent"}:
            raise InvalidRequestError("unsupported prompt value requested")
        if "request" in asked:
            raise RequestNotSupportedError
        if asked.get("response_mode", "query") != "query":
            raise InvalidRequestError("unsupported response_mode requested")
        if not asked.get("max_age", "0").isdecimal():
            raise InvalidRequestError("invalid max_age parameter value")


class IdTokens(OpenIDCode):
    """OIDC Core 3.1.3.3 and 12.2: an ID token with every token response whose scope has `openid`."""

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Take any nonce: to use it once is the client's business."""
        return False

    def process_token(
        self, grant: CodeGrant | RefreshGrant, response: tuple[int, dict[str, Any], Any]
    ) -> None:
        """Add the ID token to the response."""
        _, token, _ = response
        source = grant.request.authorization_code or grant.request.refresh_token
        if "openid" not in token["scope"].split():
            return
        id_token = issue_id_token(grant.server.logto, source, token["scope"])
        if id_token is not None:
            token["id_token"] = id_token
