"""Quotas of one visitor: sessions, and bytes of uploads, which go to their own session alone."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

from geo.ui.web import security

DISCONNECTED_SESSION_S = 120.0
"""How long Streamlit keeps a session whose connection has ended."""

LOCAL_SESSIONS = 500
"""On a computer of one's own, whose visitors are all one."""

ACCOUNT_SESSIONS = 60
"""Of one account, on all its devices."""

ANONYMOUS_SESSIONS = 200
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
        before = self.clock() - DISCONNECTED_SESSION_S
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


_UPLOAD = re.compile(r"(?:^|/)_stcore/upload_file/([^/]+)/[^/]+")
_FRAMING_BYTES = 64 * 1024
"""What a browser puts around a file that it sends."""

_PAGE_CLOSED = "That page is no longer open; reload it and choose the file again."
_NO_LENGTH = "The request does not give its length."
_TOO_LARGE = "The file is larger than {limit_mb} MB; split it, or remove what is not needed."
_QUOTA_FULL = (
    "Your open pages hold all the uploaded files that one visitor may have; close some pages."
)


class UploadMiddleware:
    """ASGI middleware before the address that files are uploaded to.

    Parameters
    ----------
    app
        What takes them.
    quota
        How many bytes each visitor may hold.
    visitor
        Returns who sends a request.
    owner
        Returns who a session belongs to; None where there is none of that id.
    limit_bytes
        Returns how large a file may be.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        quota: UploadQuota,
        visitor: Callable[[Scope], str],
        owner: Callable[[str], str | None],
        limit_bytes: Callable[[], int],
    ) -> None:
        self.app = app
        self.quota = quota
        self.visitor = visitor
        self.owner = owner
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an upload on, or say why it is none."""
        session = _session_of(scope)
        if session is None:
            await self.app(scope, receive, send)
            return
        visitor = self.visitor(scope)
        if self.owner(session) != visitor:
            await PlainTextResponse(_PAGE_CLOSED, 403)(scope, receive, send)
        elif scope["method"] != "PUT":
            await self.app(scope, receive, send)
        else:
            await self._take(session, visitor, scope, receive, send)

    async def _take(
        self, session: str, visitor: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        length = Headers(scope=scope).get("content-length", "")
        limit = self.limit_bytes()
        if not length.isdecimal():  # browsers always say it
            await PlainTextResponse(_NO_LENGTH, 411)(scope, receive, send)
        elif int(length) > limit + _FRAMING_BYTES:
            sentence = _TOO_LARGE.format(limit_mb=limit // (1024 * 1024))
            await PlainTextResponse(sentence, 413)(scope, receive, send)
        else:
            with self.quota.taken(visitor, session, int(length)) as fits:
                app = self.app if fits else PlainTextResponse(_QUOTA_FULL, 429)
                await app(scope, receive, send)


def uploaded_bytes() -> Mapping[str, int]:
    """Return how many bytes of uploaded files each session of this process holds."""
    if not Runtime.exists():
        return {}
    storage = getattr(Runtime.instance().uploaded_file_mgr, "file_storage", {})
    return {
        session: sum(len(one.data) for one in list(files.values()))
        for session, files in list(storage.items())
    }


def scope_of_session(session: str) -> Scope | None:
    """Return what the WebSocket of an open session says of its visitor, as a request says it."""
    client = Runtime.instance().get_client(session) if Runtime.exists() else None
    context = client.client_context if client is not None else None
    if context is None:
        return None
    cookie = "; ".join(f"{name}={value}" for name, value in context.cookies.items())
    end = (context.remote_ip, 0) if context.remote_ip else None
    return {"headers": [(b"cookie", cookie.encode("latin-1", "replace"))], "client": end}


def browser_id(scope: Scope) -> str:
    """Return what tells one browser from another on a computer of one's own."""
    return security.parse_cookies(Headers(scope=scope).get("cookie", "")).get(
        security.BROWSER_COOKIE, ""
    )


def _session_of(scope: Scope) -> str | None:
    """Return the session that a file is uploaded to, or deleted from; None for neither."""
    if scope["type"] != "http" or scope["method"] not in {"PUT", "DELETE"}:
        return None
    match = _UPLOAD.search(scope["path"])
    return match[1] if match else None
