"""How much of the server's memory one visitor may hold: sessions, and bytes of uploaded files."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

KEPT_S = 120.0
"""How long Streamlit keeps a session whose connection has ended."""

LOCAL_SESSIONS = 500
"""On a computer of one's own, whose visitors are all one."""

ACCOUNT_SESSIONS = 60
"""Of one account, on all its devices."""

STRANGER_SESSIONS = 200
"""Of an address that nobody has signed in from yet: an office may share one."""

UPLOAD_BYTES = 64 * 1024 * 1024
"""Of all files that one visitor has uploaded and whose sessions are still there."""


@dataclass(slots=True)
class SessionQuota:
    """Counts the sessions of each visitor: those open, and those that ended a moment ago.

    Attributes
    ----------
    limit
        How many sessions a visitor may have.
    clock
        Seconds that only grow.
    """

    limit: Callable[[str], int]
    clock: Callable[[], float] = time.monotonic
    _open: Counter[str] = field(default_factory=Counter)
    _ended: dict[str, deque[float]] = field(default_factory=dict)

    def is_used_up(self, visitor: str) -> bool:
        """Return whether a visitor can open no further session."""
        self._sweep()
        return self._open[visitor] + len(self._ended.get(visitor, ())) >= self.limit(visitor)

    @contextmanager
    def opened(self, visitor: str) -> Iterator[None]:
        """Count a session while the block runs, and a while after."""
        self._open[visitor] += 1
        try:
            yield
        finally:
            self._open[visitor] -= 1
            self._ended.setdefault(visitor, deque()).append(self.clock())

    def _sweep(self) -> None:
        before = self.clock() - KEPT_S
        for visitor, ends in list(self._ended.items()):
            while ends and ends[0] <= before:
                ends.popleft()
            if not ends:
                del self._ended[visitor]
        self._open = +self._open  # without those who have none


@dataclass(slots=True)
class UploadQuota:
    """Counts the bytes of each visitor's uploaded files.

    Attributes
    ----------
    held
        Returns how many bytes are held now for each session.
    limit
        In bytes.
    """

    held: Callable[[], Mapping[str, int]]
    limit: int = UPLOAD_BYTES
    _visitors: dict[str, str] = field(default_factory=dict)
    _coming: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def taken(self, visitor: str, session: str, size: int) -> Iterator[bool]:
        """Set bytes aside while they come in, and say whether the visitor may have them.

        Parameters
        ----------
        size
            In bytes.
        """
        with self._lock:
            fits = self._used(visitor) + size <= self.limit
            if fits:
                self._visitors[session] = visitor
                self._coming[session] += size
        try:
            yield fits
        finally:
            if fits:
                with self._lock:
                    self._coming[session] -= size

    def _used(self, visitor: str) -> int:
        """Return how many bytes a visitor holds or sends; sessions that are gone are forgotten."""
        held = self.held()
        self._coming = +self._coming
        there = held.keys() | self._coming.keys()
        self._visitors = {key: who for key, who in self._visitors.items() if key in there}
        mine = [key for key, who in self._visitors.items() if who == visitor]
        return sum(held.get(key, 0) + self._coming[key] for key in mine)
