"""What to do around a snapshot, from which Lambda then starts many environments (SnapStart).

Before it is taken: all that a first request would load, and public documents. Never a secret, since a
snapshot is a copy of the memory. After it was restored: whatever only one environment may have. Times need no
care: they are compared with the wall clock, which does not stop.
"""

import os
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from importlib import import_module

from passerelle import keys, log, runtime
from passerelle.errors import Misconfigured, Unavailable

_LOADED_LATER: dict[str, Iterable[str]] = {
    "passerelle.runtime": ("encodings.idna",),
    "passerelle.otp.events": ("passerelle.otp.config",),
    "passerelle.health.watch": (
        "passerelle.health.checks",
        "passerelle.adapters.dynamodb_health",
        "passerelle.adapters.health_web",
        "email.utils",
        "joserfc.jwk",
    ),
    "passerelle.oidc.jws": ("joserfc.jws", "cryptography.hazmat.backends.openssl.backend"),
}
"""What modules load while they answer their first request."""

_SPEAKS_TO_LOGTO = "passerelle.client"


def register(needs: Collection[str] | None = None) -> None:
    """Tell Lambda's runtime what to do, when there is going to be a snapshot; `needs` as in `services`."""
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    import snapshot_restore_py  # type: ignore[import-not-found]  # a part of Lambda's runtime

    snapshot_restore_py.register_before_snapshot(lambda: prepare(needs))
    snapshot_restore_py.register_after_restore(lambda: begin_anew(needs))


def prepare(needs: Collection[str] | None = None) -> None:
    """Load, build and fetch ahead. What cannot be had now is for the first request to have, or to report."""
    log.configure()
    for user, names in _LOADED_LATER.items():
        if user in sys.modules:
            for name in names:
                import_module(name)
    with suppress(Misconfigured, Unavailable):
        services = runtime.services(needs)
        if _SPEAKS_TO_LOGTO in sys.modules:
            services.discovery.keys(services.clock.now())


def begin_anew(needs: Collection[str] | None = None) -> None:
    """Keep the public documents; everything else begins as in an environment of its own."""
    import random
    import ssl

    # `os.urandom` needs nothing: the kernel is told that it was copied. These two are not.
    random.seed()
    ssl.RAND_add(os.urandom(32), 0)
    keys._derive.cache_clear()
    with suppress(Misconfigured):
        runtime.renew(needs)
