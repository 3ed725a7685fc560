"""HTTP for the checks: one try, a few seconds, and the answer as it came."""

from collections.abc import Mapping
from urllib.parse import urlencode

from passerelle.adapters.transport import FORM, Limits, NoAnswer, basic_authorization, request
from passerelle.health.ports import Seen, Unanswered

USER_AGENT = "Passerelle-Health-Check"
"""So that others know in their logs who asks; a firewall refuses who has none."""

LIMITS = Limits(connect=2.0, read=4.0, total=4.0)


class HealthWeb:
    """The `Web` that asks the real services."""

    def get(self, url: str, user: str = "", password: str = "") -> Seen:
        """Fetch; sent once more when a kept connection breaks under it."""
        headers = {"authorization": basic_authorization(user, password)} if user else {}
        return _seen("GET", url, headers, None)

    def post(self, url: str, form: Mapping[str, str], user: str, password: str) -> Seen:
        """Post a form, which the checks make so that it may be sent twice."""
        headers = {"authorization": basic_authorization(user, password), "content-type": FORM}
        return _seen("POST", url, headers, urlencode(form).encode())


def _seen(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Seen:
    sent = {"accept": "application/json", "user-agent": USER_AGENT, **headers}
    try:
        answer = request(method, url, sent, body, LIMITS, repeatable=True)
    except NoAnswer as error:
        raise Unanswered(str(error)) from None
    return Seen(answer.status, answer.headers, answer.body.decode("utf-8", "replace"))
