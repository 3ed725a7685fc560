"""What functions count is what docs/observe.md lists: no dimension has a value that was not known before."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.gateway import load
from local.stack import TEMPLATE
from local.template import Template
from passerelle import runtime, session_list
from passerelle.endings import end, ending
from passerelle.errors import ProviderUnavailable
from passerelle.otp.events import take
from passerelle.ports import Reply
from passerelle.sessions import EndCause, parse_cookie
from tests.observe.catalogue import FROM_ACCESS_LOG, Counted, counted, documented
from tests.observe.known_errors import FUNCTIONS, errors_of
from tests.observe.looks import look
from tests.support.doubles import BASE_URL, NOW, SECRETS, make_world
from tests.support.journal import Json
from tests.unit.journey import begin, come_back, make_signing_world, sign_in
from tests.unit.renewing import HOUR, INVALID_GRANT, Renewing
from tests.unit.sending import SIGNING_KEY, ask, signed

Flow = Callable[[], object]

BY_FOLDER = {
    function.file.parent.name: function
    for function in Template(TEMPLATE, {"LogtoIssuer": "https://id.example/oidc"}).functions().values()
}
EVENT: dict[str, Any] = {
    "rawPath": "/",
    "requestContext": {"requestId": "r-1", "http": {"method": "GET", "sourceIp": "203.0.113.7"}},
    "Records": [{"messageId": "m-1", "body": "{}"}],
}
REFUSING = [function for function in FUNCTIONS if function != "health"]
"""Those that can be asked for something they cannot do; `GET /health` asks nobody."""
BY_CODE = {"SignInProblems", "Faults"}


def refuse_everything(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a function meet every error that it knows, and one that nobody foresaw."""
    handler = load(BY_FOLDER[function])
    for error in [*errors_of(function), ValueError("a bug")]:
        monkeypatch.setattr(runtime, "services", _raising(error))
        handler(EVENT, None)  # type: ignore[arg-type]


def _raising(error: Exception) -> Callable[..., None]:
    def services(*_: object) -> None:
        raise error

    return services


@pytest.mark.parametrize("function", REFUSING)
def test_no_error_of_a_function_counts_for_anything_unheard_of(
    function: str, journal: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_everything(function, monkeypatch)
    assert counted(journal) - documented() == set()


def test_every_code_of_the_list_is_met(journal: list[Json], monkeypatch: pytest.MonkeyPatch) -> None:
    for function in REFUSING:
        refuse_everything(function, monkeypatch)
    listed = {each for each in documented() if each.name in BY_CODE}
    assert {each for each in counted(journal) if each.name in BY_CODE} == listed


def test_one_refused_request_is_one_line(journal: list[Json], monkeypatch: pytest.MonkeyPatch) -> None:
    for function in REFUSING:
        for error in errors_of(function):
            journal.clear()
            monkeypatch.setattr(runtime, "services", _raising(error))
            load(BY_FOLDER[function])(EVENT, None)  # type: ignore[arg-type]
            assert len(journal) == 1, (function, error, journal)


def test_what_comes_of_everything_is_what_the_table_says(
    journal: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    for flow in FLOWS:
        flow()
    for function in ("login", "callback", "send_otp"):
        refuse_everything(function, monkeypatch)
    listed = {each for each in documented() if each.name not in BY_CODE | {FROM_ACCESS_LOG}}
    assert {each for each in counted(journal) if each.name not in BY_CODE} == listed


@pytest.mark.parametrize("code", ["made_up", "access_denied"])
def test_a_code_that_the_browser_brings_is_no_value_of_a_dimension(journal: list[Json], code: str) -> None:
    world, logto = make_signing_world()
    handler = load(BY_FOLDER["callback"])
    away = begin(world, logto)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "services", lambda: world.services)
        cookies = [f"{name}={value}" for name, value in away.cookies.items()]
        handler(EVENT | {"rawQueryString": away.answer(error=code), "cookies": cookies}, None)  # type: ignore[arg-type]
    assert Counted("SignInProblems", "Count", "code", "sign_in_declined") in counted(journal)
    assert code not in {each.value for each in counted(journal)}
    assert ("made_up" in json.dumps(journal)) is False


def sessions() -> None:
    """Sign in twice in one browser; end the session in each way."""
    world, logto = make_signing_world()
    first = sign_in(world, logto)
    away = begin(world, logto, cookies={"__Host-session": first.session_cookie})
    handle = parse_cookie(come_back(world, away).session_cookie)
    assert handle
    session_list.end_one(world.services, handle.user, handle.id, NOW)
    session_list.end_all(world.services, handle.user, NOW, cause="ended_by_operator")
    causes: list[EndCause] = ["backchannel_logout", "user_suspended", "user_deleted", "password_reset"]
    for cause in causes:
        end(world.services, ending(user=handle.user, at=NOW, cause=cause), NOW)


def signing_out() -> None:
    from passerelle.logout import sign_out

    world, logto = make_signing_world()
    sign_out(world.services, sign_in(world, logto).session_cookie, BASE_URL, NOW)


def renewals() -> None:
    """Renew tokens, and fail to in each way."""
    Renewing().at(HOUR)
    for reply in (INVALID_GRANT, ProviderUnavailable(), Reply(401, {"error": "invalid_client"})):
        renewing = Renewing()
        renewing.reply = reply
        renewing.at(HOUR)
    renewing = Renewing()
    renewing.changes = {"sub": "somebody else"}
    renewing.at(HOUR)
    overtaken = Renewing()
    overtaken.world.store.renew_session = lambda *_: False  # type: ignore[method-assign]
    overtaken.at(HOUR)


def messages() -> None:
    """Send messages, also beyond the budget, and hear what became of them."""
    world = make_world(SEND_BUDGET="2")
    world.secrets.put("mailgun", dict(SECRETS["mailgun"]) | {"webhookSigningKey": SIGNING_KEY})
    for code in ("1", "1", "2", "3"):
        ask(world, payload={"code": code})
    told: list[Json] = [
        {"event": "delivered"},
        {"event": "complained"},
        {"event": "failed", "severity": "temporary"},
    ]
    told += [
        {"event": "failed", "severity": "permanent", "reason": reason} for reason in ("bounce", "generic")
    ]
    [delivery_id, *_] = world.messages.records
    for number, event in enumerate(told):
        data = {
            "timestamp": NOW + 3,
            "recipient": "ada@example.com",
            "user-variables": {"delivery-id": delivery_id},
        }
        take(world.services, signed(data | event, token=str(number) * 50), NOW)


FLOWS: list[Flow] = [sessions, signing_out, renewals, messages, look]
