"""ASGI middleware around Streamlit: unknown pages, preloading, style sheets, links through sign-in.

`NotFoundMiddleware`: Streamlit answers every address with the app itself, which then says in a
dialog over another page that it has no such page; a program that follows links is told that all is
well. So addresses are looked at before.

`PreloadMiddleware`: a browser would learn of the map's scripts only once all of Streamlit's have
run, and of each only from the one that imports it.

`StylesheetMiddleware`: styles that a script sends are drawn by a part of Streamlit's front end that
is fetched late; until then, on a slow line for a second or more, the page stands there without
them. A link in the page itself is followed before anything is drawn. It is put at the end of the
page, below the styles that Streamlit adds to its head, so that ours hold where both say something.

`LoginRedirectMiddleware`: signing in leads to the provider and back to the app's first page; what
the address asked for would be lost, and an invitation with it. So both wait in cookies meanwhile.
An invitation leaves the address at once, before it can be seen over a shoulder, shared or logged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo import texts
from geo.oidc import CALLBACK
from geo.ui.map.assets import PREFIX
from geo.ui.web import security


class PreloadMiddleware:
    """ASGI middleware that gives pages a ``Link`` header (RFC 8288).

    Parameters
    ----------
    app
        What answers.
    link
        The header.
    """

    def __init__(self, app: ASGIApp, *, link: str) -> None:
        self.app = app
        self.link = link

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the header on its answer where that is a page."""

        async def announce(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("link", self.link)
            await send(message)

        await self.app(scope, receive, announce)


_ASSETS = Path(__file__).parents[1] / "styles"
_ROOT, _END = b'<div id="root">', b"</body>"


@cache
def read_stylesheet() -> bytes:
    """Return all our style sheets as one."""
    return b"\n".join(path.read_bytes() for path in sorted(_ASSETS.glob("*.css")))


@cache
def stylesheet_name() -> str:
    """Return the name of the sheet in addresses; another content has another name."""
    return f"{hashlib.sha256(read_stylesheet()).hexdigest()[:12]}.css"


class StylesheetMiddleware:
    """ASGI middleware that puts a link to our style sheets into Streamlit's page.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.link = f'<link rel="stylesheet" href="./{PREFIX}/styles/{stylesheet_name()}">'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and dress the answer where that is a page."""
        if scope["type"] == "http" and scope["method"] == "GET":
            plain = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
            is_page = any(
                name == b"accept" and b"text/html" in value for name, value in scope["headers"]
            )
            if is_page:  # it comes uncompressed, so that it can be read; it is small
                scope, send = {**scope, "headers": plain}, self._dressing(send)
        await self.app(scope, receive, send)

    def _dressing(self, send: Send) -> Send:
        """Return a ``send`` that holds a page until it is whole, and puts the link into it."""
        start: Message | None = None
        body = b""

        async def dress(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    await self._send_page(start, body, send)

        return dress

    async def _send_page(self, start: Message, body: bytes, send: Send) -> None:
        if _ROOT in body:
            body = body.replace(_END, self.link + _END, 1)
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(body))
            for name in ("etag", "last-modified"):  # they speak of the page without the link
                if name in headers:
                    del headers[name]
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _is_html(message: Message) -> bool:
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/html")


_TOKEN = re.compile(r"[A-Za-z0-9._~-]{8,512}")
_LONGEST = 2_000
_INVITATION_COOKIE_S = 3600
_RETURN_COOKIE_S = 900


class LoginRedirectMiddleware:
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
        elif token := invitation_token(scope):
            answer = RedirectResponse(_local_path(scope["path"]), status_code=303)
            kept = security.set_cookie_header(
                security.INVITATION_COOKIE, token, max_age_s=_INVITATION_COOKIE_S
            )
            answer.headers["set-cookie"] = kept
            await answer(scope, receive, send)
        elif scope["path"].endswith(f"/{CALLBACK}"):
            await self.app(scope, receive, _redirect_after_sign_in(scope, send))
        else:
            await self.app(scope, receive, _remember_target(scope, send))


def invitation_token(scope: Scope) -> str | None:
    """Return the token of an invitation that a link carries; None where it carries none."""
    if b"invite=" not in scope["query_string"]:
        return None
    tokens = parse_qs(scope["query_string"].decode("latin-1")).get("invite", [""])
    return tokens[0] if _TOKEN.fullmatch(tokens[0]) else None


def _remember_target(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that keeps the address of a page for whoever is not signed in."""
    wanted = scope["path"] + (
        f"?{query}" if (query := scope["query_string"].decode("latin-1")) else ""
    )
    known = security.USER_COOKIE in security.parse_cookies(Headers(scope=scope).get("cookie", ""))
    if known or wanted == "/" or len(wanted) > _LONGEST:
        return send

    async def remember(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(scope=message)
            if message["status"] == 200 and answer.get("content-type", "").startswith("text/html"):
                value = quote(wanted, safe="/")
                answer.append(
                    "set-cookie",
                    security.set_cookie_header(
                        security.RETURN_COOKIE, value, max_age_s=_RETURN_COOKIE_S
                    ),
                )
        await send(message)

    return remember


def _redirect_after_sign_in(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that leads whoever has just signed in to what they asked for."""
    wanted = unquote(
        security.parse_cookies(Headers(scope=scope).get("cookie", "")).get(
            security.RETURN_COOKIE, ""
        )
    )

    async def lead(message: Message) -> None:
        if message["type"] == "http.response.start" and wanted.startswith("/"):
            answer = MutableHeaders(scope=message)
            given = answer.getlist("set-cookie")
            if any(cookie.startswith(f"{security.USER_COOKIE}=") for cookie in given):
                answer["location"] = quote(_local_path(wanted), safe="/?=&;,%+:@-._~!$'()*")
                answer.append(
                    "set-cookie",
                    security.set_cookie_header(security.RETURN_COOKIE, "", max_age_s=0),
                )
        await send(message)

    return lead


def _local_path(path: str) -> str:
    """Return a path that leads nowhere but into this app: two slashes would name another host."""
    return "/" + path.lstrip("/\\")


_STREAMLIT_PATHS = {"_stcore", "component", "media", "static", "index.html"}
"""First parts of the addresses that Streamlit answers with something else than a page."""


class NotFoundMiddleware:
    """ASGI middleware that says where there is no page.

    Parameters
    ----------
    app
        What answers.
    pages
        The names of all pages in addresses; the first page is where the app opens without a name,
        and its name leads there.
    ways
        The pages to lead to: their names and titles.
    base
        Says below which path the app is, once Streamlit's configuration is settled.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        pages: Sequence[str],
        ways: Iterable[tuple[str, str]],
        base: Callable[[], str] = str,
    ) -> None:
        self.app = app
        self.first, *others = pages
        self.pages = {"", *others}
        self.ways = tuple(ways)
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; say of a page that is none that it is missing."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        inside = f"{scope['path']}/".removeprefix(self._root()).strip("/")
        if inside == self.first:
            await RedirectResponse(_home_link(scope))(scope, receive, send)
        elif inside in self.pages or inside.split("/", maxsplit=1)[0] in _STREAMLIT_PATHS:
            await self.app(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and say that the page is missing where it is answered by the app."""
        is_page = False

        async def look(message: Message) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                is_page = message["status"] == 200 and kind.startswith("text/html")
            if not is_page:
                await send(message)

        await self.app(scope, receive, look)
        if is_page:
            await HTMLResponse(self._page(), status_code=404)(scope, receive, send)

    def _root(self) -> str:
        base = self.base().strip("/")
        return f"/{base}/" if base else "/"

    def _page(self) -> str:
        ways = (
            f'<li><a href="{escape(self._root() + name)}">{escape(title)}</a></li>'
            for name, title in self.ways
        )
        return Template((_ASSETS / "missing.html").read_text("utf-8")).substitute(
            title=escape(texts.PAGE_NOT_FOUND),
            told=escape(texts.PAGE_NOT_FOUND_HELP),
            product=escape(texts.PRODUCT),
            brand=(_ASSETS / "brand.svg").read_text("utf-8"),
            ways="".join(ways),
        )


def _home_link(scope: Scope) -> str:
    """Return the way from a page to where the app opens, with what the address asks for."""
    up = "../" if scope["path"].endswith("/") else "./"
    query = scope["query_string"].decode("latin-1")
    return f"{up}?{query}" if query else up
