"""What an address leads to where there is no page: an answer that says so, with the ways to others.

Streamlit answers every address with the app itself, which then finds that it has no such page and
says so in a dialog of its own, over another page; a program that follows links is told that all is
well. So addresses are looked at before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.ui import words

_LOOK = Path(__file__).parent / "look"
_STREAMLITS = {"_stcore", "component", "media", "static", "index.html"}
"""First parts of the addresses that Streamlit answers with something else than a page."""


class Missing:
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
            await RedirectResponse(_above(scope))(scope, receive, send)
        elif inside in self.pages or inside.split("/", maxsplit=1)[0] in _STREAMLITS:
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
        return Template((_LOOK / "missing.html").read_text("utf-8")).substitute(
            title=escape(words.NO_PAGE),
            told=escape(words.NO_PAGE_TOLD),
            product=escape(words.PRODUCT),
            brand=(_LOOK / "brand.svg").read_text("utf-8"),
            ways="".join(ways),
        )


def _above(scope: Scope) -> str:
    """Return the way from a page to where the app opens, with what the address asks for."""
    up = "../" if scope["path"].endswith("/") else "./"
    query = scope["query_string"].decode("latin-1")
    return f"{up}?{query}" if query else up
