"""What the guard gives to a handler and leaves alone of it, and what it cannot be asked for."""

import json
import sys
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from passerelle import runtime
from passerelle.access import NEEDS, User, signed_in, signed_in_middleware
from passerelle.adapters.secrets_manager import SecretsManager
from passerelle.errors import Misconfigured, NotFound
from passerelle.sessions import open_contents, seal_contents
from passerelle.settings import read_settings
from tests.support.doubles import ENVIRONMENT, NOW, SECRETS
from tests.unit.guarded import FLAVOURS, SUBJECT, Guarded, Somebody, event, sign_somebody_in

REST_EVENT = {
    "version": "1.0",
    "httpMethod": "GET",
    "path": "/x",
    "headers": {},
    "multiValueHeaders": {},
    "requestContext": {"stage": "prod", "requestId": "r-1", "path": "/prod/x", "httpMethod": "GET"},
}
OTHER_EVENTS: list[dict[str, Any]] = [
    REST_EVENT,
    {"httpMethod": "GET", "path": "/x", "requestContext": {"elb": {"targetGroupArn": "arn"}}},
    {"requestContext": {"connectionId": "c", "routeKey": "$connect"}},
    {"Records": []},
    {},
]


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> Somebody:
    claims = {"name": "Ada", "email": "ada@example.com", "picture": "https://i.example/a"}
    return sign_somebody_in(monkeypatch, **claims)


def test_a_handler_gets_the_event_the_context_and_the_user(somebody: Somebody) -> None:
    seen: list[Any] = []
    sent, context = event(cookie=somebody.cookie), object()
    signed_in(lambda *given: seen.extend(given))(sent, context)
    user = User(
        id=SUBJECT,
        name="Ada",
        email="ada@example.com",
        image="https://i.example/a",
        profile=somebody_s_profile(),
        authenticated_at=NOW,
        session_id=somebody.session.id,
    )
    assert seen == [sent, context, user]
    assert seen[0] is sent
    assert json.dumps(seen[2].profile)


def somebody_s_profile() -> dict[str, object]:
    return {"id": SUBJECT, "name": "Ada", "email": "ada@example.com", "image": "https://i.example/a"}


def test_what_nobody_told_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = {"name": None, "username": None, "email": None, "picture": None}
    somebody = sign_somebody_in(monkeypatch, query="", auth_time=None, **unknown)
    seen: list[User] = []
    signed_in(lambda event, context, user: seen.append(user))(event(cookie=somebody.cookie), None)
    [user] = seen
    assert (user.name, user.email, user.image, user.authenticated_at) == (None, None, None, None)


def test_a_session_of_an_older_release_has_its_user_s_id(somebody: Somebody) -> None:
    services, seen = somebody.world.services, list[User]()
    contents = open_contents(somebody.session, services.secrets.keys, NOW)
    assert contents
    sealed = seal_contents(services, *somebody.key, contents._replace(subject=""), NOW)
    somebody.world.store.table.sessions[somebody.key] = somebody.session._replace(contents=sealed)
    signed_in(lambda event, context, user: seen.append(user))(event(cookie=somebody.cookie), None)
    assert [user.id for user in seen] == [SUBJECT]


def test_a_user_cannot_be_changed(somebody: Somebody) -> None:
    def handler(event: dict[str, Any], context: Any, user: User) -> None:
        user.id = "admin"  # type: ignore[misc]

    with pytest.raises(AttributeError):
        signed_in(handler)(event(cookie=somebody.cookie), None)


@pytest.mark.parametrize("answer", [{"statusCode": 204}, {"a": 1}, "text", None, [1]])
def test_an_answer_passes_unchanged(somebody: Somebody, answer: object) -> None:
    handler = signed_in()(lambda event, context, user: answer)
    assert handler(event(cookie=somebody.cookie), None) is answer


@pytest.mark.parametrize("error", [ZeroDivisionError("the text"), NotFound(), SystemExit(1)])
def test_an_exception_of_the_handler_goes_through(somebody: Somebody, error: BaseException) -> None:
    @signed_in
    def handler(event: dict[str, Any], context: Any, user: User) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        handler(event(cookie=somebody.cookie), None)
    assert raised.value is error


