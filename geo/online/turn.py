"""Taking turns: what only one process at a time may do, told while others do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from geo.disk import disk_errors
from geo.errors import ServiceBusy
from geo.online.clock import Clock

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
    path
        The lock's file; its folder is made.
    clock
        Counts the seconds.
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
