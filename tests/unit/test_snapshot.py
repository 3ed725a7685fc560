"""Nothing secret gets into a snapshot, nothing that must be one environment's own comes out.

And in the template: whatever changes is published, since the API calls published versions only.
"""

import random
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import passerelle.callback  # noqa: F401  the functions that ask Logto have it loaded
from passerelle import keys, runtime, web
from passerelle.adapters import aws, transport
from passerelle.adapters.logto import Logto
from passerelle.adapters.secrets_manager import SecretsManager
from passerelle.discovery import KEPT_SECONDS
from passerelle.errors import ProviderUnavailable
from passerelle.ports import Reply
from tests.architecture.test_template import FUNCTIONS, RESOURCES, TEMPLATE
from tests.support.doubles import DISCOVERY, ENVIRONMENT, ISSUER, NOW, MemorySecrets, ScriptedProvider

JWKS = f"{ISSUER}/jwks"
LAYERS = [(name, "PasserelleLayer") for name in ("DependenciesArmLayer", "DependenciesX86Layer")]
"""What a function is given, by processor."""


class Runtime:
    """Lambda's runtime, its world, and its clock."""

    def __init__(self) -> None:
        self.before: list[Callable[[], None]] = []
        self.after: list[Callable[[], None]] = []
        self.provider = ScriptedProvider({JWKS: Reply(200, {"keys": [{"kid": "1"}]})})
        self.secrets = MemorySecrets()
        self.now = float(NOW)

    def take_snapshot(self) -> None:
        for hook in reversed(self.before):
            hook()

    def restore(self) -> None:
        for hook in self.after:
            hook()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    world = Runtime()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Logto, "get", lambda _, url: world.provider.get(url))
    monkeypatch.setattr(SecretsManager, "read", lambda _, secret_id: world.secrets.read(secret_id))
    monkeypatch.setattr(runtime.SystemClock, "now", lambda _: world.now)
    module: Any = ModuleType("snapshot_restore_py")
    module.register_before_snapshot, module.register_after_restore = world.before.append, world.after.append
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    runtime.forget()
    yield world
    runtime.forget()


