"""A `.env` file gives its variables, or says where it is wrong."""

import re
from pathlib import Path

import pytest

from local.__main__ import VARIABLES
from local.checks import KNOWN, ConfigError
from local.env_file import read_env_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_no_file_has_no_variables(file: Path) -> None:
    assert read_env_file(file) == {}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A = b ", "b"),
        ("A=", ""),
        ("A= # nothing", ""),
        ("A=b # comment", "b"),
        ("A=b\t# comment", "b"),
        ("A=b#c", "b#c"),
        ('A="b c"', "b c"),
        ("A='b # c'", "b # c"),
        ('A="b" # comment', "b"),
        ('A="b" # a "comment"', "b"),
        ("A=b=c", "b=c"),
        ("A=b\u2028c", "b\u2028c"),
        ("A=b\r", "b"),
    ],
)
def test_a_line_gives_a_variable(file: Path, line: str, value: str) -> None:
    file.write_bytes(f"# first\n\n{line}\nB=last\n".encode())
    assert read_env_file(file) == {"A": value, "B": "last"}


def test_a_byte_order_mark_is_no_part_of_the_first_name(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfA=b\n")
    assert read_env_file(file) == {"A": "b"}


@pytest.mark.parametrize("line", ["hidden", "=hidden", "two words=hidden", "A: hidden", "export A"])
def test_another_line_is_refused_by_its_number_and_not_repeated(file: Path, line: str) -> None:
    file.write_text(f"A=b\n\n{line}\n")
    with pytest.raises(ConfigError, match=r"\.env, line 3") as raised:
        read_env_file(file)
    assert "hidden" not in str(raised.value)


MISSPELT = [
    "AUTH_LOGTO_ISUER",
    "LOGTO_PRT",
    "LOGTO_ISSUER",
    "MAILGUN_KEY",
    "SEND_OTP_TOKENS",
    "mailgun_domain",
]


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_name_is_told_with_those_that_are_known(file: Path, name: str) -> None:
    file.write_text(f"OTHER=1\n{name}=hidden\n")
    with pytest.raises(ConfigError) as raised:
        read_env_file(file)
    said = str(raised.value)
    assert f"line 2: {name} is unknown" in said
    assert "hidden" not in said
    assert said.partition("known are ")[2].split(", ") == [*KNOWN]


def test_the_names_that_are_known_are_those_that_the_help_lists() -> None:
    assert {*KNOWN} == {*re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", VARIABLES)}


@pytest.mark.parametrize("name", [*KNOWN, "LOGTOP", "PORTS", "PATH", "NEXT_PUBLIC_LOGTO_ID", "DATABASE_URL"])
def test_a_name_that_is_known_or_another_tool_s_is_taken(file: Path, name: str) -> None:
    file.write_text(f"{name}=a\n")
    assert read_env_file(file) == {name: "a"}


@pytest.mark.parametrize("content", ["A=é".encode("latin-1"), "A=b".encode("utf-16")])
def test_another_encoding_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="UTF-8"):
        read_env_file(file)


def test_a_folder_is_no_file(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_env_file(file)


def test_a_file_that_may_not_be_read_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        read_env_file(file)
