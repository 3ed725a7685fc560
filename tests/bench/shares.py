"""A part of one processor, as Lambda gives it by memory size: by a control group, where one can be made."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

WHOLE_MB = 1769
"""Memory at which a function has one whole processor (Lambda's documentation)."""

PERIOD_US = 20_000
"""Lambda's scheduling period."""

_VERSION_1 = Path("/sys/fs/cgroup/cpu")
_VERSION_2 = Path("/sys/fs/cgroup")


class NoShares(Exception):
    """The machine does not let this program make a control group."""


@contextlib.contextmanager
def share(memory_mb: int) -> Iterator[tuple[str, ...]]:
    """What to put before a command so that it gets no more of a processor than the memory size brings."""
    quota = round(PERIOD_US * memory_mb / WHOLE_MB)
    try:
        group = _make(quota)
    except OSError as error:
        raise NoShares(str(error)) from error
    try:
        yield ("/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"))
    finally:
        group.rmdir()


def _make(quota: int) -> Path:
    first = _VERSION_1.is_dir()
    group = (_VERSION_1 if first else _VERSION_2) / f"passerelle-bench-{os.getpid()}"
    group.mkdir()
    try:
        if first:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    except OSError:
        group.rmdir()
        raise
    return group
