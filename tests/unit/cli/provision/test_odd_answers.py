"""Whatever Logto answers, the command ends with a sentence and says what was done, and with no traceback."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.cli.provision.deployed import Deployed, provision

ODD: list[Any] = [
    None,
    "text",
    1,
    [1],
    [None],
    [{}],
    {"a": 1},
    [{"id": "a"}],
    {"signUp": {"identifiers": 1, "password": False, "verify": True}, "signIn": {"methods": [1]}},
    [{"id": "a", "type": 1, "connectorId": 3, "config": None, "name": [], "oidcClientMetadata": 4}],
    [
        {"id": "a", "type": "Traditional", "name": "", "oidcClientMetadata": {}, "customData": 3}
        | {"connectorId": "x", "config": {}, "signingKey": "", "enabled": True, "events": 1, "value": 1}
    ],
]
PATHS = ["/applications", "/connectors", "/hooks", "/secrets", "/sign-in-exp", "/oidc/token"]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answer requests to these paths with these values."""
    answers: dict[str, Any] = {}
    send = httpx.Client.send

    def sending(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        path = f"/{request.url.path.rpartition('/')[2]}"
        if request.url.path.endswith("/oidc/token"):
            path = "/oidc/token"
        if path not in answers or (request.method != "GET" and path != "/oidc/token"):
            return send(client, request, **more)
        return httpx.Response(200, json=answers[path], request=request)

    monkeypatch.setattr(httpx.Client, "send", sending)
    return answers


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_answer_ends_it_with_a_sentence(
    deployed: Deployed, answer: dict[str, Any], capsys: pytest.CaptureFixture[str], path: str
) -> None:
    for odd in ODD:
        deployed.become_new()
        answer[path] = odd
        assert provision("--yes") == 1, json.dumps(odd)
        assert "passerelle: " in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/applications", "/hooks"])
def test_what_was_made_and_does_not_show_yet(
    deployed: Deployed, answer: dict[str, Any], capsys: pytest.CaptureFixture[str], path: str
) -> None:
    answer[path] = []
    assert provision("--yes") == 1
    said = capsys.readouterr()
    assert "does not show" in said.err
    assert "done   application" in said.out
    answer.clear()
    assert provision("--yes") == 0
