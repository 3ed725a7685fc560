"""The only reader of the environment.

Names and addresses come from environment variables, secrets never do: those are named here and read from
Secrets Manager. Every variable is declared in `template.yaml`, which is also its documentation.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from passerelle.errors import Misconfigured

ASYMMETRIC_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""JWS algorithms (RFC 7518 3.1, RFC 8037, RFC 9864) that an ID token may be signed with."""

TOUCH_SECONDS = 300

_AUTHORITY = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


class SendLimits(NamedTuple):
    """Messages an hour; 0 is no limit."""

    address: int
    """To one address."""
    ip: int
    """For one client of Logto's, where Logto names it."""
    domain: int
    """To all addresses of one domain."""
    budget: int
    """In all."""
    budget_refuses: bool
    """Beyond the budget, send no more; else send, and raise an alarm."""


class Settings(NamedTuple):
    """What the environment says. Immutable and hashable: equal settings share one set of services."""

    public_base_url: str
    """Where the browser finds us, without a slash at the end; empty: the API's own domain."""
    issuer: str
    """Logto's issuer identifier, compared to the letter (OpenID Connect Core 1.0, 3.1.3.7, rule 2)."""
    table_name: str
    logto_secret_id: str
    mailgun_secret_id: str
    connector_secret_id: str
    keys_secret_id: str
    scopes: tuple[str, ...]
    id_token_algorithms: tuple[str, ...]
    """Accepted for ID tokens; empty: the asymmetric ones that discovery advertises."""
    pushed_authorization_requests: bool
    """Use RFC 9126 when discovery offers it."""
    logout_id_token_hint: bool
    """Send `id_token_hint` at logout; it puts a token into the browser's history."""
    return_to_origins: tuple[str, ...]
    """Other origins that the browser may be sent to after a sign-in."""
    session_idle_seconds: int
    session_absolute_seconds: int
    session_touch_seconds: int
    """How far `last_seen_at` may lag behind, so that most checks of a session write nothing.

    Never more than a quarter of the idle lifetime.
    """
    session_needs_provider: bool
    """Refuse a session whose tokens cannot be renewed because Logto does not answer."""
    userinfo: bool
    """Ask the userinfo endpoint at every sign-in for what the ID token leaves out."""
    logout_token_typ_required: bool
    """Take logout tokens with `typ` only, as Logto sends them (Back-Channel Logout 1.0, 2.4)."""
    events_queue_url: str
    """Where events wait that could not be acted upon at once; empty: there is no such place."""
    send_limits: SendLimits
    mailgun_compat: str
    """`logto`: send exactly what Logto's own connector sends; empty: the safe request."""
    mailgun_require_tls: bool
    metrics_namespace: str
    """Namespace of the metrics in CloudWatch."""
    log_level: str
    aws_endpoint_url: str
    """Address of a stand-in for DynamoDB and Secrets Manager; empty: AWS itself."""


def read_settings(environment: Mapping[str, str], needs: Collection[str] | None = None) -> Settings:
    """Read the settings; raises `Misconfigured` with the variable's name when one is absent or unusable.

    Of the variables without a default only those that `needs` names have to be there; None: all of them.
    """
    read = _Reader(environment, needs)
    return Settings(
        public_base_url=read.origin("PUBLIC_BASE_URL"),
        issuer=read.url("LOGTO_ISSUER"),
        table_name=read.required("TABLE_NAME"),
        logto_secret_id=read.required("LOGTO_SECRET_ID"),
        mailgun_secret_id=read.required("MAILGUN_SECRET_ID"),
        connector_secret_id=read.required("CONNECTOR_SECRET_ID"),
        keys_secret_id=read.required("KEYS_SECRET_ID"),
        scopes=read.scopes("SCOPES", "openid profile email offline_access"),
        id_token_algorithms=read.algorithms("ID_TOKEN_ALGORITHMS"),
        pushed_authorization_requests=read.flag("PUSHED_AUTHORIZATION_REQUESTS"),
        logout_id_token_hint=read.flag("LOGOUT_ID_TOKEN_HINT"),
        return_to_origins=read.origins("RETURN_TO_ORIGINS"),
        session_idle_seconds=read.seconds("SESSION_IDLE_SECONDS", 24 * 3600),
        session_absolute_seconds=read.seconds("SESSION_ABSOLUTE_SECONDS", 14 * 24 * 3600),
        session_touch_seconds=read.seconds("SESSION_TOUCH_SECONDS", TOUCH_SECONDS),
        session_needs_provider=read.flag("SESSION_NEEDS_PROVIDER"),
        userinfo=read.flag("USERINFO"),
        logout_token_typ_required=read.flag("LOGOUT_TOKEN_TYP_REQUIRED", "true"),
        events_queue_url=read.optional("EVENTS_QUEUE_URL"),
        send_limits=SendLimits(
            address=read.whole("SEND_LIMIT_ADDRESS", 10),
            ip=read.whole("SEND_LIMIT_IP", 100),
            domain=read.whole("SEND_LIMIT_DOMAIN", 5_000),
            budget=read.whole("SEND_BUDGET", 10_000),
            budget_refuses=read.flag("SEND_BUDGET_REFUSES"),
        ),
        mailgun_compat=read.choice("MAILGUN_COMPAT", {"", "logto"}),
        mailgun_require_tls=read.flag("MAILGUN_REQUIRE_TLS", "true"),
        metrics_namespace=read.optional("METRICS_NAMESPACE", "Passerelle"),
        log_level=read.log_level("LOG_LEVEL"),
        aws_endpoint_url=read.optional("AWS_ENDPOINT_URL"),
    )


