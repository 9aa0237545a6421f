"""Waiting for a busy service, and for other processes that ask it.

Each wait is twice as long as the last, with some chance in it, so that many who were refused do
not all come back at once; all waits together are bounded. What the service asks for (Retry-After)
counts where it is more. https://dev.overpass-api.de/overpass-doc/en/preface/commons.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from geo.cancellation import Clock
from geo.errors import ServiceBusy
from geo.files import disk_errors

_GROWTH = 2.0
_JITTER = 0.25


@dataclass(slots=True)
class Backoff:
    """Waits that grow, up to ``total_s`` in all without any success.

    ``chance`` returns a number from 0 to 1, by which a wait is made longer.

    Examples
    --------
    >>> backoff = Backoff(first_s=30, total_s=100, chance=lambda: 0.0)
    >>> backoff.next_s(), backoff.next_s(), backoff.next_s() is None
    (30.0, 60.0, True)
    """

    first_s: float = 30.0
    total_s: float = 900.0
    spent_s: float = 0.0
    chance: Callable[[], float] = field(default=random.random, repr=False)
    _next_s: float = 0.0

    def next_s(self, asked_s: float | None = None) -> float | None:
        """Return how long to wait now; None where the total is spent.

        ``asked_s`` is what the service asked for; None where it did not say.
        """
        grown_s = max(self._next_s, self.first_s) * (1 + _JITTER * self.chance())
        wait_s = max(grown_s, asked_s or 0.0)
        if not self.spend(wait_s):
            return None
        self._next_s = max(self._next_s, self.first_s) * _GROWTH
        return wait_s

    def spend(self, wait_s: float) -> bool:
        """Return whether a wait of a given length is within the total, and count it."""
        if self.spent_s + wait_s > self.total_s:
            return False
        self.spent_s += wait_s
        return True

    def reset(self) -> None:
        """Begin anew, as after a response: what goes forward may take its time."""
        self._next_s = self.spent_s = 0.0


_POLL_S = 1.0


@contextmanager
def process_lock(
    path: Path,
    clock: Clock,
    *,
    max_wait_s: float,
    busy_message: str,
    report: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Hold a lock while the block runs; the system releases it if the process is killed.

    ``report`` is called while others hold it, and may raise to stop.

    Raises
    ------
    ServiceBusy
        Another has held it for too long.
    SetupError
        The disk is full or may not be written.
    """
    lock = FileLock(path, timeout=0)
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    waited_s = 0.0
    while not _try_acquire(lock, path):
        if waited_s >= max_wait_s:
            raise ServiceBusy(busy_message)
        clock.wait(_POLL_S, lambda _left_s: report())
        waited_s += _POLL_S
    try:
        yield
    finally:
        lock.release()


def _try_acquire(lock: FileLock, path: Path) -> bool:
    """Take the lock if nobody else has it, and return whether it is ours now."""
    with disk_errors(path.parent):
        try:
            lock.acquire()
        except Timeout:
            return False
    return True
