"""The app's own addresses, beside Streamlit's: files of the pages and the map, tiles, names, bands.

Whoever reaches the port reaches these, so they carry map data only, never people; the one thing
that belongs to somebody, the bands around a start, needs a token (`geo.ui.tokens`).

Streamlit does not put ``server.baseUrlPath`` before routes of ours, and its configuration may not
be read before the app exists; so they answer below any path, and the browser completes addresses
from where the page is.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from geo.ui.cookies import BROWSER
from geo.ui.dress import read_sheet, sheet_name
from geo.ui.finder.names import suggest
from geo.ui.map.assets import PREFIX, assets_digest, read_assets
from geo.ui.tiles import open_archive
from geo.ui.tokens import TokenStore

_TILE_NUMBER = re.compile(r"[0-9]{1,9}")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NEVER = {"Cache-Control": "no-store"}


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
        Route("/look/{name}", _sheet),
        Route("/tiles/{region}/{build}/{z}/{x}/{y}.mvt", tile),
        Route("/suggest/{region}/{build}", names, methods=["POST"]),
        Route("/areas/{token}", areas),
        Route("/health", _health),
    ]
    return [Mount(f"/{PREFIX}", routes=routes), Mount(f"/{{base:path}}/{PREFIX}", routes=routes)]


def areas_url(token: str) -> str:
    """Return the address of what was published under a token."""
    return f"{PREFIX}/areas/{token}"


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_NEVER)


async def _asset(request: Request) -> Response:
    asset = read_assets().get(request.path_params["name"])
    if asset is None:
        return _missing()
    current = request.path_params["digest"] == assets_digest()
    headers = _FOR_EVER if current else _NEVER
    return Response(asset.content, media_type=asset.media_type, headers=headers)


async def _sheet(request: Request) -> Response:
    if request.path_params["name"] != sheet_name():
        return _missing()
    return Response(read_sheet(), media_type="text/css", headers=_FOR_EVER)


async def _tile(request: Request, regions_dir: Path) -> Response:
    path = request.path_params
    numbers = [path[axis] for axis in "zxy"]
    if not all(_TILE_NUMBER.fullmatch(number) for number in numbers):
        return _missing()
    z, x, y = map(int, numbers)
    archive = await run_in_threadpool(open_archive, regions_dir, path["region"], path["build"])
    if archive is None:
        return _missing()
    content = archive.tile(z, x, y)
    if content is None:
        return Response(status_code=204, headers=_FOR_EVER)
    headers = {**_FOR_EVER, "Content-Encoding": "gzip"}
    return Response(content, media_type="application/vnd.mapbox-vector-tile", headers=headers)


async def _areas(request: Request, tokens: TokenStore) -> Response:
    browser = request.cookies.get(BROWSER, "")
    token = request.path_params["token"]
    content = await tokens.read(token, browser=browser)
    if content is None:
        return _missing()
    headers = {**_NEVER, "Content-Encoding": "gzip"}
    return Response(content, media_type="application/geo+json", headers=headers)


def _missing() -> Response:
    return Response("Not found", status_code=404, media_type="text/plain", headers=_NEVER)
