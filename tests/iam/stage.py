"""A whole stack whose functions have the roles of their templates, each its own."""

import secrets
import ssl
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

import httpx
import pytest

import local.gateway
import local.stack
from local.config import Config
from local.gateway import Handler
from local.logto import EmbeddedLogto, Misbehaviour
from local.mailgun import EmbeddedMailgun
from local.serving import Server
from local.stack import Stack
from local.template import Function, Template
from passerelle import runtime
from passerelle.adapters import aws
from passerelle.adapters.signature import Credentials
from passerelle.services import Services
from passerelle.settings import Settings
from tests.fault.aws_proxy import AwsProxy
from tests.iam.declared import TEMPLATE
from tests.iam.guard import Guard
from tests.iam.template import Roles
from tests.support.browser import Browser
from tests.support.example import EXAMPLE, OUTPUTS, Example
from tests.support.provider import aws_client, logto_of
from tests.support.translated import Translated

_function: ContextVar[str] = ContextVar("function")


class Stage:
    """What scenes play on. No function knows what another one read, nor what it read in another scene."""

    def __init__(
        self, stack: Stack, patch: pytest.MonkeyPatch, roles: Mapping[str, Roles], invoked: set[str]
    ) -> None:
        self.stack, self.roles, self.invoked = stack, roles, invoked
        self.proxy = AwsProxy(stack.aws_url)
        self.verbs: dict[str, set[str]] = defaultdict(set)
        """Methods of ports by which each function called AWS, secrets by their names."""
        self._patch = patch
        self._role_of = {name: each.of_function(name) for each in roles.values() for name in each.functions}
        policies = {role: policy for each in roles.values() for role, policy in each.policies.items()}
        self.guard = Guard(self.proxy, policies, arns_by_name(stack))
        self.url = ""
        # One for all, since making one costs as much as a sign-in.
        self._tls = ssl.create_default_context()
        self.http = httpx.Client(base_url=stack.app_url, timeout=30, trust_env=False, verify=self._tls)

    @property
    def logto(self) -> EmbeddedLogto:
        """The embedded Logto."""
        return logto_of(self.stack)

    @property
    def mailgun(self) -> EmbeddedMailgun:
        """The embedded Mailgun."""
        assert self.stack.mailgun is not None
        return self.stack.mailgun

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Invoke a function as a service of AWS does."""
        template = Template(TEMPLATE, self.stack.parameters)
        return local.gateway.load(template.functions()[function])(event, None)  # type: ignore[arg-type]

    def poll(self) -> int:
        """Let Lambda's poller look into the queue once; how many messages were done."""
        assert self.stack.queues is not None
        return self.stack.queues.poll()

    def let_pass(self, seconds: float) -> None:
        """Move the functions' clock forward, until the scene ends."""
        self._patch.setattr(runtime.SystemClock, "now", lambda _: time.time() + seconds)

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        """A browser with no cookies."""
        with Browser(self.stack, verify=self._tls) as browser:
            yield browser

    @contextmanager
    def signed_in(self) -> Iterator[Browser]:
        """Somebody new, signed in."""
        with self.browser() as browser:
            browser.sign_in(somebody())
            assert browser.session().status_code == 200, browser.page.text
            yield browser

    def example(self) -> Example:
        """The guarded application."""
        example = Example(self.stack)
        example.environment["AWS_ENDPOINT_URL"] = self.url
        return example

    def clear(self) -> None:
        """Be as before the scene."""
        runtime.forget()
        self._patch.undo()
        self.proxy.script.clear()
        self.proxy.always.clear()
        self.logto.misbehave, self.logto.access_token_ttl = Misbehaviour(), 3600
        self.mailgun.clear()

    def credentials(self) -> Credentials:
        """What Lambda would give to the function that is running; fetches ahead run in its context, too."""
        return Credentials(self._role_of[_function.get()], "secret", "")

    def noting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Note which method of an adapter makes a call."""

        def noted(client: aws.Client, operation: str, body: Mapping[str, Any]) -> Any:
            frame = sys._getframe(1)
            # What `reserve` is handed to calls it for counters of different kinds.
            while frame.f_back and (frame.f_code.co_name[0] == "_" or frame.f_code.co_name == "reserve"):
                frame = frame.f_back
            self.verbs[_function.get()].add(body.get("SecretId", frame.f_code.co_name))
            return call(client, operation, body)

        return noted


class OfEachFunction:
    """Builds services as `runtime` does, for each function its own: they share a process only here."""

    def __init__(self, build: Callable[[Settings], Services]) -> None:
        self._build, self._built = build, dict[tuple[str, Settings], Services]()

    def __call__(self, settings: Settings) -> Services:
        key = _function.get(), settings
        if key not in self._built:
            self._built[key] = self._build(settings)
        return self._built[key]

    def cache_clear(self) -> None:
        """Begin anew."""
        self._built.clear()


def by_name(load: Callable[[Function], Handler], invoked: set[str]) -> Callable[[Function], Handler]:
    """Load handlers that run in their function's name; note which of them do."""

    def loaded(function: Function) -> Handler:
        handler = load(function)

        def handle(event: dict[str, Any], context: Any) -> Any:
            invoked.add(function.name)
            token = _function.set(function.name)
            try:
                return handler(event, context)
            finally:
                _function.reset(token)

        return handle

    return loaded


