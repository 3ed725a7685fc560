"""`MAILGUN_CONFIG` names a file with the JSON of Logto's connector; what cannot be it is refused by name."""

import json
from pathlib import Path

import pytest

from local.checks import ConfigError
from local.config import Config

SECRET = {"domain": "mg.example.com", "apiKey": "the-key", "from": "A <a@mg.example.com>"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mailgun.json"
    path.write_text(json.dumps(SECRET))
    return path


def refusal(path: object, **variables: str) -> str:
    with pytest.raises(ConfigError) as raised:
        Config.read({"MAILGUN_CONFIG": str(path), **variables})
    assert "the-key" not in str(raised.value)
    return str(raised.value)


def test_messages_stay_here_unless_a_real_mailgun_is_named(file: Path) -> None:
    config = Config.read({"MAILGUN_CONFIG": str(file)})
    assert not config.has_real_mailgun
    assert "MAILGUN_PORT" in config.ports
    real = {"MAILGUN_CONFIG": str(file), "MAILGUN_ENDPOINT": "https://api.eu.mailgun.net"}
    config = Config.read(real)
    assert config.has_real_mailgun
    assert "MAILGUN_PORT" not in config.ports
    assert "the-key" not in repr(config)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "not JSON"), ("{\n  x", "not JSON (line 2, column 3: "),
     (json.dumps({"SignIn": {"template": "t"}}), 'put this under "deliveries"'),
     ("[]", "not a JSON object"), ("[" * 100_000, "not JSON"),
     ("{}", "domain is missing"), (json.dumps(SECRET | {"apiKey": 5}), "apiKey is missing"),
     (json.dumps(SECRET | {"from": ""}), "from is missing")],
)  # fmt: skip
def test_what_cannot_be_it_is_refused(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    assert said in refusal(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "nowhere.json cannot be read: No such file" in refusal(tmp_path / "nowhere.json")
    assert "cannot be read" in refusal(tmp_path)
    (tmp_path / "latin").write_bytes(b'{"from": "\xe9"}')
    assert "not text in UTF-8" in refusal(tmp_path / "latin")


def test_the_same_thing_said_twice_is_refused(file: Path) -> None:
    said = refusal(file, MAILGUN_API_KEY="k", MAILGUN_DOMAIN="d.example", MAILGUN_FROM="a@d.example")
    assert "MAILGUN_API_KEY" in said
    assert "leave out one" in said


def test_compat_knows_one_value(file: Path) -> None:
    assert Config.read({"MAILGUN_COMPAT": "logto"}).parameters["MailgunCompat"] == "logto"
    with pytest.raises(ConfigError, match="MAILGUN_COMPAT"):
        Config.read({"MAILGUN_COMPAT": "yes"})
