"""What makes Streamlit's page wear our style sheets from the first moment.

Styles that a script sends are drawn by a part of Streamlit's front end that is fetched late: until
then, on a slow line for a second or more, the page stands there without them. A link in the page
itself is followed before anything is drawn. It is put at the end of the page, below the styles
that Streamlit adds to its head, so that ours hold where both say something.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.ui.map.assets import PREFIX

_LOOK = Path(__file__).parent / "look"
_ROOT, _END = b'<div id="root">', b"</body>"


@cache
def read_sheet() -> bytes:
    """Return all our style sheets as one."""
    return b"\n".join(path.read_bytes() for path in sorted(_LOOK.glob("*.css")))


@cache
def sheet_name() -> str:
    """Return the name of the sheet in addresses; another content has another name."""
    return f"{hashlib.sha256(read_sheet()).hexdigest()[:12]}.css"


class Dressed:
    """ASGI middleware that puts a link to our style sheets into Streamlit's page.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.link = f'<link rel="stylesheet" href="./{PREFIX}/look/{sheet_name()}">'.encode()

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