@contextmanager
def stage() -> Iterator[Stage]:
    """Start everything."""
    with ExitStack() as cleanup:
        patch = cleanup.enter_context(pytest.MonkeyPatch.context())
        invoked: set[str] = set()
        load = by_name(local.gateway.load, invoked)
        for module in (local.gateway, local.stack):
            patch.setattr(module, "load", load)
        stack = Stack(Config.ephemeral(SendLimitAddress="4", SendBudget="1000"))
        stack.start()
        cleanup.callback(stack.close)
        scenes = cleanup.enter_context(pytest.MonkeyPatch.context())
        made = Stage(stack, scenes, all_roles(stack), invoked)
        patch.setattr(runtime, "_services", OfEachFunction(runtime._services.__wrapped__))
        patch.setattr(aws, "_credentials", made.credentials)
        patch.setattr(aws, "_PAUSE_SECONDS", 0.01)
        patch.setattr(aws.Client, "call", made.noting(aws.Client.call))
        server = Server(made.guard, "localhost", 0)
        server.start()
        cleanup.callback(server.close)
        made.url = server.url
        patch.setenv("AWS_ENDPOINT_URL", server.url)
        cleanup.callback(made.http.close)
        yield made


def somebody() -> str:
    """An address that nobody has used before."""
    return f"{secrets.token_hex(6)}@example.com"


def all_roles(stack: Stack) -> dict[str, Roles]:
    """The roles of both templates, with the ARNs that the stand-in has."""
    arns = arns_by_name(stack)
    given = {"DomainName": "app.example"} | OUTPUTS | {"KeysSecretArn": arns["KeysSecret"]}
    return {
        "template.yaml": Roles(Translated(TEMPLATE, stack.parameters, arns)),
        "examples/guarded/template.yaml": Roles(Translated(EXAMPLE, given)),
    }


def arns_by_name(stack: Stack) -> dict[str, str]:
    """What the stand-in calls its tables, secrets and queues."""
    dynamodb, manager, sqs = (aws_client(stack, name) for name in ("dynamodb", "secretsmanager", "sqs"))
    arns = {secret["Name"]: secret["ARN"] for secret in manager.list_secrets()["SecretList"]}
    for table in dynamodb.list_tables()["TableNames"]:
        arns[table] = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    for url in sqs.list_queues()["QueueUrls"]:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        arns[url.rpartition("/")[2]] = attributes["QueueArn"]
    return arns
