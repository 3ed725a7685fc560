"""Versions of a secret: read one, and put another one after it, unless somebody else has meanwhile."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from cli.aws import Service
from cli.problems import Problem, Refused
from passerelle import audit
from passerelle.log import discreet

_LOOKS = 5
_PAUSE_SECONDS = 1.0


@discreet
class Version(NamedTuple):
    """What a secret held when it was read."""

    service: Service
    arn: str
    name: str
    """For people."""
    id: str
    value: dict[str, Any]

    def replace_by(self, value: Mapping[str, Any]) -> "Version":
        """Put a value after this one, and return it; raises `Refused` when another one has come between.

        Secrets Manager has no condition for that. So the secret is read again right before, and afterwards
        what was replaced must be what was read: if not, the other one is still there as the previous version.
        """
        if newest(self.service, self.arn, self.name).id != self.id:
            raise Refused(
                f"{self.name} was changed by somebody else meanwhile. Nothing was written: run again"
            )
        version = str(uuid.uuid4())
        self.service.ask(
            "PutSecretValue", SecretId=self.arn, ClientRequestToken=version, SecretString=json.dumps(value)
        )
        audit.note("secret_replaced", "replaced", secret=self.arn)
        replaced = _replaced_by(self.service, self.arn, version)
        if replaced != self.id:
            raise Refused(
                f"{self.name} was changed by somebody else at the same moment. Their version {replaced} is "
                f"the previous one now, and ours is {version}: put one that has what is in either"
            )
        return self._replace(id=version, value=dict(value))


def newest(service: Service, arn: str, name: str) -> Version:
    """Read the current version of a secret that is a JSON object; raises `Problem`."""
    answer = service.ask("GetSecretValue", SecretId=arn)
    try:
        value = json.loads(answer.get("SecretString", ""))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Problem(f"{name} is not a JSON object")
    return Version(service, arn, name, answer["VersionId"], value)


def _replaced_by(service: Service, arn: str, version: str) -> str:
    """Return the version that stood before this one; readings may lag behind for a moment."""
    for _ in range(_LOOKS):
        stages = service.ask("DescribeSecret", SecretId=arn)["VersionIdsToStages"]
        if version in stages:
            break
        time.sleep(_PAUSE_SECONDS)
    return next((each for each, labels in stages.items() if "AWSPREVIOUS" in labels), "")
