"""`passerelle rotate connector-token` prints a token that all accept, and ends the old one when told to."""

import json

import pytest

from cli.__main__ import main
from tests.support.moto_server import Moto, moto
from tests.unit.cli.rotating import SPREAD, Clock, Secret, clock, rotate, rotated_stack, stop

__all__ = ["clock", "moto", "rotated_stack"]

pytestmark = pytest.mark.usefixtures("clock", "rotated_stack")


@pytest.fixture
def connector(moto: Moto) -> Secret:
    secret = Secret(moto, "ConnectorSecret")
    secret.write({"token": "t" * 48})
    return secret


def test_a_connector_token_is_printed_when_all_accept_it(
    connector: Secret, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rotate("connector-token") == 0
    assert SPREAD - 1 <= clock.waited <= SPREAD
    old, new = connector.read()["tokens"]
    assert old == "t" * 48
    assert capsys.readouterr().out == f"Bearer {new}\n"
    assert rotate("connector-token", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"authorization": f"Bearer {new}"}
    assert rotate("connector-token", "--finish", "--yes") == 0
    assert connector.read() == {"tokens": [new]}
    assert new not in "".join(capsys.readouterr())
    assert rotate("connector-token", "--finish", "--yes") == 1
    assert rotate("connector-token") == 0
    assert connector.read()["tokens"][0] == new


def test_a_stopped_rotation_of_the_token_prints_nothing_yet(
    connector: Secret, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.meanwhile = stop
    assert rotate("connector-token") == 130
    assert capsys.readouterr().out == ""
    held = connector.read()
    clock.meanwhile = lambda: None
    assert rotate("connector-token") == 0
    assert connector.read() == held
    assert capsys.readouterr().out == f"Bearer {held['tokens'][1]}\n"


def test_the_old_token_is_not_removed_unasked(
    connector: Secret, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connector.write({"tokens": ["t" * 48, "n" * 48]})
    assert rotate("connector-token", "--finish") == 2
    assert "--yes" in capsys.readouterr().err
    assert len(connector.read()["tokens"]) == 2


def test_says_how_the_others_are_rotated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["rotate", "--help"])
    said = capsys.readouterr().out
    assert all(each in said for each in ("clientSecret", "webhookSigningKeys", "Mailgun", "signing key"))
