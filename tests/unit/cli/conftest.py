"""An embedded Mailgun on a port, and a folder in which its account lies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.checks import KNOWN
from local.mailgun import EmbeddedMailgun
from local.serving import Server

KEY, SENDING_KEY = "key-of-the-account", "key-that-may-only-send"


class Account:
    """A Mailgun that is served, and what a secret says of it."""

    def __init__(self) -> None:
        self.mailgun = EmbeddedMailgun(domain="mg.example.com", api_key=KEY, sending_key=SENDING_KEY)
        self.server = Server(self.mailgun.app, "127.0.0.1", 0)

    def secret(self, **changed: Any) -> dict[str, Any]:
        """Return the connector's JSON."""
        made = {"endpoint": self.server.url, "domain": "mg.example.com", "apiKey": KEY}
        return {**made, "from": "Example <code@mg.example.com>", **changed}

    def file(self, **changed: Any) -> str:
        """Write it into a file."""
        Path("mailgun.json").write_text(json.dumps(self.secret(**changed)))
        return "mailgun.json"


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    account.server.start()
    yield account
    account.server.close()


@pytest.fixture
def mailgun(account: Account) -> EmbeddedMailgun:
    return account.mailgun


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in KNOWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
