"""`GET /health`: this answers. On a schedule: everything that a sign-in needs is looked at."""

from typing import Any

from passerelle.health.watch import watch
from passerelle.web import Event, Request, Response, endpoint, json_response


@endpoint
def shallow(request: Request) -> Response:
    return json_response({"status": "ok"})


def handler(event: Event, context: object) -> dict[str, Any]:
    """Tell the two apart: an event of API Gateway has a context, the schedule's names where we are."""
    if "requestContext" in event:
        return shallow(event, context)
    return {"checks": watch(str(event.get("base_url", "")))}
