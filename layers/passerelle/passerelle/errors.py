"""Everything that can go wrong, as one small tree.

    PasserelleError              500  internal_error
    ├── InvalidRequest           400  the caller sent something we do not accept
    │   ├── BodyTooLarge         413
    │   └── WebhookRefused       406  an event that will never be believed
    ├── SignInRefused            400  the answer from Logto, or the attempt it belongs to, does not hold
    │   ├── AttemptLost          400  this browser has begun no such sign-in, or too long ago
    │   └── SignInDeclined       400  Logto says that it did not happen (the user cancelled, for one)
    ├── NotSignedIn              401
    │   └── SignInTooOld         401  signed in too long ago for this
    ├── NotFound                 404
    ├── BearerRefused            401
    ├── CrossSiteRequest         403  a state-changing request that did not start on our own pages
    ├── Forbidden                403  signed in, and not allowed
    ├── NotThroughFront          403  it went round the firewall
    ├── Unavailable              503  a service that we depend on does not answer
    │   ├── StoreUnavailable          DynamoDB
    │   ├── SecretsUnavailable        Secrets Manager
    │   ├── ProviderUnavailable       Logto
    │   └── MailerUnavailable         Mailgun
    ├── MessageRefused           422  this message will not arrive, however often it is tried
    ├── LimitReached             429  as many messages as may be sent for now
    └── Misconfigured            500  the operator has to act

`code` is stable and may be branched on. `reason` is for the log; nothing in it comes from a user.
"""

from collections.abc import Mapping


class PasserelleError(Exception):
    """Base of all errors: an HTTP `status`, a stable `code`, and for people a `title` and a `remedy`."""

    status = 500
    code = "internal_error"
    title = "Something went wrong"
    remedy = "Please try again in a moment."
    retry = ""
    """Path where a person can try again; empty when there is none."""
    challenge = "Bearer"
    """`WWW-Authenticate` where the status is 401: a way to authenticate (RFC 9110 15.5.2)."""
    retry_after: int | None = None
    """Seconds after which the same may succeed (RFC 9110 10.2.3), when that is known."""
    about: Mapping[str, object] = {}
    """What the log line says besides: whom it concerns, by a keyed hash, and the like."""

    def __init__(
        self,
        code: str | None = None,
        *,
        reason: str = "",
        remedy: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.code = code or self.code
        self.reason = reason
        self.remedy = remedy or self.remedy
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {reason}" if reason else self.code)

    @property
    def own_code(self) -> str:
        """The code, but for one that came from outside: of those there is no list."""
        return self.code


class InvalidRequest(PasserelleError):
    """The caller sent something that we do not accept."""

    status = 400
    code = "invalid_request"
    title = "This request cannot be understood"
    remedy = "Go back and start again."


class BodyTooLarge(InvalidRequest):
    """The request's body is longer than its endpoint takes."""

    status = 413
    code = "body_too_large"
    title = "This request is too large"
    remedy = "Go back and send less."


class WebhookRefused(InvalidRequest):
    """An event that nobody signed, or that is none: Mailgun does not repeat it after this status."""

    status = 406
    code = "webhook_refused"


class SignInRefused(PasserelleError):
    """The authorization response, the token response or the ID token breaks a rule."""

    status = 400
    code = "sign_in_refused"
    title = "The sign-in did not work"
    remedy = "Nothing was changed. Please sign in again."
    retry = "/login"


class AttemptLost(SignInRefused):
    """The browser holds no attempt that goes with the answer: another browser, a reload, a bookmark."""

    code = "attempt_unknown"


class SignInDeclined(SignInRefused):
    """Logto answered with an error: cancelled, not allowed, or a fault on its side (RFC 6749 4.1.2.1).

    Its code is one that Logto sends through the browser, which may therefore make it up.
    """

    code = "sign_in_declined"
    title = "The sign-in was not completed"

    @property
    def own_code(self) -> str:
        """The one code of this kind."""
        return type(self).code


class NotSignedIn(PasserelleError):
    """No live session goes with this request."""

    status = 401
    code = "not_signed_in"
    title = "You are not signed in"
    remedy = "Sign in to go on."
    retry = "/login"


class SignInTooOld(NotSignedIn):
    """What is asked for takes a fresh proof of who this is (RFC 9470 3)."""

    code = "insufficient_user_authentication"
    title = "Please sign in again"
    remedy = "This needs a fresh sign-in."


class NotFound(PasserelleError):
    """What was asked for is not there, or not this user's."""

    status = 404
    code = "not_found"
    title = "This is not there"
    remedy = "Go back and look again."


class BearerRefused(PasserelleError):
    """The bearer token of a machine-to-machine call is absent or wrong (RFC 6750 3.1)."""

    status = 401
    code = "invalid_token"
    title = "Not authorized"
    remedy = "Check the authorization that the caller is configured with."


class CrossSiteRequest(PasserelleError):
    """A request that changes state and did not start on one of our own pages."""

    status = 403
    code = "cross_site_request"
    title = "This request came from another site"
    remedy = "Use the button on this site's own page."


class Forbidden(PasserelleError):
    """Somebody is signed in, and this is not for them (RFC 9110 15.5.4)."""

    status = 403
    code = "forbidden"
    title = "This is not open to you"
    remedy = "Ask the people who run this site if you should have access."


class NotThroughFront(PasserelleError):
    """The request did not come by CloudFront, which alone may call here."""

    status = 403
    code = "not_through_front"
    title = "This is not the site's address"
    remedy = "Use the address under which you know this site."


class Unavailable(PasserelleError):
    """A service that we depend on does not answer, or answers with a fault of its own."""

    status = 503
    code = "temporarily_unavailable"
    title = "This is not available right now"


class StoreUnavailable(Unavailable):
    """DynamoDB does not answer."""

    code = "store_unavailable"


class SecretsUnavailable(Unavailable):
    """Secrets Manager does not answer, and nothing read before can stand in."""

    code = "secrets_unavailable"


class ProviderUnavailable(Unavailable):
    """Logto does not answer, or answers with a server error."""

    code = "provider_unavailable"
    title = "The sign-in service does not answer"


class MailerUnavailable(Unavailable):
    """Mailgun does not answer, is out of order, or asks us to slow down."""

    code = "mailer_unavailable"


class MessageRefused(PasserelleError):
    """Mailgun refuses this message for good, or is known not to deliver to its address."""

    status = 422
    code = "message_refused"
    title = "The message was not accepted"
    remedy = "Check the address."


class LimitReached(PasserelleError):
    """As many messages as may be sent for now (RFC 6585 4)."""

    status = 429
    code = "rate_limited"
    title = "Too many messages"
    remedy = "Please wait before you ask for another one."


class Misconfigured(PasserelleError):
    """A setting, a secret or the other side's registration is wrong: the operator has to act."""

    code = "misconfigured"
    title = "This site is not set up correctly"
    remedy = "Please tell the people who run it."


def error_of(code: str, status: int) -> PasserelleError:
    """Make the error that another request ended with, from its code and status."""
    kinds = {400: SignInRefused, 500: Misconfigured, 503: Unavailable}
    kind = PasserelleError if code == PasserelleError.code else kinds.get(status, PasserelleError)
    return kind(code, reason="the request that took the attempt failed")
