"""Whether /send-otp answers, and takes the connector's token, without a message being sent."""

from urllib.parse import urlsplit

from cli.problems import Problem, Refused
from cli.provision.logto import asked, client_for, member
from passerelle.settings import is_near


def demand_answer(url: str, token: str) -> None:
    """Ask for a message that is none; raises `Refused` unless that alone is wrong about the request.

    Raises `Problem` where the token, and codes with it, would travel in clear.

    Whoever is signing in while the connector points at what does not answer gets no code, and Logto shows
    them the token.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_near(parts.hostname or ""):
        raise Problem(f"{url} is on http: no token is sent there. Give the app https (PublicBaseUrl)")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    with client_for(url) as client:
        answer = asked(client, "the app", "POST", url, headers=headers, content=b"{}")
    if answer.status_code == 401:
        raise Refused(
            f"{url} does not take the token of ConnectorSecret. Was that changed a moment ago? Run it again"
        )
    if (answer.status_code, member(answer, "code")) != (400, "message_invalid"):
        raise Refused(
            f"{url} answers {answer.status_code} and not as Passerelle does: is the stack deployed, and does "
            "PublicBaseUrl lead to it?"
        )
