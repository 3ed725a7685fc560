"""The app as a browser reaches it: its name, its certificate, and what stands before it."""

from collections.abc import Iterator

from passerelle.health.facts import Facts
from passerelle.health.findings import Finding, Found
from passerelle.health.ports import Unanswered


def answers(facts: Facts) -> Iterator[Finding]:
    """Ask `GET /health` there."""
    base_url = facts.instruments.base_url
    if not base_url:
        raise Found("public_url", "public_url_unknown")
    try:
        seen = facts.instruments.web.get(f"{base_url}/health")
    except Unanswered as error:
        raise Found("public_url", "public_url_unreachable", base_url, {"cause": str(error)}) from None
    if seen.status != 200 or seen.body.get("status") != "ok":
        yield Finding("public_url_leads_elsewhere", base_url, {"status": str(seen.status)})
