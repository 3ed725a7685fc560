"""The file `.env`."""

import re
from pathlib import Path

from local.checks import KNOWN, PREFIXES, ConfigError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"""(["'])(.*?)\1\s*(#.*)?""")


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file: NAME=value lines, comments, quotes. No file, no variables."""
    variables = {}
    # Not splitlines(), which also breaks at characters that a value may hold.
    for number, line in enumerate(_text(path).split("\n"), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name):
            # The line itself stays unsaid: it may be the second half of a secret.
            raise ConfigError(f"{path}, line {number}, is neither NAME=value nor a comment")
        if name.upper().startswith(PREFIXES) and name not in KNOWN:
            raise ConfigError(f"{path}, line {number}: {name} is unknown; known are {', '.join(KNOWN)}")
        variables[name] = _unquoted(value)
    return variables


def _text(path: Path) -> str:
    try:
        # Windows' editors put a byte order mark first, which would become a part of the first name.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text in UTF-8; save it in that encoding") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None


def _unquoted(value: str) -> str:
    if quoted := _QUOTED.fullmatch(value.strip()):
        return quoted[2]
    return re.sub(r"\s#.*", "", value).strip()
