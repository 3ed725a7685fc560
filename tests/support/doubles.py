"""Doubles of the ports. The contract suite holds them to the promises of the real adapters."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from passerelle.blocks import Blocks
from passerelle.discovery import Discovery
from passerelle.errors import Misconfigured
from passerelle.otp.clients import Clients
from passerelle.ports import ClientCredentials, Clock, Reply
from passerelle.secrets import open_secrets
from passerelle.services import Services
from passerelle.settings import read_settings
from tests.support.mail_doubles import MemoryMessages, ScriptedMailer
from tests.support.session_doubles import MemoryQueue, MemoryRevocations, MemoryStore, MemoryTable

NOW = 1_800_000_000
BASE_URL, ISSUER = "https://app.example", "https://logto.example/oidc"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
CLIENT = ClientCredentials("the-client", "the-client-secret")
CONNECTOR_TOKEN = "the-token-of-the-connector"

ENVIRONMENT = {
    "PUBLIC_BASE_URL": BASE_URL,
    "LOGTO_ISSUER": ISSUER,
    "TABLE_NAME": "table",
    "LOGTO_SECRET_ID": "logto",
    "MAILGUN_SECRET_ID": "mailgun",
    "CONNECTOR_SECRET_ID": "connector",
    "KEYS_SECRET_ID": "keys",
    "RETURN_TO_ORIGINS": "https://front.example",
}
SECRETS: Mapping[str, Mapping[str, Any]] = {
    "logto": {"clientId": CLIENT.client_id, "clientSecret": CLIENT.client_secret},
    "mailgun": {
        "endpoint": "https://api.eu.mailgun.net",
        "domain": "mail.example",
        "apiKey": "the-api-key",
        "from": "Passerelle <code@mail.example>",
    },
    "connector": {"token": CONNECTOR_TOKEN},
    "keys": {"key": "k" * 64},
}
USERINFO = f"{ISSUER}/me"
METADATA: Mapping[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": USERINFO,
    "jwks_uri": f"{ISSUER}/jwks",
    "end_session_endpoint": f"{ISSUER}/session/end",
    "revocation_endpoint": f"{ISSUER}/token/revocation",
    "pushed_authorization_request_endpoint": f"{ISSUER}/request",
    "id_token_signing_alg_values_supported": ["ES384"],
    "authorization_response_iss_parameter_supported": True,
}


class FakeClock:
    """Time stands still unless somebody sleeps."""

    def __init__(self, now: float = NOW) -> None:
        self.time = now
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.time += seconds


class MemorySecrets:
    """A `SecretReader` over a dict: counts its reads, and fails while `failure` is set."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.texts = {name: json.dumps(value) for name, value in (values or SECRETS).items()}
        self.reads: Counter[str] = Counter()
        self.failure: Exception | None = None

    def read(self, secret_id: str) -> str:
        self.reads[secret_id] += 1
        if self.failure:
            raise self.failure
        if secret_id not in self.texts:
            raise Misconfigured("secret_not_readable", reason=secret_id)
        return self.texts[secret_id]

    def put(self, secret_id: str, value: Mapping[str, Any]) -> None:
        self.texts[secret_id] = json.dumps(value)


class Call(NamedTuple):
    """One request to Logto."""

    method: str
    url: str
    form: Mapping[str, str]
    client: ClientCredentials | None
    access_token: str = ""


Answer = Reply | Exception | Callable[[Call], Reply]


class ScriptedProvider:
    """A `Provider` that answers by URL and records its calls; a list is used up to its last."""

    def __init__(self, answers: Mapping[str, Answer | list[Answer]] | None = None) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {DISCOVERY: Reply(200, METADATA), **(answers or {})}
        self.calls: list[Call] = []
        self._lock = threading.Lock()

    def get(self, url: str, access_token: str = "") -> Reply:
        return self._answer(Call("GET", url, {}, None, access_token))

    def post(self, url: str, form: Mapping[str, str], client: ClientCredentials) -> Reply:
        return self._answer(Call("POST", url, dict(form), client))

    def to(self, url: str) -> list[Call]:
        return [call for call in self.calls if call.url == url]

    def _answer(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            answer = self.answers[call.url]
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else answer(call)


class World(NamedTuple):
    """Services, and the doubles behind them by their own types."""

    services: Services
    store: MemoryStore
    revocations: MemoryRevocations
    queue: MemoryQueue
    messages: MemoryMessages
    provider: ScriptedProvider
    mailer: ScriptedMailer
    clock: FakeClock
    secrets: MemorySecrets


def make_services(**environment: str) -> Services:
    """`make_world` for those who look at nothing behind the services."""
    return make_world(None, None, None, **environment).services


def make_world(
    answers: Mapping[str, Answer | list[Answer]] | None = None,
    mailer: ScriptedMailer | None = None,
    clock: Clock | None = None,
    **environment: str,
) -> World:
    """Services that stand on doubles only."""
    table, provider, mailer = MemoryTable(), ScriptedProvider(answers), mailer or ScriptedMailer()
    store, revocations, queue = MemoryStore(table), MemoryRevocations(table), MemoryQueue()
    fake, secrets, settings = FakeClock(), MemorySecrets(), read_settings(ENVIRONMENT | environment)
    messages = MemoryMessages()
    services = Services(
        settings=settings,
        store=store,
        revocations=revocations,
        queue=queue,
        messages=messages,
        blocks=Blocks(messages.reserve),
        clients=Clients(messages.reserve),
        provider=provider,
        mailer=mailer,
        clock=clock or fake,
        secrets=open_secrets(secrets, settings),
        discovery=Discovery(provider, settings.issuer),
    )
    return World(services, store, revocations, queue, messages, provider, mailer, fake, secrets)
