"""Carries out endings that were kept in the queue while DynamoDB did not answer."""

from passerelle import endings, runtime
from passerelle.queued import consumer


@consumer
def handler(event: dict[str, object]) -> None:
    services = runtime.services()
    endings.end(services, endings.ending_of(event), services.clock.now())
