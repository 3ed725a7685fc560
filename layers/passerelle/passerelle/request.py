"""A request, out of an event of API Gateway in payload format 2.0."""

from base64 import b64decode
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from passerelle import front
from passerelle.errors import BodyTooLarge, InvalidRequest
from passerelle.log import discreet

Event = Mapping[str, Any]


@discreet
class Request(NamedTuple):
    """One request. Header names are in lower case; cookies by name, the first of a name counts."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    raw_body: str
    is_base64: bool
    domain_name: str
    client_address: str
    """IP address of who asks; empty where it is not known."""

    def base_url(self, configured: str) -> str:
        """Return the origin under which the browser finds us, without a slash at the end."""
        return configured or f"https://{self.domain_name}"

    def body(self, limit: int) -> bytes:
        """Return the body; raises `BodyTooLarge` beyond `limit` bytes."""
        if len(self.raw_body) > 2 * limit:
            raise BodyTooLarge(reason=f"more than {limit} bytes")
        try:
            body = b64decode(self.raw_body, validate=True) if self.is_base64 else self.raw_body.encode()
        except ValueError as error:
            raise InvalidRequest(reason="the body is not what its encoding says") from error
        if len(body) > limit:
            raise BodyTooLarge(reason=f"more than {limit} bytes")
        return body

    @property
    def wants_html(self) -> bool:
        """Whether a person with a browser waits for the answer."""
        return "text/html" in self.headers.get("accept", "")

    @property
    def wants_json(self) -> bool:
        """Whether a program asks for JSON by name."""
        return "application/json" in self.headers.get("accept", "") and not self.wants_html


def parse(event: Event, digests: Collection[str] = ()) -> Request:
    """Read a request; raises `NotThroughFront`, where `digests` says what CloudFront shows."""
    context = event["requestContext"]
    # The SAM CLI keeps the case of header names and leaves cookies among them; API Gateway does neither.
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    front.demand_front(headers.pop(front.HEADER, ""), digests)
    pairs = event.get("cookies") or headers.get("cookie", "").split(";")
    cookies: dict[str, str] = {}
    for name, _, value in (pair.partition("=") for pair in pairs):
        # Not bare `strip`: it takes Unicode's white space as well, and what a browser lets another domain set
        # under a name that begins with such a character would become a `__Host-` cookie here.
        cookies.setdefault(name.strip(" \t"), value.strip(" \t"))
    return Request(
        method=context["http"]["method"],
        path=event["rawPath"],
        query=event.get("rawQueryString", ""),
        headers=headers,
        cookies=cookies,
        raw_body=event.get("body") or "",
        is_base64=bool(event.get("isBase64Encoded")),
        domain_name=context.get("domainName", ""),
        client_address=front.viewer_address(headers) if digests else context["http"].get("sourceIp", ""),
    )
