"""Docker: whether it answers, where its containers find this machine, and what is left of them."""

import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from local.sam.needs import DOCKER, DOCKER_ENGINE, DOCKER_GROUP, Missing


@dataclass(frozen=True)
class Engine:
    """A Docker that answers.

    Containers reach what listens at `bind` here, by `name` if there is one, for which the SAM CLI takes
    `sam_options`. `environment` leads the SAM CLI to this engine.
    """

    bind: str
    name: str
    environment: Mapping[str, str]

    @property
    def sam_options(self) -> tuple[str, ...]:
        """Options for `sam local`."""
        return ("--add-host", f"{self.name}:host-gateway") if self.name else ()


def find_engine(bind: str = "") -> Engine:
    """The engine that `docker` talks to. `bind` overrules what is found out. Raises `Missing`."""
    answer = _docker("version", "--format", "{{.Server.Version}}")
    if answer.returncode:
        said = answer.stderr.strip().splitlines()[-1:] or ["nothing"]
        advice = DOCKER_GROUP if "permission denied" in said[0] else DOCKER_ENGINE
        raise Missing(advice.format(said=said[0]))
    address, name = (bind, "") if bind else _way_back()
    return Engine(address, name, _environment())


def remove_containers(mounted: Path) -> list[str]:
    """Remove the containers that code from this folder is mounted in; returns their ids."""
    listed = _docker("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Mounts}}").stdout.splitlines()
    ids = [line.partition(" ")[0] for line in listed if str(mounted) in line]
    if ids:
        _docker("rm", "--force", *ids)
    return ids


def _way_back() -> tuple[str, str]:
    """Where stand-ins listen for containers to reach them, and the name for that, if it takes one."""
    bridge = _bridge()
    if bridge and _is_of_this_machine(bridge):
        return bridge, ""
    # The engine is in a virtual machine, and what containers send to their host-gateway arrives at 127.0.0.1
    # here, where browsers look for whatever ends in .localhost (RFC 6761 6.3). localhost itself would not do:
    # containers ask themselves for it.
    return "127.0.0.1", "stand-ins.localhost"


def _bridge() -> str:
    """The address of this machine in Docker's own network; empty when it has none."""
    answer = _docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}")
    networks = json.loads(answer.stdout) if answer.returncode == 0 else None
    for network in networks or []:
        # Docker takes the first address, and some of its versions say so only once there is a container.
        address = network.get("Gateway") or str(next(ip_network(network["Subnet"]).hosts()))
        if ":" not in address:
            return address
    return ""


def _is_of_this_machine(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True


def _environment() -> dict[str, str]:
    # The SAM CLI knows nothing of Docker's contexts, by which Docker Desktop and colima are found.
    if "DOCKER_HOST" in os.environ:
        return {}
    answer = _docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    return {"DOCKER_HOST": answer.stdout.strip()} if answer.returncode == 0 else {}


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        raise Missing(DOCKER) from None
    except subprocess.TimeoutExpired:
        raise Missing(DOCKER_ENGINE.format(said="nothing, for a minute")) from None