def front_digests(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Read the SHA-256 of what CloudFront shows, in hex; none: nothing stands in front.

    Apart from the other settings, since it is asked for before any of them; raises `Misconfigured`.
    """
    read = _Reader(environment, ())
    return read.digests("FRONT_SECRET_SHA256")


class _Reader:
    def __init__(self, environment: Mapping[str, str], needs: Collection[str] | None) -> None:
        self._environment, self._needs = environment, needs

    def optional(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def required(self, name: str) -> str:
        value = self.optional(name)
        is_needed = self._needs is None or name in self._needs
        return value if value or not is_needed else _refuse(name, "is not set")

    def words(self, name: str, default: str = "") -> tuple[str, ...]:
        return tuple(self.optional(name, default).replace(",", " ").split())

    def url(self, name: str) -> str:
        value = self.required(name)
        if not value:
            return ""
        parts = _split(name, value)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
            return _refuse(name, "is not an http(s) URL without query and fragment")
        # Client secret and codes go there (RFC 6749 3.2).
        if parts.scheme == "http" and not is_near(parts.hostname):
            return _refuse(name, "is on http, which is for localhost and private IP addresses")
        return value

    def origin(self, name: str) -> str:
        value = self.optional(name)
        return _as_origin(name, value) if value else ""

    def origins(self, name: str) -> tuple[str, ...]:
        return tuple(_as_origin(name, value) for value in self.words(name))

    def flag(self, name: str, default: str = "false") -> bool:
        value = self.optional(name, default).lower()
        return value == "true" if value in {"true", "false"} else bool(_refuse(name, "is not true or false"))

    def seconds(self, name: str, default: int) -> int:
        value = self.optional(name, str(default))
        if not value.isascii() or not value.isdigit() or not 60 <= int(value) <= 400 * 24 * 3600:
            return int(_refuse(name, "is not a number of seconds between 60 and 34560000 (400 days)"))
        return int(value)

    def whole(self, name: str, default: int) -> int:
        value = self.optional(name, str(default))
        if not value.isascii() or not value.isdigit() or len(value) > 9:
            return int(_refuse(name, "is not a whole number from 0 to 999999999"))
        return int(value)

    def choice(self, name: str, choices: set[str]) -> str:
        value = self.optional(name)
        return value if value in choices else _refuse(name, f"is not one of {sorted(choices)}")

    def digests(self, name: str) -> tuple[str, ...]:
        digests = self.words(name)
        if not all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests):
            _refuse(name, "is not a SHA-256 in hex")
        return digests

    def scopes(self, name: str, default: str) -> tuple[str, ...]:
        scopes = self.words(name, default)
        return scopes if "openid" in scopes else (_refuse(name, "does not contain openid"),)

    def algorithms(self, name: str) -> tuple[str, ...]:
        algorithms = self.words(name)
        if not ASYMMETRIC_ALGORITHMS.issuperset(algorithms):
            _refuse(name, "names an algorithm other than " + " ".join(sorted(ASYMMETRIC_ALGORITHMS)))
        return algorithms

    def log_level(self, name: str) -> str:
        level = self.optional(name, "INFO").upper()
        return (
            level if level in {"DEBUG", "INFO", "WARNING", "ERROR"} else _refuse(name, "is not a log level")
        )


def _as_origin(name: str, value: str) -> str:
    parts = _split(name, value)
    port = {"https": 443, "http": 80}.get(parts.scheme)
    extra = parts.path.rstrip("/") or parts.query or parts.fragment
    if port is None or extra or not _AUTHORITY.fullmatch(parts.netloc):
        return _refuse(name, "is not an origin such as https://app.example.com")
    # As browsers write it in `Origin`: in lower case, and without the port that goes without saying.
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(f':{port}')}"


def is_near(host: str) -> bool:
    """Whether plain http to this host stays on the machine (RFC 6761 6.3) or its own network."""
    from ipaddress import ip_address  # Here, since a cold start of a deployment does without.

    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_private
    except ValueError:
        return False


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is not a number
        return parts
    except ValueError:
        _refuse(name, "is not a URL")
        raise


def _refuse(name: str, problem: str) -> str:
    raise Misconfigured("setting_invalid", reason=f"environment variable {name} {problem}")
