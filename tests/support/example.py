"""The example in `examples/guarded`, as if it were deployed beside a running stack."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from local.gateway import Gateway
from local.stack import Stack
from local.template import Template
from passerelle import runtime
from tests.architecture.test_template import VARIABLES
from tests.support.browser import Browser

EXAMPLE = Path(__file__).parents[2] / "examples/guarded/template.yaml"
ORIGIN = "https://app.example"

# What the outputs of the deployed stack would say; the stand-ins go by logical ids.
OUTPUTS = {
    "TableName": "Table",
    "KeysSecretArn": "KeysSecret",
    "PasserelleLayerArn": "arn:passerelle",
    "DependenciesLayerArn": "arn:dependencies",
}


class _Mapped(Gateway):
    """A gateway behind an API mapping, whose key stays in the path."""

    def _invoke(self, name: str, incoming: dict[str, Any]) -> Any:
        return super()._invoke(name, incoming | {"rawPath": "/app" + incoming["rawPath"]})


class Example:
    """Functions with an environment of their own, asked by a browser that signed in at the stack."""

    def __init__(self, stack: Stack, **parameters: str) -> None:
        template = Template(EXAMPLE, {"DomainName": "app.example"} | OUTPUTS | parameters)
        self.environment = {**template.environment(), "AWS_ENDPOINT_URL": stack.aws_url}
        self._client = Client(_Mapped(template.routes(), template.functions()), use_cookies=False)

    def ask(
        self, browser: Browser, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """Ask with the browser's cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        sent = {"accept": "application/json", "cookie": cookies} | dict(headers or {})
        with only(self.environment):
            return self._client.open(path, method=method, headers=sent, base_url=ORIGIN)


@contextmanager
def only(variables: Mapping[str, str]) -> Iterator[None]:
    """Let these be the only variables that our settings find, in functions that start cold."""
    before = dict(os.environ)
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(variables)
    runtime.forget()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        runtime.forget()
