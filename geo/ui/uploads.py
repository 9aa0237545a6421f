"""What may be uploaded: to one's own session, no larger and no more than what is one's share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

from geo.ui import cookies
from geo.ui.quotas import UploadQuota

_UPLOAD = re.compile(r"(?:^|/)_stcore/upload_file/([^/]+)/[^/]+")
_FRAMING_BYTES = 64 * 1024
"""What a browser puts around a file that it sends."""

_NOT_YOURS = "That page is no longer open; reload it and choose the file again."
_NO_LENGTH = "The request does not give its length."
_TOO_LARGE = "The file is larger than {limit_mb} MB; split it, or remove what is not needed."
_TOO_MUCH = (
    "Your open pages hold all the uploaded files that one visitor may have; close some pages."
)


class Uploads:
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
            await PlainTextResponse(_NOT_YOURS, 403)(scope, receive, send)
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
            said = _TOO_LARGE.format(limit_mb=limit // (1024 * 1024))
            await PlainTextResponse(said, 413)(scope, receive, send)
        else:
            with self.quota.taken(visitor, session, int(length)) as fits:
                app = self.app if fits else PlainTextResponse(_TOO_MUCH, 429)
                await app(scope, receive, send)


def bytes_held() -> Mapping[str, int]:
    """Return how many bytes of uploaded files each session of this process holds."""
    if not Runtime.exists():
        return {}
    storage = getattr(Runtime.instance().uploaded_file_mgr, "file_storage", {})
    return {
        session: sum(len(one.data) for one in list(files.values()))
        for session, files in list(storage.items())
    }


def scope_of_session(session: str) -> Scope | None:
    """Return what the WebSocket of an open session said of its visitor, as a request says it."""
    client = Runtime.instance().get_client(session) if Runtime.exists() else None
    context = client.client_context if client is not None else None
    if context is None:
        return None
    cookie = "; ".join(f"{name}={value}" for name, value in context.cookies.items())
    end = (context.remote_ip, 0) if context.remote_ip else None
    return {"headers": [(b"cookie", cookie.encode("latin-1", "replace"))], "client": end}


def browser_of(scope: Scope) -> str:
    """Return what tells one browser from another on a computer of one's own."""
    return cookies.read(Headers(scope=scope).get("cookie", "")).get(cookies.BROWSER, "")


def _session_of(scope: Scope) -> str | None:
    """Return the session that a file is uploaded to, or deleted from; None for neither."""
    if scope["type"] != "http" or scope["method"] not in {"PUT", "DELETE"}:
        return None
    match = _UPLOAD.search(scope["path"])
    return match[1] if match else None
