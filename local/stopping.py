"""Whether somebody has asked this program to stop."""

import operator
import os
import select
import signal


class Stopping:
    """Becomes true with the first signal, and stays so.

    The interpreter itself writes each signal into a pipe at the moment it comes. A handler that takes a
    lock, as `threading.Event.set` does, would wait for ever when a second signal interrupts it.
    """

    def __init__(self) -> None:
        self._signals, written = os.pipe()
        os.set_blocking(written, False)
        self._written = written

    def watch(self, *numbers: int) -> None:
        """Take these signals from now on."""
        signal.set_wakeup_fd(self._written, warn_on_full_buffer=False)
        for number in numbers:
            # A handler there must be; this one does nothing, and no other signal finds it halfway.
            signal.signal(number, operator.is_)

    def is_set(self) -> bool:
        """Whether a signal has come."""
        return self.wait(0)

    def wait(self, seconds: float | None = None) -> bool:
        """Return once a signal has come, or so many seconds have passed; says whether one has come."""
        return bool(select.select([self._signals], [], [], seconds)[0])
