"""The scheduled look: every check once, a line and a metric for each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from passerelle import log, metrics, runtime

if TYPE_CHECKING:
    from passerelle.health.findings import Result


def watch(base_url: str) -> dict[str, int]:
    """Run all checks, log what came of each, and return how many there were of each outcome.

    `base_url` is where the browser finds us unless `PUBLIC_BASE_URL` says so: only the template knows the
    API's own address. Raises `Misconfigured` when a setting is absent or unusable.
    """
    from passerelle.health.checks import CHECKS
    from passerelle.health.facts import Facts
    from passerelle.health.runner import run

    instruments = runtime.instruments(base_url)
    log.configure("INFO")  # whatever the others log: an alarm waits for these lines
    outcomes = {"ok": 0, "warning": 0, "failed": 0, "unknown": 0}
    for result in run(CHECKS, Facts(instruments)):
        outcomes[result.outcome] += 1
        _tell(result)
    log.info("health_run", **outcomes, **metrics.count("FailedChecks", outcomes["failed"]))
    return outcomes


def _tell(result: "Result") -> None:
    counted: Mapping[str, Any] = {"check": result.check}
    if result.outcome != "unknown":
        counted = metrics.count("HealthCheckFailed", int(result.outcome == "failed"), check=result.check)
    report = {"failed": log.error, "warning": log.warning}.get(result.outcome, log.info)
    report(
        "health_checked",
        outcome=result.outcome,
        code=result.code,
        what=result.findings[0].what if result.findings else "",
        others=list(dict.fromkeys(finding.code for finding in result.findings[1:])),
        milliseconds=result.milliseconds,
        **counted,
    )
