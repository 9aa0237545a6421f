"""Just this area: boxes of the world's grid, asked for and then built as an extract is.

Where each box came from stays in the region's manifest: the address of the Overpass server, with
the box behind ``#``. So an area can be asked for again.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from geo.errors import InputError, Interrupted, UnreadableExtract
from geo.model import BBox, Point
from geo.online import Fetched, Services, area_wish
from geo.region.beside import build_beside
from geo.region.build import Progress
from geo.region.bundle import check_name
from geo.region.provision import DOWNLOAD_SHARE, Provided, later, untold
from geo.region.source import Origin
from geo.world_grid import boxes_around

MOST_BOXES = 2000
"""More boxes than these, about 400 by 500 km, are too much to ask a shared server for."""

WIDEST_KM = 100.0
"""How far "just this area" may reach; beyond, an extract is kinder to everybody."""

_RESUMED = timedelta(days=1)
"""Answers of at most this age are taken when an area that was stopped is asked for again."""

_RECENT = timedelta(hours=1)
"""The same for one that is updated: it shall be of now."""


def area_boxes(point: Point, km: float) -> list[BBox]:
    """Return the boxes that "just this area" asks for.

    Parameters
    ----------
    point
        About where; only its box of the grid counts.
    km
        How far from there.

    Raises
    ------
    InputError
        It is no sensible distance.
    """
    if not 0 < km <= WIDEST_KM:
        raise InputError(
            f"{km:g} km is no distance for a small area; give more than 0 and at most"
            f" {WIDEST_KM:g}, or get a whole extract."
        )
    return boxes_around(point, km * 1000)


def get_area(
    boxes: Sequence[BBox],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = untold,
    is_update: bool = False,
) -> Provided:
    """Ask for all that lies in some boxes, and build a region of it.

    Parameters
    ----------
    boxes
        Boxes of `geo.world_grid`.
    name
        What the region will be called; one of that name stays until this one is whole.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    progress
        Is told each step; may raise to stop, and the next time goes on from there.
    is_update
        Take no old answers, and build nothing where a box is not answered.

    Raises
    ------
    InputError
        The name cannot be used, or the area is too large.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The server answers for none of the boxes, or for an update not for all.
    UnreadableExtract
        There are no roads.
    """
    check_name(name)
    if len(boxes) > MOST_BOXES:
        raise InputError("that area is too large to ask for by boxes; get an extract of it.")
    folder = services.settings.downloads_dir / f"area-{name}"
    fetched = services.overpass.fetch(
        boxes,
        area_wish(),
        folder,
        younger_than=_RECENT if is_update else _RESUMED,
        progress=lambda said, done: progress(said, DOWNLOAD_SHARE * done),
    )
    if fetched.missing and is_update:
        raise Interrupted(f"{_sentence(fetched)}; the region stays as it was, try again later.")
    server = services.settings.overpass_url
    try:
        manifest = build_beside(
            fetched.paths,
            name,
            regions_dir=regions_dir,
            origins=[Origin(_url_of(server, box)) for box in fetched.boxes],
            progress=later(progress),
            attend=services.client.clock.attend,
        )
    except UnreadableExtract:
        services.cache.clear()  # or the same answers would be taken the next time
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return Provided(manifest, fetched.missing, fetched.reason)


def box_of(url: str) -> BBox | None:
    """Return the box that a source was asked for by; None for an extract."""
    try:
        west, south, east, north = map(float, urlsplit(url).fragment.split(","))
    except ValueError:
        return None
    return BBox(west, south, east, north)


def _url_of(server: str, box: BBox) -> str:
    return f"{server}#{box.west},{box.south},{box.east},{box.north}"


def _sentence(fetched: Fetched) -> str:
    return f"{len(fetched.missing)} boxes were not answered ({fetched.reason.partition(';')[0]})"
