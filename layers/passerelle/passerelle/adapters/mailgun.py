"""Mailgun's message endpoint over HTTP."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from passerelle.adapters.transport import FORM, Limits, NoAnswer, basic_authorization, request
from passerelle.errors import MailerUnavailable

LIMITS = Limits(connect=2.0, read=5.0, total=8.0)


class Mailgun:
    """The `Mailer` that posts to a real Mailgun."""

    def send(
        self, endpoint: str, domain: str, api_key: str, form: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        """Post one message, once: whether it is sent again is not for this to say."""
        if seconds <= 0:
            raise MailerUnavailable(reason="no time left")
        url = f"{endpoint.rstrip('/')}/v3/{quote(domain, safe='')}/messages"
        headers = {"authorization": basic_authorization("api", api_key), "content-type": FORM}
        limits = LIMITS._replace(total=min(LIMITS.total, seconds))
        try:
            answer = request("POST", url, headers, urlencode(form).encode(), limits)
        except NoAnswer as error:
            raise MailerUnavailable(reason=f"no answer: {error}") from None
        return answer.status, answer.body.decode("utf-8", "replace")
