"""Short-lived addresses for what belongs to one session, as the bands around somebody's start.

Routes are public and an address may end up in a log, so it says nothing: it is 192 random bits. It
works for the browser that the session belongs to (told by a cookie), while that session lives, and
for a few minutes. Nothing is written to disk.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

LIFETIME_S = 900.0
"""A quarter of an hour: longer than any page takes to fetch, shorter than a lunch break."""

_PER_SESSION = 8
_IN_ALL = 2_000


@dataclass(frozen=True, slots=True)
class _Entry:
    content: bytes
    session: str
    browser: str
    expires_s: float

    def same_as(self, other: _Entry) -> bool:
        """Return whether both are the same thing for the same browser."""
        return self.browser == other.browser and self.content == other.content


@dataclass(slots=True)
class TokenStore:
    """Content by token.

    Attributes
    ----------
    is_alive
        Says whether a session still exists.
    clock
        Seconds that only grow.
    """

    is_alive: Callable[[str], bool] = lambda _session: True
    clock: Callable[[], float] = time.monotonic
    _entries: OrderedDict[str, _Entry] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, content: bytes, *, session: str, browser: str) -> str:
        """Keep content for one session and return its token; a session's oldest ones end.

        The same content again gets the same token and a new life, so that a page which runs again
        does not make the browser fetch what it has.

        Parameters
        ----------
        content
            What the address will answer.
        session
            Id of the Streamlit session.
        browser
            What the browser's cookie holds.
        """
        entry = _Entry(content, session, browser, self.clock() + LIFETIME_S)
        with self._lock:
            self._sweep()
            own = {key: kept for key, kept in self._entries.items() if kept.session == session}
            token = next(
                (key for key, kept in own.items() if kept.same_as(entry)), secrets.token_urlsafe(24)
            )
            for key in [*own][: max(0, len(own) - _PER_SESSION + 1)]:
                del self._entries[key]
            while len(self._entries) >= _IN_ALL:
                self._entries.popitem(last=False)
            self._entries[token] = entry
            self._entries.move_to_end(token)
        return token

    def read(self, token: str, *, browser: str) -> bytes | None:
        """Return the content; None where the token is unknown, over, or another browser's."""
        with self._lock:
            entry = self._entries.get(token)
        if entry is None or entry.expires_s <= self.clock():
            return None
        same = secrets.compare_digest(entry.browser.encode(), browser.encode())
        return entry.content if same and self.is_alive(entry.session) else None

    def __len__(self) -> int:
        return len(self._entries)

    def _sweep(self) -> None:
        now = self.clock()
        for key in [key for key, entry in self._entries.items() if entry.expires_s <= now]:
            del self._entries[key]
