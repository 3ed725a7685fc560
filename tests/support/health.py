"""One check, run through the real adapters against the running stack."""

from typing import Any

from passerelle import runtime
from passerelle.health.checks import CHECKS
from passerelle.health.facts import Facts
from passerelle.health.findings import Result
from passerelle.health.runner import run


def look(name: str, **replaced: Any) -> Result:
    """Run the check of this name; `replaced` are members of the instruments."""
    instruments = runtime.instruments("")._replace(**replaced)
    [result] = run([check for check in CHECKS if check.name == name], Facts(instruments))
    return result


def found(name: str, **replaced: Any) -> list[str]:
    """Return the codes of what it finds, the worst first, each with what it is about, if anything."""
    return [" ".join(filter(None, finding[:2])) for finding in look(name, **replaced).findings]
