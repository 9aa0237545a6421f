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
    """Waits that grow, up to a total without any success.

    Attributes
    ----------
    total_s
        All waits together are no longer than this.
    chance
        Returns a number from 0 to 1.

    Examples
    --------
    >>> patience = Backoff(first_s=30, total_s=100, chance=lambda: 0.0)
    >>> patience.next_s(), patience.next_s(), patience.next_s() is None
    (30.0, 60.0, True)
    """

    first_s: float = 30.0
    total_s: float = 900.0
    spent_s: float = 0.0
    chance: Callable[[], float] = field(default=random.random, repr=False)
    _next_s: float = 0.0

    def next_s(self, asked_s: float | None = None) -> float | None:
        """Return how long to wait now; None where patience is at its end.

        Parameters
        ----------
        asked_s
            What the service asked for; None where it did not say.
        """
        grown_s = max(self._next_s, self.first_s) * (1 + _JITTER * self.chance())
        wait_s = max(grown_s, asked_s or 0.0)
        if not self.spend(wait_s):
            return None
        self._next_s = max(self._next_s, self.first_s) * _GROWTH
        return wait_s

    def spend(self, wait_s: float) -> bool:
        """Return whether there is patience for a wait of a given length, and count it."""
        if self.spent_s + wait_s > self.total_s:
            return False
        self.spent_s += wait_s
        return True

    def calm(self) -> None:
        """Begin anew, as after an answer: what goes forward may take its time."""
        self._next_s = self.spent_s = 0.0


_LOOK_S = 1.0


@contextmanager
def taking_turns(
    path: Path,
    clock: Clock,
    *,
    longest_s: float,
    busy: str,
    tell: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Hold a lock while the block runs; the system releases it if the process is killed.

    Parameters
    ----------
    longest_s
        How long to wait for the others.
    busy
        The sentence for whoever waited so long.
    tell
        Called while others hold it; may raise to stop.

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
    while not _has(lock, path):
        if waited_s >= longest_s:
            raise ServiceBusy(busy)
        clock.wait(_LOOK_S, lambda _left_s: tell())
        waited_s += _LOOK_S
    try:
        yield
    finally:
        lock.release()


def _has(lock: FileLock, path: Path) -> bool:
    """Take the lock if nobody else has it, and return whether it is ours now."""
    with disk_errors(path.parent):
        try:
            lock.acquire()
        except Timeout:
            return False
    return True
