"""Short-lived addresses for what belongs to one session, as the bands around somebody's start.

Routes are public and an address may end up in a log, so it says nothing: it is 192 random bits. It
works for the browser that the session belongs to (told by a cookie), while that session lives, and
for a few minutes. Nothing is written to disk.

Content may be promised: its address is known while it is being made, and whoever asks early waits.
So a page answers first, and its bands are made while the browser shows the list.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

LIFETIME_S = 900.0
"""A quarter of an hour: longer than any page takes to fetch, shorter than a lunch break."""

_PER_SESSION = 8
_IN_ALL = 2_000
_MAKERS = ThreadPoolExecutor(2, thread_name_prefix="promised")


@dataclass(frozen=True, slots=True)
class _Entry:
    of: object
    content: Future[bytes]
    session: str
    browser: str
    expires_s: float

    @property
    def has_failed(self) -> bool:
        """Whether its content could not be made."""
        return self.content.done() and self.content.exception() is not None


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
        """Keep content for one session and return its token; otherwise as `promise`."""
        made: Future[bytes] = Future()
        made.set_result(content)
        return self._keep(content, lambda: made, session, browser)

    def promise(self, make: Callable[[], bytes], *, of: object, session: str, browser: str) -> str:
        """Have content made for one session and return its token; a session's oldest ones end.

        The same again gets the same token and a new life and is not made again, so that a page
        which runs again does not make the browser fetch what it has.

        Parameters
        ----------
        make
            Makes what the address will answer; called in another thread.
        of
            All that the content depends on: two promises of equal things are the same.
        session
            Id of the Streamlit session.
        browser
            What the browser's cookie holds.
        """
        return self._keep(of, lambda: _MAKERS.submit(make), session, browser)

    def read(self, token: str, *, browser: str) -> bytes | None:
        """Return the content, once it is made; None for a token that is unknown, over or another's.

        Whatever went wrong in making it is raised.
        """
        with self._lock:
            entry = self._entries.get(token)
        if entry is None or entry.expires_s <= self.clock():
            return None
        same = secrets.compare_digest(entry.browser.encode(), browser.encode())
        return entry.content.result() if same and self.is_alive(entry.session) else None

    def __len__(self) -> int:
        return len(self._entries)

    def _keep(
        self, of: object, begin: Callable[[], Future[bytes]], session: str, browser: str
    ) -> str:
        with self._lock:
            self._sweep()
            own = {key: kept for key, kept in self._entries.items() if kept.session == session}
            for key, kept in own.items():
                if (kept.browser, kept.of) == (browser, of) and not kept.has_failed:
                    token, content = key, kept.content
                    break
            else:
                token, content = secrets.token_urlsafe(24), begin()
            for key in [*own][: max(0, len(own) - _PER_SESSION + 1)]:
                del self._entries[key]
            while len(self._entries) >= _IN_ALL:
                self._entries.popitem(last=False)
            expires_s = self.clock() + LIFETIME_S
            self._entries[token] = _Entry(of, content, session, browser, expires_s)
            self._entries.move_to_end(token)
        return token

    def _sweep(self) -> None:
        now = self.clock()
        for key in [key for key, entry in self._entries.items() if entry.expires_s <= now]:
            del self._entries[key]
