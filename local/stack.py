"""Everything that `make run` starts, in one process."""

import os
import secrets
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from local import aws
from local.config import Config
from local.gateway import Gateway, load
from local.logto import Client, EmbeddedLogto
from local.mailgun import EmbeddedMailgun
from local.queues import Poller
from local.serving import Server, free_port, origin
from local.template import Template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "template.yaml"
# The layer's own code, which Lambda would find under /opt/python.
LAYER = str(ROOT / "layers" / "passerelle")
EMBEDDED_DOMAIN = "mg.example.test"
_EMBEDDED_ACCOUNT = {"domain": EMBEDDED_DOMAIN, "from": f"Passerelle <sign-in@{EMBEDDED_DOMAIN}>"}

_SECRETS = {
    "clientId": "AUTH_LOGTO_ID",
    "clientSecret": "AUTH_LOGTO_SECRET",
    "endpoint": "MAILGUN_ENDPOINT",
    "domain": "MAILGUN_DOMAIN",
    "apiKey": "MAILGUN_API_KEY",
    "from": "MAILGUN_FROM",
    "webhookSigningKey": "MAILGUN_WEBHOOK_SIGNING_KEY",
}
"""Members of the secrets, and the variables that fill them in."""

# Whoever runs this may have an AWS account: nothing of it is to be used, by handlers least of all.
UNWANTED = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
NO_ACCOUNT = {
    **aws.CREDENTIALS,
    "AWS_REGION": aws.REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Stack:
    """The app with all that it talks to. It knows its addresses once it is made, and answers from `start` on.

    One at a time in a process: the environment and the state of the stand-in for AWS are the process's own.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.send_otp_token = config.send_otp_token
        self.logto: EmbeddedLogto | None = None
        self.mailgun: EmbeddedMailgun | None = None
        self.queues: Poller | None = None
        self._cleanup = ExitStack()
        try:
            self._bind()
        except BaseException:
            self._cleanup.close()
            raise

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Fill the stand-ins, set the environment, and answer; returns when all of them do."""
        try:
            self._start()
        except BaseException:
            self._cleanup.close()
            raise

    def close(self) -> None:
        """Stop everything, free the ports and put the environment back."""
        self._cleanup.close()

    @property
    def parameters(self) -> dict[str, str]:
        """The template's parameters with which functions find these stand-ins."""
        return {
            "PublicBaseUrl": self.app_url,
            "LogtoIssuer": self.issuer,
            "AwsEndpointUrl": origin("http", self.config.name or self._aws.host, self._aws.port),
            **{name: value for name, value in self.config.parameters.items() if value},
        }

    def _bind(self) -> None:
        # Every address has to be known before the first of them is written down.
        config = self.config
        self._aws = self._keep(aws.serve(config.bind, 0))
        self._app_server = self._keep(Server(_starting, config.bind, config.port)) if config.gateway else None
        self.aws_url = self._aws.url
        self._logto_server = self._admin_server = self._mailgun_server = None
        if config.logto is None:
            self._logto_server = self._stand_in(config.logto_port)
            # Nobody has to know its port beforehand: who wants a token is told it at Logto's own.
            self._admin_server = self._stand_in(0)
        if not config.has_real_mailgun:
            self._mailgun_server = self._stand_in(config.mailgun_port)
        self.logto_url = self._logto_server.url if self._logto_server else ""
        self.mailgun_url = self._mailgun_server.url if self._mailgun_server else ""
        self.issuer = config.logto["AUTH_LOGTO_ISSUER"] if config.logto else f"{self.logto_url}/oidc"
        app = self._app_server
        self.app_port = app.port if app else config.port or free_port()
        self.app_url = app.url if app else origin("http", "localhost", self.app_port)

    def _stand_in(self, port: int) -> Server:
        return self._keep(Server(_starting, self.config.bind, port, name=self.config.name))

    def _keep(self, server: Server) -> Server:
        self._cleanup.callback(server.close)
        return server

    def _start(self) -> None:
        overrides = {
            "LogtoSecret": self._prepare_logto(),
            "MailgunSecret": self._prepare_mailgun(),
            "ConnectorSecret": {"token": self.send_otp_token},
        }
        template = Template(TEMPLATE, self.parameters)
        self._aws.start()
        aws.fill(template, self.aws_url, overrides)
        aws.describe(self.aws_url, self.parameters)
        if self._app_server:
            self._set_environment(template.environment())
            if LAYER not in map(os.path.abspath, sys.path):
                sys.path.insert(0, LAYER)
            functions = template.functions()
            self._app_server.app = Gateway(template.routes(), functions)
            self.queues = Poller(
                self.aws_url, [(queue, load(functions[name])) for queue, name in template.consumers()]
            )
            self._cleanup.callback(self.queues.close)
        for server in (self._logto_server, self._admin_server, self._mailgun_server, self._app_server):
            if server:
                server.start()
        if self.queues and self.config.webhooks:
            self.queues.start()

    def _prepare_logto(self) -> dict[str, str]:
        if self._logto_server is None:
            return _secret_of(self.config.logto or {})
        client = Client(
            id="passerelle",
            secret=secrets.token_urlsafe(24),
            name="Passerelle",
            redirect_uris=(f"{self.app_url}/callback",),
            post_logout_redirect_uris=(f"{self.app_url}/logged-out",),
            backchannel_logout_uri=f"{self.app_url}/backchannel-logout",
            backchannel_logout_session_required=True,
            custom_data={"passerelle": {"stack": "local"}},
        )
        key = secrets.token_hex(16)
        self.logto = EmbeddedLogto(
            issuer=self.issuer,
            clients=[client],
            connector_endpoint=f"{self.app_url}/send-otp",
            connector_authorization=f"Bearer {self.send_otp_token}",
            webhook_url=f"{self.app_url}/webhooks/logto" if self.config.webhooks else None,
            webhook_signing_key=key,
        )
        self._logto_server.app = self.logto.app
        if self._admin_server:
            self._admin_server.app = self.logto.admin_endpoint(f"{self._admin_server.url}/oidc").app
        return {"clientId": client.id, "clientSecret": client.secret, "webhookSigningKey": key}

    def _prepare_mailgun(self) -> Mapping[str, Any]:
        file = self.config.mailgun_config
        if self._mailgun_server is None:
            real = {"endpoint": file.endpoint} if file else _secret_of(self.config.mailgun or {})
            return {**(file.secret if file else {}), **real}
        secret = file.secret if file else _EMBEDDED_ACCOUNT | {"apiKey": f"key-{secrets.token_hex(16)}"}
        key = secrets.token_hex(16)
        self.mailgun = EmbeddedMailgun(
            domain=secret["domain"],
            api_key=secret["apiKey"],
            webhook_url=f"{self.app_url}/webhooks/mailgun" if self.config.webhooks else "",
            webhook_signing_key=key,
        )
        self._cleanup.callback(self.mailgun.close)
        self._mailgun_server.app = self.mailgun.app
        return {**secret, "endpoint": self.mailgun_url, "webhookSigningKey": key}

    def _set_environment(self, variables: Mapping[str, str]) -> None:
        before = dict(os.environ)
        self._cleanup.callback(_restore, before)
        for name in [name for name in os.environ if name in UNWANTED or name.startswith("AWS_ENDPOINT_URL")]:
            del os.environ[name]
        # A proxy for the world outside must not be asked for what runs here.
        excepted = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        direct = ",".join(filter(None, [excepted, "localhost", "127.0.0.1"]))
        os.environ.update({**NO_ACCOUNT, **variables, "NO_PROXY": direct, "no_proxy": direct})


def _secret_of(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: variables[variable] for name, variable in _SECRETS.items() if variable in variables}


def _restore(environment: Mapping[str, str]) -> None:
    # What functions have begun to fetch and nobody waited for still needs its region and credentials.
    for thread in threading.enumerate():
        if thread.name == "fetch-ahead":
            thread.join(10)
    os.environ.clear()
    os.environ.update(environment)


def _starting(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "1")])
    return [b"Starting"]
