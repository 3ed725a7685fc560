"""A stack of `make run`, deployed a moment ago: its tenant at Logto is new, and its secrets are empty."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import boto3
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from cli.__main__ import main
from local.logto import Client, Connector, EmbeddedLogto
from local.mailgun import EmbeddedMailgun
from local.stack import Stack
from passerelle import runtime
from tests.support.cloudformation import SECRETS, STACK, outputs_of

MANAGER, MANAGER_SECRET = "the-machine", "secret-of-the-machine"
TOKEN = "token-of-the-connector-of-32-bytes"
SIGNING_KEY = "key-that-mailgun-signs-with"
EVENTS = ["User.SuspensionStatus.Updated", "User.Deleted", "PostResetPassword"]


class Deployed:
    """What an operator has before they provision, and what is there afterwards."""

    def __init__(self, stack: Stack) -> None:
        assert stack.logto is not None
        assert stack.mailgun is not None
        self.stack, self.logto, self.mailgun = stack, stack.logto, stack.mailgun
        self._replace_logto({})
        assert stack._mailgun_server is not None
        app = stack.mailgun.app
        stack._mailgun_server.app = DispatcherMiddleware(app, {"/.mailgun.net": app})
        self.secrets = boto3.client("secretsmanager", endpoint_url=stack.aws_url)

    def become_new(self, **tenant: Any) -> None:
        """Forget what was done; `tenant` is what Logto is to be, if it is to be another one."""
        if tenant or self._tenant:
            self._replace_logto(tenant)
        machine = Client(
            MANAGER, MANAGER_SECRET, "Machine", redirect_uris=(), type="MachineToMachine", is_admin=True
        )
        self.logto.clients, self.logto.connectors, self.logto.hooks = {MANAGER: machine}, {}, {}
        self.logto.sign_in_experience = deepcopy(self._first_settings)
        self.mailgun.clear()
        self.mailgun.webhooks, self.mailgun.webhook_signing_key = {}, SIGNING_KEY
        self.write("LogtoSecret", {"clientId": "", "clientSecret": ""})
        self.write("MailgunSecret", {"domain": "", "apiKey": "", "from": ""})
        self.write("ConnectorSecret", {"token": TOKEN})
        runtime.forget()

    def _replace_logto(self, tenant: dict[str, Any]) -> None:
        nothing: dict[str, Any] = {"clients": [], "connector_endpoint": None, "connector_authorization": None}
        new = EmbeddedLogto(issuer=self.stack.issuer, **nothing, **tenant)
        logto, admin = self.stack._logto_server, self.stack._admin_server
        assert logto is not None
        assert admin is not None
        self.admin_url, self.admin = admin.url, new.admin_endpoint(f"{admin.url}/oidc")
        logto.app, admin.app = new.app, self.admin.app
        self.logto = self.stack.logto = new
        self._tenant, self._first_settings = tenant, deepcopy(new.sign_in_experience)

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return outputs_of(self.stack)

    @property
    def account(self) -> dict[str, str]:
        """The Mailgun account, as Logto's connector has it."""
        return {
            # Logto takes no endpoint of a Mailgun connector that ends in anything else.
            "endpoint": f"{self.stack.mailgun_url}/.mailgun.net",
            "domain": self.mailgun.domain,
            "apiKey": self.mailgun.api_key,
            "from": f"Example <code@{self.mailgun.domain}>",
        }

    def read(self, name: str) -> dict[str, Any]:
        """Read a secret."""
        value: dict[str, Any] = json.loads(self.secrets.get_secret_value(SecretId=name)["SecretString"])
        return value

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a secret."""
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))

    def use_foreign_connector(self) -> Connector:
        """Let codes be delivered by Logto's own Mailgun connector."""
        deliveries = {"Generic": {"subject": "Code", "html": "<p>{{code}}</p>"}}
        foreign = Connector("old", "mailgun-email", {**self.account, "deliveries": deliveries})
        self.logto.connectors = {"old": foreign}
        return foreign

    @property
    def application(self) -> Client:
        """The one application for people."""
        [found] = [each for each in self.logto.clients.values() if each.type == "Traditional"]
        return found

    def everything(self) -> dict[str, Any]:
        """Return what is there in the end, by other names where Logto makes them up."""
        secret, application = self.read("LogtoSecret"), self.application
        [hook] = self.logto.hooks.values()
        assert secret["clientId"] == application.id
        assert secret["clientSecret"] in [each.value for each in application.secrets]
        assert secret["webhookSigningKey"] == hook.signing_key
        assert secret.keys() == {"clientId", "clientSecret", "webhookSigningKey"}
        connectors = [(each.connector_id, each.config) for each in self.logto.connectors.values()]
        shown = ("name", "redirect_uris", "post_logout_redirect_uris", "custom_data")
        return {
            "application": [getattr(application, name) for name in shown],
            "back-channel": (
                application.backchannel_logout_uri,
                application.backchannel_logout_session_required,
            ),
            "secrets": len(application.secrets),
            "hook": (hook.name, hook.events, hook.config, hook.enabled),
            "connectors": connectors,
            "sign-in": {
                name: self.logto.sign_in_experience[name] for name in ("signUp", "signIn", "signInMode")
            },
            "MailgunSecret": self.read("MailgunSecret"),
            "webhooks": webhooks_of(self.mailgun),
        }

    def known_secrets(self) -> set[str]:
        """Return every value that must not be shown."""
        clients = self.logto.clients.values()
        found = {each.value for client in clients for each in client.secrets}
        found |= {hook.signing_key for hook in self.logto.hooks.values()}
        found |= {self.mailgun.api_key, SIGNING_KEY, TOKEN, MANAGER_SECRET}
        for name in SECRETS:
            found |= {value for key, value in self.read(name).items() if _is_secret(key, value)}
        return found - {""}


def _is_secret(name: str, value: object) -> bool:
    return isinstance(value, str) and name not in {"clientId", "domain", "from", "endpoint"}


def webhooks_of(mailgun: EmbeddedMailgun) -> dict[str, list[str]]:
    """Return what Mailgun calls, by event."""
    return {event: list(urls) for event, urls in mailgun.webhooks.items() if urls}


def provision(*arguments: str, stack: str = STACK) -> int:
    """Run the command."""
    return main(["provision", "--stack", stack, *arguments])
