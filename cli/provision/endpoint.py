"""Whether /send-otp answers, and takes the connector's token, without a message being sent."""

from cli.problems import Refused
from cli.provision.logto import asked, client_for, member


def demand_answer(url: str, token: str) -> None:
    """Ask for a message that is none; raises `Refused` unless that alone is wrong about the request.

    Whoever is signing in while the connector points at what does not answer gets no code, and Logto shows
    them the token.
    """
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
