"""Variables of the operator: those of the environment, and below them those of `.env` in this folder."""

import os
from collections.abc import Mapping
from pathlib import Path

from cli.problems import Problem
from local.checks import ConfigError, check_values
from local.env_file import read_env_file


def read_variables(*prefixes: str) -> Mapping[str, str]:
    """Read them, without the empty ones; those that begin with one of the prefixes are checked.

    Raises `Problem`.
    """
    try:
        variables = {**read_env_file(Path(".env")), **os.environ}
        given = {name: value.strip() for name, value in variables.items() if value.strip()}
        check_values({name: value for name, value in given.items() if name.startswith(prefixes)})
    except ConfigError as error:
        raise Problem(str(error)) from None
    return given
