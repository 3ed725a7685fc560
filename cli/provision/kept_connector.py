"""The file with a connector that was replaced, and what puts it back."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from cli.problems import Problem
from cli.provision.logto import Json
from cli.provision.site import Site
from passerelle.times import timestamp

FORMAT = "passerelle-connector-1"
_MEMBERS = ("id", "connectorId", "config")


def keep(site: Site, connector: Json) -> str:
    """Write a connector to a new file that nobody else may read, and return its name; raises `Problem`."""
    tenant = site.logto.tenant
    kept = {
        "format": FORMAT,
        "savedAt": timestamp(int(site.now)),
        "origin": tenant.origin,
        "resource": tenant.resource,
        "connector": {name: connector[name] for name in _MEMBERS},
    }
    moment = datetime.fromtimestamp(site.now, UTC).strftime("%Y%m%dT%H%M%SZ")
    # Logto's own names are made of these. Whatever else it says must not lead to another folder.
    kind = re.sub("[^a-z0-9-]", "", connector["connectorId"])[:64]
    return _written(f"logto-connector-{kind}-{moment}", json.dumps(kept, indent=2) + "\n")


def read_kept(site: Site, path: str) -> Json:
    """Read the connector from such a file; raises `Problem` when it is another tenant's."""
    try:
        kept = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise Problem(f"{path} is not a file that provision has saved a connector to")
    tenant = site.logto.tenant
    if not tenant.is_same(str(kept.get("origin")), str(kept.get("resource"))):
        raise Problem(
            f"{path} is from {kept.get('origin')} ({kept.get('resource')}), and not from {tenant.title}. "
            "Nothing was changed"
        )
    connector: Json = kept["connector"]
    return connector


def _written(stem: str, text: str) -> str:
    for number in range(1, 100):
        path = Path(f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            raise Problem(
                f"the connector cannot be saved to {path}: {error.strerror}. It was left as it is"
            ) from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)  # it is the only copy in a moment
        return str(path)
    raise Problem(f"too many files {stem}*.json are here: move them away. The connector was left as it is")
