"""What a link asked for survives the sign-in.

Signing in leads to the provider and back to the app's first page: what the address asked for would
be lost, and an invitation with it. So both wait in cookies meanwhile. An invitation leaves the
address at once, before it can be seen over a shoulder, shared or logged.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.signin import CALLBACK
from geo.ui import cookies

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{8,512}")
_LONGEST = 2_000
_AN_HOUR_S = 3600
_A_WHILE_S = 900


class Landing:
    """ASGI middleware for an app that people sign in to.

    Parameters
    ----------
    app
        What people come to.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep what a link asks for, or lead back to it."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
        elif token := invitation(scope):
            answer = RedirectResponse(_inside(scope["path"]), status_code=303)
            kept = cookies.make(cookies.INVITATION, token, max_age_s=_AN_HOUR_S)
            answer.headers["set-cookie"] = kept
            await answer(scope, receive, send)
        elif scope["path"].endswith(f"/{CALLBACK}"):
            await self.app(scope, receive, _leading_back(scope, send))
        else:
            await self.app(scope, receive, _remembering(scope, send))


def invitation(scope: Scope) -> str | None:
    """Return the token of an invitation that a link carries; None where it carries none."""
    if b"invite=" not in scope["query_string"]:
        return None
    said = parse_qs(scope["query_string"].decode("latin-1")).get("invite", [""])
    return said[0] if _TOKEN.fullmatch(said[0]) else None


def _remembering(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that keeps the address of a page for whoever is not signed in."""
    wanted = scope["path"] + (
        f"?{query}" if (query := scope["query_string"].decode("latin-1")) else ""
    )
    known = cookies.USER in cookies.read(Headers(scope=scope).get("cookie", ""))
    if known or wanted == "/" or len(wanted) > _LONGEST:
        return send

    async def remember(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(scope=message)
            if message["status"] == 200 and answer.get("content-type", "").startswith("text/html"):
                value = quote(wanted, safe="/")
                answer.append(
                    "set-cookie", cookies.make(cookies.WANTED, value, max_age_s=_A_WHILE_S)
                )
        await send(message)

    return remember


def _leading_back(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that leads whoever has just signed in to what they asked for."""
    wanted = unquote(cookies.read(Headers(scope=scope).get("cookie", "")).get(cookies.WANTED, ""))

    async def lead(message: Message) -> None:
        if message["type"] == "http.response.start" and wanted.startswith("/"):
            answer = MutableHeaders(scope=message)
            given = answer.getlist("set-cookie")
            if any(cookie.startswith(f"{cookies.USER}=") for cookie in given):
                answer["location"] = quote(_inside(wanted), safe="/?=&;,%+:@-._~!$'()*")
                answer.append("set-cookie", cookies.make(cookies.WANTED, "", max_age_s=0))
        await send(message)

    return lead


def _inside(path: str) -> str:
    """Return a path that leads nowhere but into this app: two slashes would name another host."""
    return "/" + path.lstrip("/\\")
