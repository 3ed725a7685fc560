"""Single requests that a stand-in lets fail, if a test wishes it."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Outage:
    """A request that fails: the `nth` of this method whose path fits the pattern of a shell.

    It is answered with `status`, or for None the connection is closed without an answer; before anything
    has happened, or if it is `done`, afterwards. It strikes once.
    """

    method: str
    path: str
    nth: int = 1
    status: int | None = 500
    done: bool = False
    seen: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Count a request, and tell whether it is the one."""
        fits = method == self.method and fnmatchcase(path, self.path)
        self.seen += fits
        return fits and self.seen == self.nth