@pytest.fixture
def lambda_(world: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Lambda about to take a snapshot of a function that was just imported."""
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    web.endpoint(lambda _: web.Response(200, {}))
    return world


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency", None])
def test_without_snapshots_nothing_is_registered(
    world: Runtime, monkeypatch: pytest.MonkeyPatch, kind: str | None
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    if kind:
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
    web.endpoint(lambda _: web.Response(200, {}))
    assert not world.before
    assert not world.after


def test_a_snapshot_holds_the_documents_and_no_secret(lambda_: Runtime) -> None:
    lambda_.take_snapshot()
    assert [call.url for call in lambda_.provider.calls] == [DISCOVERY, JWKS]
    assert not lambda_.secrets.reads
    assert aws._renewed is None


@pytest.mark.parametrize("fault", [Reply(500, None), ProviderUnavailable()])
def test_a_snapshot_is_taken_while_logto_is_down(lambda_: Runtime, fault: Reply | Exception) -> None:
    whole = lambda_.provider.answers[DISCOVERY]
    lambda_.provider.answers[DISCOVERY] = fault
    lambda_.take_snapshot()
    lambda_.provider.answers[DISCOVERY] = whole
    lambda_.now += 60
    lambda_.restore()
    assert runtime.services().discovery.keys(lambda_.now) == ({"kid": "1"},)


def test_settings_that_are_missing_fail_requests_and_not_the_snapshot(
    lambda_: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABLE_NAME")
    lambda_.take_snapshot()
    lambda_.restore()


def test_documents_are_there_after_a_restore_and_renewed_when_their_time_has_passed(lambda_: Runtime) -> None:
    lambda_.take_snapshot()
    lambda_.now += KEPT_SECONDS - 1
    lambda_.restore()
    discovery = runtime.services().discovery
    discovery.keys(lambda_.now)
    assert len(lambda_.provider.calls) == 2
    discovery.keys(lambda_.now + 1)
    assert [call.url for call in lambda_.provider.calls[2:]] == [DISCOVERY, JWKS]


def test_secrets_are_read_again_after_a_restore(lambda_: Runtime) -> None:
    lambda_.take_snapshot()
    runtime.services().secrets.keys.get(lambda_.now)
    lambda_.secrets.put("keys", {"key": "n" * 64})
    lambda_.restore()
    assert runtime.services().secrets.keys.get(lambda_.now).index_key == "n" * 64


def test_no_connection_survives_a_restore(lambda_: Runtime) -> None:
    class Connection:
        is_closed = False

        def close(self) -> None:
            self.is_closed = True

    connection: Any = Connection()
    lambda_.take_snapshot()
    transport._idle["https", "logto.example", None].append(connection)
    lambda_.restore()
    assert connection.is_closed
    assert not transport._idle


def test_no_derived_key_survives_a_restore(lambda_: Runtime) -> None:
    lambda_.take_snapshot()
    keys._derive("k" * 64, "a purpose")
    lambda_.restore()
    assert keys._derive.cache_info().currsize == 0


def test_two_restores_of_one_snapshot_go_different_ways(
    lambda_: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[bytes] = []
    monkeypatch.setattr(ssl, "RAND_add", lambda seed, _: added.append(seed))
    lambda_.take_snapshot()
    snapshot = random.getstate()
    drawn = []
    for _ in range(2):
        random.setstate(snapshot)
        lambda_.restore()
        drawn.append(random.random())
    assert drawn[0] != drawn[1]
    assert [len(seed) for seed in added] == [32, 32]
    assert added[0] != added[1]


def test_every_parameter_that_functions_see_makes_another_version() -> None:
    """Else the alias would stay with the version that has the old value."""
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"].values()
    seen = [value for value in variables if any(f"'{name}'" in str(value) for name in TEMPLATE["Parameters"])]
    assert len(seen) > 20
    for layers in LAYERS:
        marks = [mark for layer in layers for mark in _marks(layer)]
        assert sorted(map(str, [*seen, {"Ref": "SnapStart"}])) == sorted(map(str, marks))


@pytest.mark.parametrize("layer", sorted({layer for layers in LAYERS for layer in layers}))
def test_the_longest_parameters_have_room_where_they_make_another_version(layer: str) -> None:
    """Lambda takes 512 characters; a longer text would be found out only when the stack is being changed."""
    marks = _marks(layer)
    assert sum(map(_longest, marks)) + len(marks) - 1 <= 512


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_change_of_a_function_or_its_layers_makes_another_version(name: str) -> None:
    text, names = FUNCTIONS[name]["VersionDescription"]["Sub"]
    assert "${PasserelleLayer}" in text
    assert "${Dependencies}" in text
    assert [names["Dependencies"], {"Ref": "PasserelleLayer"}] == TEMPLATE["Globals"]["Function"]["Layers"]
    assert FUNCTIONS[name]["AutoPublishAliasAllProperties"] is True


def test_a_snapshot_is_of_what_the_api_calls_and_goes_with_its_version() -> None:
    function = TEMPLATE["Globals"]["Function"]
    condition, snap_start, otherwise = function["SnapStart"]["If"]
    assert TEMPLATE["Conditions"][condition] == {"Equals": [{"Ref": "SnapStart"}, "true"]}
    assert snap_start == {"ApplyOn": "PublishedVersions"}
    assert otherwise == {"Ref": "AWS::NoValue"}
    assert function["AutoPublishAlias"]
    assert function["VersionDeletionPolicy"] == "Delete"


def _marks(layer: str) -> list[Any]:
    separator, marks = RESOURCES[layer]["Properties"]["LicenseInfo"]["Join"]
    assert separator == " "
    return list(marks)


def _longest(mark: Any) -> int:
    """How many characters a mark may have: a parameter, one of two, or text with one in it."""
    if isinstance(mark, str):
        return len(mark)
    [(function, value)] = mark.items()
    if function == "If":
        return max(map(_longest, value[1:]))
    if function == "Sub":
        text, name = re.fullmatch(r"(.*)\$\{(\w+)\}", value).groups()  # type: ignore[union-attr]
        return len(text) + _longest({"Ref": name})
    assert function == "Ref"
    parameter = TEMPLATE["Parameters"][value]
    if "AllowedValues" in parameter:
        return max(map(len, parameter["AllowedValues"]))
    return len(str(parameter["MaxValue"])) if parameter["Type"] == "Number" else int(parameter["MaxLength"])
