"""Short-lived addresses for what belongs to one session, as the bands around somebody's start.

Routes are public and an address may end up in a log, so it says nothing: it is 192 random bits. It
works for the browser that the session belongs to (told by a cookie), while that session lives, and
for a few minutes. Nothing is written to disk.

Content may be promised: its address is known while it is being made, and whoever asks early waits.
So a page answers first, and its bands are made while the browser shows the list. An address may
even be reserved before it is known what there will be: a browser that has it asks for the bands of
the next start at the click, not after the page has answered.

There is one store for the process, because routes and pages must share it.
"""

from __future__ import annotations

import asyncio
import gzip
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from streamlit import context
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.ui.map.assets import PREFIX
from geo.ui.web.security import BROWSER_COOKIE

LIFETIME_S = 900.0
"""A quarter of an hour: longer than any page takes to fetch, shorter than a lunch break."""

_PER_SESSION = 8
_MAX_ENTRIES = 2_000
_MAKERS = ThreadPoolExecutor(2, thread_name_prefix="promised")
_RESERVED = object()


@dataclass(frozen=True, slots=True)
class _TokenEntry:
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
    patience_s
        How long whoever asks at a reserved address waits for something to be promised there.
    """

    is_alive: Callable[[str], bool] = lambda _session: True
    clock: Callable[[], float] = time.monotonic
    patience_s: float = 10.0
    _entries: OrderedDict[str, _TokenEntry] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, content: bytes, *, session: str, browser: str) -> str:
        """Keep content for one session and return its token; otherwise as `promise`."""

        def hand_over(kept: Future[bytes]) -> None:
            kept.set_result(content)

        return self._keep(content, hand_over, session, browser)

    def promise(self, make: Callable[[], bytes], *, of: object, session: str, browser: str) -> str:
        """Have content made for one session and return its token; a session's oldest ones end.

        The same again gets the same token and a new life and is not made again, so that a page
        which runs again does not make the browser fetch what it has. What is new gets the token
        that was reserved, where one was.

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

        def begin(kept: Future[bytes]) -> None:
            _MAKERS.submit(make).add_done_callback(lambda made: _copy_result(made, kept))

        return self._keep(of, begin, session, browser)

    def reserve(self, *, session: str, browser: str) -> str:
        """Return the token that the session's next new content will have."""
        return self._keep(_RESERVED, lambda _kept: None, session, browser)

    async def read(self, token: str, *, browser: str) -> bytes | None:
        """Return the content, once it is made; None for a token that is unknown, over or another's.

        At a reserved address it is None too where nothing is promised in time. Whatever went wrong
        in making it is raised.
        """
        with self._lock:
            entry = self._entries.get(token)
        if entry is None or entry.expires_s <= self.clock():
            return None
        same = secrets.compare_digest(entry.browser.encode(), browser.encode())
        if not (same and self.is_alive(entry.session)):
            return None
        # Shielded: whoever goes away must not end what others wait for.
        content = asyncio.shield(asyncio.wrap_future(entry.content))
        done, _ = await asyncio.wait([content], timeout=self.patience_s)
        return await content if done or self._is_promised(token) else None

    def __len__(self) -> int:
        return len(self._entries)

    def _is_promised(self, token: str) -> bool:
        with self._lock:
            entry = self._entries.get(token)
        return entry is not None and entry.of is not _RESERVED

    def _keep(
        self, of: object, begin: Callable[[Future[bytes]], None], session: str, browser: str
    ) -> str:
        """Keep something for a session; what is new is begun."""
        with self._lock:
            self._sweep()
            own = {key: one for key, one in self._entries.items() if one.session == session}
            mine = {key: one for key, one in own.items() if one.browser == browser}
            kept = _find_token(mine, of)
            token, content = kept or _find_token(mine, _RESERVED) or _new_token()
            if kept is None:
                begin(content)
            for key in [*own][: max(0, len(own) - _PER_SESSION + 1)]:
                del self._entries[key]
            while len(self._entries) >= _MAX_ENTRIES:
                self._entries.popitem(last=False)
            expires_s = self.clock() + LIFETIME_S
            self._entries[token] = _TokenEntry(of, content, session, browser, expires_s)
            self._entries.move_to_end(token)
        return token

    def _sweep(self) -> None:
        now = self.clock()
        for key in [key for key, entry in self._entries.items() if entry.expires_s <= now]:
            del self._entries[key]


def _find_token(entries: Mapping[str, _TokenEntry], of: object) -> tuple[str, Future[bytes]] | None:
    """Return the token and content of what depends on something, unless it could not be made."""
    for token, entry in entries.items():
        if entry.of == of and not entry.has_failed:
            return token, entry.content
    return None


def _new_token() -> tuple[str, Future[bytes]]:
    return secrets.token_urlsafe(24), Future()


def _copy_result(made: Future[bytes], kept: Future[bytes]) -> None:
    """Let one future end as another did."""
    error = made.exception()
    if error:
        kept.set_exception(error)
    else:
        kept.set_result(made.result())


def areas_url(token: str) -> str:
    """Return the address of what was published under a token."""
    return f"{PREFIX}/areas/{token}"


def _is_alive(session: str) -> bool:
    return Runtime.exists() and Runtime.instance().is_active_session(session)


TOKENS = TokenStore(is_alive=_is_alive)
"""What every session has published."""


def publish_areas(geojson: bytes) -> str | None:
    """Publish bands for the visitor of the page that runs, and return their address.

    Returns
    -------
    str or None
        To be given to a scene as ``areas_url``; None outside of a running page.
    """
    whose = _visitor()
    return areas_url(TOKENS.publish(_compress(geojson), **whose)) if whose else None


def promise_areas(make: Callable[[], bytes], of: object) -> str | None:
    """Have bands made while the page is already shown, and return the address where they will be.

    Parameters
    ----------
    make
        Makes the GeoJSON; called in another thread, so it may ask nothing of the page.
    of
        All that the bands depend on; as long as it is equal they are neither made nor fetched anew.

    Returns
    -------
    str or None
        As of `publish_areas`.
    """
    whose = _visitor()
    return areas_url(TOKENS.promise(lambda: _compress(make()), of=of, **whose)) if whose else None


def reserve_areas() -> str | None:
    """Return the address where the visitor's next bands will be; None outside of a running page."""
    whose = _visitor()
    return areas_url(TOKENS.reserve(**whose)) if whose else None


def _compress(geojson: bytes) -> bytes:
    """Return bands as they travel: packed quickly, and not by the thread that answers everybody."""
    return gzip.compress(geojson, 1, mtime=0)


def _visitor() -> dict[str, str] | None:
    """Return whose page runs; None outside of one."""
    running = get_script_run_ctx(suppress_warning=True)
    if running is None:
        return None
    return {"session": running.session_id, "browser": context.cookies.get(BROWSER_COOKIE, "")}