def test_an_exception_behind_the_middleware_goes_through(somebody: Somebody) -> None:
    app = APIGatewayHttpResolver()

    @app.get("/x", middlewares=[signed_in_middleware()])
    def handler() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        app.resolve(event(cookie=somebody.cookie), None)  # type: ignore[arg-type]
    assert not app.context


def test_a_handler_behind_the_middleware_answers_as_without_it(somebody: Somebody) -> None:
    app = APIGatewayHttpResolver()

    @app.get("/x", middlewares=[signed_in_middleware()])
    def handler() -> dict[str, str]:
        return {"name": app.context["user"].name}

    answer = app.resolve(event(cookie=somebody.cookie), None)  # type: ignore[arg-type]
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"name": "Ada"})


def test_a_handler_keeps_its_name_and_its_words() -> None:
    @signed_in(max_age=60)
    def report(event: dict[str, Any], context: Any, user: User) -> None:
        """What it is about."""

    assert (report.__name__, report.__doc__) == ("report", "What it is about.")


@pytest.mark.parametrize("other", OTHER_EVENTS)
def test_an_event_of_another_format_is_refused_loudly(somebody: Somebody, other: dict[str, Any]) -> None:
    handler = signed_in(lambda event, context, user: pytest.fail("let in"))
    with pytest.raises(Misconfigured, match=r"payload format 2\.0") as refusal:
        handler(other, None)
    assert refusal.value.code == "event_not_supported"


@pytest.mark.parametrize("max_age", [0, -1])
@pytest.mark.parametrize("guard", [signed_in, signed_in_middleware])
def test_an_age_that_nobody_can_have_is_refused_at_once(guard: Any, max_age: int) -> None:
    with pytest.raises(ValueError, match="max_age"):
        guard(max_age=max_age)


@pytest.mark.parametrize(
    "origin", ["https://a.example/", "a.example", "*", "", "null", "https://a.example/x", "https://"]
)
@pytest.mark.parametrize("guard", [signed_in, signed_in_middleware])
def test_an_origin_that_no_browser_would_send_is_refused_at_once(guard: Any, origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        guard(origins=[origin])


@pytest.mark.parametrize("missing", ["TABLE_NAME", "KEYS_SECRET_ID"])
@pytest.mark.parametrize("flavour", FLAVOURS.values())
def test_a_variable_that_is_missing_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, journal: list[dict[str, Any]], flavour: Guarded, missing: str
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    for name in {"TABLE_NAME", "KEYS_SECRET_ID"} - {missing}:
        monkeypatch.setenv(name, "x")
    answer = flavour(event())
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (500, "setting_invalid")
    assert missing in journal[-1]["reason"]
    assert missing not in str(answer)


def test_two_variables_are_enough_for_a_guard_and_not_for_our_own_functions() -> None:
    two = {"TABLE_NAME": "table", "KEYS_SECRET_ID": "keys"}
    settings = read_settings(two, needs=("TABLE_NAME", "KEYS_SECRET_ID"))
    assert (settings.table_name, settings.keys_secret_id, settings.issuer) == ("table", "keys", "")
    with pytest.raises(Misconfigured, match="LOGTO_ISSUER"):
        read_settings(two)
    with pytest.raises(Misconfigured, match="LOGTO_ISSUER"):
        read_settings(two | {"LOGTO_ISSUER": "ftp://x"}, needs=("TABLE_NAME",))


def test_a_snapshot_is_prepared_with_two_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("snapshot_restore_py")
    hooks: list[Any] = []
    module.register_before_snapshot = module.register_after_restore = hooks.append
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TABLE_NAME", "table")
    monkeypatch.setenv("KEYS_SECRET_ID", "keys")
    monkeypatch.setattr(SecretsManager, "read", lambda *_: json.dumps(SECRETS["keys"]))
    runtime.forget()
    signed_in(lambda event, context, user: None)
    before, after = hooks
    before()
    assert runtime._services.cache_info().currsize == 1
    built = runtime.services(NEEDS)
    built.secrets.keys.get(NOW)
    after()
    assert runtime.services(NEEDS) is built
    assert not built.secrets.keys.is_known
    runtime.forget()
