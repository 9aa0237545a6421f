"""Just this area: boxes of the world's grid, asked for and then built as an extract is.

Where each box came from stays in the region's manifest: the address of the Overpass server, with
the box behind ``#``. So an area can be asked for again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from geo.disk import disk_errors
from geo.errors import BadAnswer, InputError, Interrupted
from geo.model import BBox, Point
from geo.online import Fetched, Services, area_wish
from geo.online.hosts import host_of
from geo.region.beside import build_beside
from geo.region.build import Progress
from geo.region.bundle import check_name, find_region, list_regions
from geo.region.manifest import Manifest, read_manifest
from geo.region.provision import DOWNLOAD_SHARE, later, untold
from geo.region.source import Origin
from geo.world_grid import boxes_around, is_covered

MOST_BOXES = 2000
"""More boxes than these, about 400 by 500 km, are too much to ask a shared server for."""

WIDEST_KM = 100.0
"""How far "just this area" may reach; beyond, an extract is kinder to everybody."""

_RESUMED = timedelta(days=1)
"""Answers of at most this age are taken when an area that was stopped is asked for again."""

_RECENT = timedelta(hours=1)
"""The same for an update that begins: it shall be of now."""

_BEGUN = "begun"
"""An empty file whose date is when an update began that did not come to its end."""


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
) -> Manifest:
    """Ask for all that lies in some boxes, and build a region of it once all have come.

    What has come stays in the cache, so the next run asks for what is missing alone.

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
        Take no answers from before the update.

    Raises
    ------
    InputError
        The name cannot be used, or the area is too large.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The server does not answer for all of the boxes, holds nothing there, or is older than the
        region of that name.
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
        younger_than=_since(folder, services, is_update=is_update),
        progress=lambda said, done: progress(said, DOWNLOAD_SHARE * done),
    )
    _check_whole(fetched, boxes, name, regions_dir)
    _check_data(fetched, name, host_of(services.settings.overpass_url), regions_dir)
    server = services.settings.overpass_url
    manifest = build_beside(
        fetched.paths,
        name,
        regions_dir=regions_dir,
        origins=[Origin(_url_of(server, box)) for box in fetched.boxes],
        progress=later(progress),
        attend=services.client.clock.attend,
    )
    shutil.rmtree(folder, ignore_errors=True)
    return manifest


def _since(folder: Path, services: Services, *, is_update: bool) -> timedelta:
    """Return the greatest age of answers that will do; an update goes on where it was stopped."""
    if not is_update:
        return _RESUMED
    now_s = services.client.clock.epoch_s()
    begun = folder / _BEGUN
    with disk_errors(folder):
        if not begun.exists() or now_s - begun.stat().st_mtime > _RESUMED.total_seconds():
            folder.mkdir(parents=True, exist_ok=True)
            begun.touch()
            os.utime(begun, (now_s, now_s))
        return max(_RECENT, timedelta(seconds=now_s - begun.stat().st_mtime))


def _check_whole(fetched: Fetched, boxes: Sequence[BBox], name: str, regions_dir: Path) -> None:
    """Refuse an answer that lacks a box: a part of an area looks like all of it on a map."""
    if not fetched.missing:
        return
    answered = set(fetched.boxes)
    came = sum(is_covered(box, answered) for box in boxes)
    stays = " The region stays as it was." if name in list_regions(regions_dir) else ""
    raise Interrupted(
        f"{came} of {len(boxes)} squares were downloaded"
        f" ({fetched.reason.partition(';')[0].rstrip('.')}); run it again to continue.{stays}"
    )


def _check_data(fetched: Fetched, name: str, host: str, regions_dir: Path) -> None:
    """Refuse data that hold nothing of the area, or are older than the region that is there."""
    if not fetched.elements:
        raise BadAnswer(
            f"{host} has no data for this area; check that it is on land, and that"
            " CROSSROADS_OVERPASS_URL serves that part of the world."
        )
    if name in list_regions(regions_dir):
        have = read_manifest(find_region(name, regions_dir), of_earlier=True).osm_timestamp
        check_not_older(name, have, fetched.osm_timestamp, host)


def check_not_older(name: str, have: datetime | None, found: datetime, host: str) -> None:
    """Refuse data that are older than those that a region has.

    Parameters
    ----------
    name
        The region.
    have
        When OpenStreetMap looked like what it has; None where that is not known.
    found
        When it looked like what was found.
    host
        Where that was.

    Raises
    ------
    BadAnswer
        They are older.
    """
    if have is not None and found < have:
        raise BadAnswer(
            f"the data on {host} is from {found:%Y-%m-%d %H:%M} UTC, older than that of region"
            f" {name!r} ({have:%Y-%m-%d %H:%M} UTC); the region stays as it was."
        )


def _url_of(server: str, box: BBox) -> str:
    return f"{server}#{box.west},{box.south},{box.east},{box.north}"
