"""What stands before every request: known Hosts only, strict headers, a cookie for the browser.

A page elsewhere can point a name of its own at 127.0.0.1 and read a local server through the
visitor's browser (DNS rebinding); it cannot choose the Host header, so unknown Hosts are refused,
WebSockets included. The content security policy lets the page talk to this server and to nobody
else: that no request leaves is enforced by the browser, not only promised.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "crossroads_browser"
"""Tells one browser from another; random, for as long as the browser runs."""

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\[\]]+))(?::\d{1,5})?")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Guard:
    """ASGI middleware around the whole app.

    Parameters
    ----------
    app
        What it protects.
    hosts
        Names that the app may be called by, without port; ``*.example.org`` stands for every name
        below, ``*`` for any.
    sources
        Origins that the map may fetch from besides this server; none unless an operator chose a
        remote basemap.
    link
        The ``Link`` header of pages: what a browser shall fetch with them.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Sequence[str] = LOCAL_HOSTS,
        sources: Sequence[str] = (),
        link: str = "",
    ) -> None:
        self.app = app
        self.link = link
        self.hosts = tuple(host.casefold() for host in hosts)
        self.headers = security_headers(sources)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with our headers on its answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not is_known_host(headers.get("host", ""), self.hosts):
            await _refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, self._adorning(headers, scope["scheme"], send))

    def _adorning(self, headers: Headers, scheme: str, send: Send) -> Send:
        """Return a ``send`` that adds our headers to the answer."""
        known = COOKIE in SimpleCookie(headers.get("cookie", ""))

        async def adorn(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    answer.setdefault(name, value)
                is_page = answer.get("content-type", "").startswith("text/html")
                if is_page and self.link:
                    answer.setdefault("link", self.link)
                if is_page and not known:
                    answer.append("set-cookie", _cookie(secure=scheme == "https"))
            await send(message)

        return adorn


def is_known_host(header: str, hosts: Sequence[str]) -> bool:
    """Return whether a Host header names one of the hosts.

    Examples
    --------
    >>> is_known_host("127.0.0.1:8501", LOCAL_HOSTS), is_known_host("evil.example", LOCAL_HOSTS)
    (True, False)
    >>> is_known_host("map.example.org", ["*.example.org"])
    True
    """
    match = _HOST.fullmatch(header)
    if match is None:
        return False
    name = (match[1] or match[2]).casefold().removesuffix(".")
    return any(
        host in {"*", name} or (host.startswith("*.") and name.endswith(host[1:])) for host in hosts
    )


def security_headers(sources: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of every answer.

    Streamlit needs inline styles (its CSS-in-JS) and scripts from ``blob:`` (components); its one
    inline script is allowed by its hash. MapLibre's worker is a ``blob:``.
    """
    ours = " ".join(["'self'", *sources])
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", *_script_hashes()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"{ours} data: blob:",
        "font-src": "'self' data:",
        "connect-src": ours,
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


@cache
def _script_hashes() -> tuple[str, ...]:
    """Return the sources that stand for the inline scripts of Streamlit's page."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _cookie(*, secure: bool) -> str:
    value = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax"
    return f"{value}; Secure" if secure else value


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})
        return
    text = "This server does not answer to that name; see CROSSROADS_HOSTS in the manual."
    await PlainTextResponse(text, status_code=400)(scope, receive, send)
