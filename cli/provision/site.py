"""What all steps know: the stack, its tenant, and the operator's wishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from cli.aws import Service
from cli.provision.logto import Management
from cli.stack import Stack
from cli.versions import Version
from passerelle.settings import is_near


@dataclass(repr=False)
class Site:
    """A stack and the tenant that it is registered with."""

    stack: Stack
    logto: Management
    variables: Mapping[str, str]
    now: float
    """Seconds since the epoch, when the command began."""
    agreed: bool = False
    """Whether the operator has said yes beforehand."""
    notes: list[str] = field(default_factory=list)
    """What holds and might surprise."""
    typed_account: dict[str, str] = field(default_factory=dict)
    """The Mailgun account, when the operator has typed it in."""
    _held: dict[str, Version] = field(default_factory=dict)
    saved: str = ""
    """The file with the connector that was replaced."""

    @cached_property
    def _manager(self) -> Service:
        return self.stack.service("secretsmanager")

    def secret(self, name: str) -> Mapping[str, Any]:
        """Return what a secret holds, as it was read last; raises `Problem`."""
        if name not in self._held:
            self._held[name] = self.stack.version(name, self._manager)
        return self._held[name].value

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """Put a value in the place of what was read; raises `Refused` when somebody has changed it since."""
        self.secret(name)
        self._held[name] = self._held.pop(name).replace_by(value)

    def address(self, output: str) -> str:
        """Return an address of the app; raises `Problem`."""
        return self.stack.output(output)

    def is_out_of_reach(self, url: str) -> bool:
        """Whether the app is on this machine, and whoever is to call it is not."""
        app, caller = (urlsplit(each).hostname or "" for each in (self.address("SendOtpUrl"), url))
        return is_near(app) and not is_near(caller)
