"""The app's own routes, beside Streamlit's: assets, style sheets, tiles, names, bands, health.

Whoever reaches the port reaches these, so they carry map data only, never people; the one thing
that belongs to somebody, the bands around a start, needs a token (`geo.ui.web.tokens`). The address
of a tile names the region and the build, so it never changes its meaning and a browser may keep it.

Streamlit does not put ``server.baseUrlPath`` before routes of ours, and its configuration may not
be read before the app exists; so they answer below any path, and the browser completes addresses
from where the page is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from geo.errors import UnreadableRegion
from geo.tiles import TileArchive
from geo.ui.map.assets import PREFIX, assets_digest, read_assets
from geo.ui.place_search.suggestions import suggest
from geo.ui.web.middleware import read_stylesheet, stylesheet_name
from geo.ui.web.security import BROWSER_COOKIE
from geo.ui.web.tokens import TokenStore

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_MAX_OPEN = 16


def tiles_url(region: str, build: str) -> str:
    """Return the address of a region's tiles, with ``{z}``, ``{x}`` and ``{y}`` to be filled in.

    Parameters
    ----------
    region
        Its name.
    build
        The build that its manifest names.
    """
    return f"{PREFIX}/tiles/{region}/{build}/{{z}}/{{x}}/{{y}}.mvt"


def open_archive(regions_dir: Path, region: str, build: str) -> TileArchive | None:
    """Return the tiles of a build; None where there are none of that name."""
    if not (_NAME.fullmatch(region) and _NAME.fullmatch(build)):
        return None
    try:
        return _open(regions_dir / region / build / "basemap.pmtiles")
    except UnreadableRegion:
        return None


@lru_cache(maxsize=_MAX_OPEN)
def _open(path: Path) -> TileArchive:
    return TileArchive.open(path)


_TILE_NUMBER = re.compile(r"[0-9]{1,9}")
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
_NO_STORE = {"Cache-Control": "no-store"}


def app_routes(regions_dir: Path, tokens: TokenStore) -> list[BaseRoute]:
    """Return the routes, at ``/crossroads`` and at ``/crossroads`` below any base path.

    Parameters
    ----------
    regions_dir
        The folder that holds one folder for each region.
    tokens
        Where the pages publish what a session may fetch.
    """

    async def tile(request: Request) -> Response:
        return await _tile(request, regions_dir)

    async def names(request: Request) -> Response:
        return await suggest(request, regions_dir)

    async def areas(request: Request) -> Response:
        return await _areas(request, tokens)

    routes: list[BaseRoute] = [
        Route("/assets/{digest}/{name}", _asset),
        Route("/styles/{name}", _stylesheet),
        Route("/tiles/{region}/{build}/{z}/{x}/{y}.mvt", tile),
        Route("/suggest/{region}/{build}", names, methods=["POST"]),
        Route("/areas/{token}", areas),
        Route("/health", _health),
    ]
    return [Mount(f"/{PREFIX}", routes=routes), Mount(f"/{{base:path}}/{PREFIX}", routes=routes)]


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def _asset(request: Request) -> Response:
    asset = read_assets().get(request.path_params["name"])
    if asset is None:
        return _not_found()
    current = request.path_params["digest"] == assets_digest()
    headers = _IMMUTABLE if current else _NO_STORE
    return Response(asset.content, media_type=asset.media_type, headers=headers)


async def _stylesheet(request: Request) -> Response:
    if request.path_params["name"] != stylesheet_name():
        return _not_found()
    return Response(read_stylesheet(), media_type="text/css", headers=_IMMUTABLE)


async def _tile(request: Request, regions_dir: Path) -> Response:
    path = request.path_params
    numbers = [path[axis] for axis in "zxy"]
    if not all(_TILE_NUMBER.fullmatch(number) for number in numbers):
        return _not_found()
    z, x, y = map(int, numbers)
    archive = await run_in_threadpool(open_archive, regions_dir, path["region"], path["build"])
    if archive is None:
        return _not_found()
    content = archive.tile(z, x, y)
    if content is None:
        return Response(status_code=204, headers=_IMMUTABLE)
    headers = {**_IMMUTABLE, "Content-Encoding": "gzip"}
    return Response(content, media_type="application/vnd.mapbox-vector-tile", headers=headers)


async def _areas(request: Request, tokens: TokenStore) -> Response:
    browser = request.cookies.get(BROWSER_COOKIE, "")
    token = request.path_params["token"]
    content = await tokens.read(token, browser=browser)
    if content is None:
        return _not_found()
    headers = {**_NO_STORE, "Content-Encoding": "gzip"}
    return Response(content, media_type="application/geo+json", headers=headers)


def _not_found() -> Response:
    return Response("Not found", status_code=404, media_type="text/plain", headers=_NO_STORE)
