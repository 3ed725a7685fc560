"""The schema of the audit, as docs/audit.schema.json has it."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.support.journal import Json

SCHEMA: Json = json.loads((Path(__file__).parents[2] / "docs/audit.schema.json").read_text())
EVENTS = set(SCHEMA["properties"]["event"]["enum"])
Draft202012Validator.check_schema(SCHEMA)
_VALIDATOR = Draft202012Validator(SCHEMA)


def assert_audit(line: Json) -> None:
    """A line keeps to the schema."""
    assert [error.message for error in _VALIDATOR.iter_errors(line)] == [], line
