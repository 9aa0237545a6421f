"""The app's own routes behind its guard, without Streamlit and without a network."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from geo.ui.web.routes import app_routes
from geo.ui.web.security import SecurityMiddleware
from geo.ui.web.tokens import TokenStore

TILE = b"one tile"
PLACES = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_lon_e7", "center_lat_e7")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


def ask(
    app: ASGIApp,
    path: str,
    *,
    host: str = "localhost",
    scheme: str = "http",
    cookie: str = "",
    body: bytes | None = None,
    method: str | None = None,
    extra: Mapping[str, str] = MappingProxyType({}),
    **ends: tuple[str, int],
) -> Answer:
    """Send one request to an application, a POST where it has a body, and return the answer.

    As browsers do, what is more than a look says which page it comes from: one of this app, unless
    ``extra`` has another Origin, or an empty one for none. ``server`` and ``client`` are the ends
    of the connection, as an ASGI server tells them.
    """
    kind = "websocket" if scheme in {"ws", "wss"} else "http"
    path, _, query = path.partition("?")
    method = method or ("GET" if body is None else "POST")
    said = {"host": host, **({"cookie": cookie} if cookie else {}), **extra}
    if kind == "websocket" or method not in {"GET", "HEAD", "OPTIONS"}:
        page = f"http{'s' if scheme in {'https', 'wss'} else ''}://{host}"
        said["origin"] = extra.get("origin", page)
    said = {name: value for name, value in said.items() if name != "origin" or value}
    scope = {
        "type": kind,
        "method": method,
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "http_version": "1.1",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in said.items()],
        **ends,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {
            "type": f"{kind}.connect" if kind == "websocket" else "http.request",
            "body": body or b"",
        }

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def run() -> None:
        await app(scope, receive, send)

    # In a thread of its own: the browser tests keep an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(run())).result()
    first = sent[0]
    return Answer(
        first.get("status", 101 if first["type"] == "websocket.accept" else 403),
        Headers(raw=first.get("headers", [])),
        b"".join(message.get("body", b"") for message in sent),
    )


@pytest.fixture
def tokens() -> TokenStore:
    return TokenStore()


@pytest.fixture
def tiles_dir(tmp_path: Path) -> Path:
    """Return a folder with one region, whose basemap has one tile, 2/1/3."""
    build = tmp_path / "regions" / "here" / "b1"
    build.mkdir(parents=True)
    header = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP}
    zooms = {"min_zoom": 0, "max_zoom": 14, "center_zoom": 2}
    with (build / "basemap.pmtiles").open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(2, 1, 3), gzip.compress(TILE))
        writer.finalize({**header, **zooms, **dict.fromkeys(PLACES, 0)}, {})
    (tmp_path / "secret").write_text("nothing to see")
    return tmp_path / "regions"


@pytest.fixture
def app(tiles_dir: Path, tokens: TokenStore) -> Starlette:
    async def page(_request: object) -> HTMLResponse:
        return HTMLResponse("<p>a page")

    routes = [*app_routes(tiles_dir, tokens), Route("/", page)]
    return Starlette(routes=routes, middleware=[Middleware(SecurityMiddleware)])


@pytest.fixture
def get(app: Starlette) -> Callable[..., Answer]:
    """Return a function that asks the app for a path."""
    return lambda path, **options: ask(app, path, **options)


@pytest.fixture
def ask_app() -> Callable[..., Answer]:
    """Return a function that asks any app."""
    return ask
