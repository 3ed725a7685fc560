"""What the documents name exists: files, tests, parameters of the template."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_TEST = re.compile(r"`(tests/[\w./]+\.py)(?:::(\w+))?`")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
_CODE = re.compile(r"`((?:functions|oidc|otp|local|adapters)/[\w./]+\.py|\w+\.py)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_is_named_is_there(document: Path) -> None:
    for name, function in _TEST.findall(document.read_text()):
        path = ROOT / name
        assert path.is_file(), name
        assert not function or f"def {function}(" in path.read_text(), f"{name}::{function}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_of_the_code_that_is_named_is_there(document: Path) -> None:
    roots = (ROOT, ROOT / "layers/passerelle/passerelle", ROOT / "layers/passerelle/passerelle/oidc")
    for name in _CODE.findall(document.read_text()):
        assert any((root / name).is_file() for root in roots), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for name, heading in _LINK.findall(document.read_text()):
        target = document.parent / name if name else document
        assert target.exists(), name
        assert not heading or heading in _headings(target), f"{name}#{heading}"


def test_the_table_of_asvs_leaves_no_requirement_out() -> None:
    text = (ROOT / "docs/asvs.md").read_text()
    rows = {cell for row in re.findall(r"^\| ([\d., ]+) \|", text, re.M) for cell in row.split(", ")}
    sections = {"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "10.1": 2, "10.2": 2, "10.5": 5}
    asked = {f"{section}.{number + 1}" for section, count in sections.items() for number in range(count)}
    assert rows == asked | {"10.3", "10.4", "10.6", "10.7"}


def _headings(path: Path) -> set[str]:
    """As the sites that show these pages name them."""
    found = re.findall(r"^#+ (.*)$", path.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}
