"""What tells a browser, with a page, which files the page is going to need.

Otherwise it learns of the map's scripts only once all of Streamlit's have run, and of each only
from the one that imports it.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Ahead:
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
