"""`passerelle sessions` shows an operator where somebody is signed in, and ends that here and at Logto."""

import io
import json
import re
import sys
from collections.abc import Iterator

import pytest
import yaml

from cli.__main__ import main
from cli.services import variable_of
from local.logto.models import RefreshToken
from local.stack import Stack
from local.template import Template, _Loader
from passerelle.adapters.dynamodb_revocations import DynamoDBRevocations
from passerelle.errors import StoreUnavailable
from tests.support.browser import Browser
from tests.support.cloudformation import STACK, on_its_own, operated
from tests.support.moto_server import TEMPLATE
from tests.support.provider import empty_table, logto_of, stored_items

ADA, GRACE = "ada@example.com", "grace@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _operated(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    empty_table(stack)
    logto_of(stack).tokens.clear()
    with operated(monkeypatch, stack):
        yield


@pytest.fixture
def ada(stack: Stack) -> Iterator[list[Browser]]:
    """Two browsers of one person."""
    with Browser(stack) as one, Browser(stack) as other:
        other.http.headers["user-agent"] = FIREFOX
        one.sign_in(ADA)
        other.sign_in(ADA)
        yield [one, other]


def subject(stack: Stack, email: str = ADA) -> str:
    user = logto_of(stack).state.find(email)
    assert user is not None
    return user.id


def run(action: str, *more: str) -> int:
    with on_its_own():
        return main(["sessions", action, "--stack", STACK, *more])


def listed(capsys: pytest.CaptureFixture[str], who: str) -> list[dict[str, str]]:
    capsys.readouterr()
    assert run("list", "--json", who) == 0
    found: list[dict[str, str]] = json.loads(capsys.readouterr().out)["sessions"]
    return found


def statuses(browsers: list[Browser]) -> list[int]:
    return [browser.session().status_code for browser in browsers]


def live_tokens(stack: Stack, who: str) -> int:
    """Refresh tokens of a user that Logto would still take."""
    logto = logto_of(stack)
    tokens = [token for token in logto.tokens.values() if isinstance(token, RefreshToken)]
    return sum(token.grant.user_id == who and logto.state.alive(token) for token in tokens)


def test_lists_the_sessions_of_one_user(
    stack: Stack, ada: list[Browser], browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(GRACE)
    found = listed(capsys, subject(stack))
    assert ("Firefox", "Linux") in [(each["browser"], each["system"]) for each in found]
    assert all(each["created_at"] <= each["last_seen_at"] < each["expires_at"] for each in found)
    assert run("list", subject(stack)) == 0
    said = capsys.readouterr().out
    assert f"2 sessions of {subject(stack)}" in said
    assert all(each["id"][:8] in said and each["id"] not in said for each in found)


def test_lists_them_on_make_run_too(
    stack: Stack, ada: list[Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    with on_its_own():
        assert main(["sessions", "list", "--local", stack.aws_url, subject(stack)]) == 0
    said = capsys.readouterr().out
    assert f"{len(ada)} sessions of {subject(stack)}" in said
    assert re.search(r"another browser +another system$", said, re.M)


def test_shows_no_token_and_no_cookie(
    stack: Stack, ada: list[Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("list", subject(stack)) == 0
    said = capsys.readouterr().out + json.dumps(listed(capsys, subject(stack)))
    secrets = {token.value for token in logto_of(stack).tokens.values()}
    secrets |= {browser.cookies["__Host-session"].partition(".")[2] for browser in ada}
    assert len(secrets) > 4
    assert [secret for secret in secrets if secret in said] == []


def test_says_what_a_subject_is_when_there_is_no_session(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", ADA) == 0
    assert f"0 sessions of {ADA} (SUBJECT is the user's id at Logto" in capsys.readouterr().out


def test_ends_one_session_and_its_grant(
    stack: Stack, ada: list[Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    who = subject(stack)
    before = live_tokens(stack, who)
    [firefox] = [each for each in listed(capsys, who) if each["browser"] == "Firefox"]
    assert run("end", f"--session={firefox['id'][:8]}", who) == 0
    assert "1 session of" in capsys.readouterr().out
    assert statuses(ada) == [200, 401]
    assert live_tokens(stack, who) == before - 1


@pytest.mark.parametrize("named", ["", "nothing-like-it", "abc"])
def test_ends_nothing_that_is_not_named_clearly(
    stack: Stack, ada: list[Browser], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("end", f"--session={named}", subject(stack)) == 2
    assert "is not the id of one live session" in capsys.readouterr().err
    assert statuses(ada) == [200, 200]


def test_does_not_end_the_session_of_another_user(
    stack: Stack, ada: list[Browser], browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(GRACE)
    [its] = listed(capsys, subject(stack, GRACE))
    assert run("end", f"--session={its['id']}", subject(stack)) == 2
    assert browser.session().status_code == 200


def test_ends_all_sessions_of_one_user(
    stack: Stack, ada: list[Browser], browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    browser.sign_in(GRACE)
    assert run("end", "--all", "--yes", "--json", subject(stack)) == 0
    assert json.loads(capsys.readouterr().out) == {"ended": 2, "troubles": []}
    assert statuses([*ada, browser]) == [401, 401, 200]
    assert live_tokens(stack, subject(stack)) == 0


def test_a_sign_in_that_is_under_way_ends_with_all(
    stack: Stack, ada: list[Browser], browser: Browser
) -> None:
    callback = browser.stop_at_callback(ADA)
    assert run("end", "--all", "--yes", subject(stack)) == 0
    assert [item for item in stored_items(stack) if item["sk"]["S"] == "revocation"]
    browser.get(callback)
    assert browser.session().status_code == 401


class Terminal(io.StringIO):
    """Where somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code", "after"), [("y\n", 0, 401), ("n\n", 1, 200), ("", 1, 200)])
def test_asks_before_ending_all(
    stack: Stack, ada: list[Browser], typed: str, code: int, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert run("end", "--all", subject(stack)) == code
    assert statuses(ada) == [after, after]


def test_asks_nobody_where_nobody_is(
    stack: Stack, ada: list[Browser], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert run("end", "--all", subject(stack)) == 2
    assert "--yes" in capsys.readouterr().err
    assert statuses(ada) == [200, 200]


def test_tells_what_logto_did_not_revoke(
    stack: Stack, ada: list[Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    logto_of(stack).misbehave.fail["/oidc/token/revocation"] = 503
    assert run("end", "--all", "--yes", "--json", subject(stack)) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == {"ended": 2, "troubles": ["tokens_not_revoked 503"] * 2}
    assert "not all was revoked at Logto: tokens_not_revoked 503" in said.err
    assert statuses(ada) == [401, 401]


def test_tells_that_the_table_does_not_answer(
    stack: Stack,
    ada: list[Browser],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise StoreUnavailable(reason="ThrottlingException")

    monkeypatch.setattr(DynamoDBRevocations, "revoke", fails)
    assert run("end", "--all", "--yes", subject(stack)) == 1
    assert "ThrottlingException. Run it again" in capsys.readouterr().err


def test_the_settings_are_those_that_the_functions_have() -> None:
    names = yaml.load(TEMPLATE.read_text(), Loader=_Loader)["Parameters"]  # noqa: S506
    named = {name: f"the {name}" for name in names if name != "HealthCheckMinutes"}
    variables = Template(TEMPLATE, named).environment()
    given = {name: value for name, value in variables.items() if value.startswith("the ")}
    assert len(given) > 15
    assert given == {variable_of(value.removeprefix("the ")): value for value in given.values()}
