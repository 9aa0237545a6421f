"""What the box is answered while a person types: names of one build of a region.

The question comes in the body of a POST, because addresses end up in logs and histories. The
answer is map data, the same for everybody; nothing of the question is kept.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from geo.errors import BadCoordinates, UnreadableRegion
from geo.gazetteer import Gazetteer, Match, name_kinds
from geo.model import Point
from geo.region.bundle import NAMES
from geo.region.manifest import BUILD_NAME
from geo.texts import capitalise

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_LARGEST = 4096
_LIMIT = 7
_MAX_OPEN = 16
_HEADERS = {"Cache-Control": "no-store"}


async def suggest(request: Request, regions_dir: Path) -> JSONResponse:
    """Answer ``{"text": ..., "near": [lon, lat]}`` with names, best first.

    Where there are none, ``elsewhere`` says where the address is, as "Ohio", if that is known.
    A link or numbers that are no position are answered with ``problem``, the sentence for it.

    Parameters
    ----------
    request
        Its path names the region and the build.
    regions_dir
        The folder that holds one folder for each region.
    """
    body = await _read_body(request)
    question = _parse_query(body) if body is not None else None
    if question is None:
        return JSONResponse({"matches": []}, status_code=400, headers=_HEADERS)
    path = request.path_params
    text, near = question
    try:
        answer = await run_in_threadpool(
            _search, regions_dir, path["region"], path["build"], text, near
        )
    except BadCoordinates as error:
        answer = {"matches": [], "problem": capitalise(str(error))}
    if answer is None:
        return JSONResponse({"matches": []}, status_code=404, headers=_HEADERS)
    return JSONResponse(answer, headers=_HEADERS)


async def _read_body(request: Request) -> bytes | None:
    """Return the body; None where it is larger than any question."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            return None
    return body


def _parse_query(body: bytes) -> tuple[str, Point | None] | None:
    try:
        match json.loads(body):
            case {"text": str() as text, "near": [lon, lat]}:
                return text, point_from_json(lon, lat)
            case {"text": str() as text}:
                return text, None
    except (ValueError, RecursionError, BadCoordinates):
        return None
    return None


def point_from_json(lon: Any, lat: Any) -> Point:
    """Return the point of two numbers that a browser sent.

    Raises
    ------
    BadCoordinates
        They are no numbers (``true`` is none), or no position on Earth.
    """
    if not (type(lon) in {int, float} and type(lat) in {int, float}):
        raise BadCoordinates("a position is two numbers; send [lon, lat].")
    try:
        return Point(float(lon), float(lat))
    except OverflowError as error:
        raise BadCoordinates("a position is at most 180 degrees; send [lon, lat].") from error


def _search(
    regions_dir: Path, region: str, build: str, text: str, near: Point | None
) -> dict[str, Any] | None:
    if not (_NAME.fullmatch(region) and _NAME.fullmatch(build)):
        return None
    build, _, refresh = build.partition(".")
    if refresh and not BUILD_NAME.fullmatch(refresh):
        return None
    folder = regions_dir / region
    renewal = folder / refresh / NAMES if refresh else None
    try:
        gazetteer = _open(folder / build / NAMES, renewal)
        gazetteer.parse_position(text, near)  # says what is wrong with a link or numbers
        matches = gazetteer.search(text, _LIMIT, near)
        elsewhere = "" if matches else gazetteer.elsewhere(text)
    except UnreadableRegion:
        return None
    return {"matches": [_match_json(match) for match in matches], "elsewhere": elsewhere}


@lru_cache(maxsize=_MAX_OPEN)
def _open(path: Path, overlay: Path | None) -> Gazetteer:
    if overlay is not None and not overlay.is_file():
        overlay = None  # an older version of Crossroads has refreshed the places
    return Gazetteer.open(path, overlay=overlay)


def _match_json(match: Match) -> dict[str, Any]:
    kind = name_kinds().get(match.kind)
    return {
        "label": match.label,
        "name": match.name,
        "settlement": match.settlement or "",
        "unmatched": list(match.unmatched),
        "kind": kind.label if kind else match.kind,
        "point": [match.point.lon, match.point.lat],
    }
