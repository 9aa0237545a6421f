"""Getting a region from the internet, and keeping it young.

Whole extracts are downloaded, or boxes of the world's grid asked for, and then built as if they had
been files all along; so whatever is stopped or killed on the way leaves the old region, and goes on
where it was when it is run again. Where each source came from stays in the region's manifest:
an extract's address, or the address of the Overpass server with the box behind ``#``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from geo.errors import InputError, Interrupted, UnreadableExtract
from geo.model import BBox, Point
from geo.online import Fetched, Services, area_wish, look_at, places_wish
from geo.region.build import Progress, build_region
from geo.region.bundle import check_name, find_region
from geo.region.fresh import merge_places
from geo.region.freshness import Freshness
from geo.region.manifest import Manifest, read_manifest
from geo.world_grid import boxes_around, boxes_of

MOST_BOXES = 2000
"""More boxes than these, about 400 by 500 km, are too much to ask a shared server for."""

WIDEST_KM = 100.0
"""How far "just this area" may reach; beyond, an extract is kinder to everybody."""

_DOWNLOAD_SHARE = 0.5
_RESUMED = timedelta(days=1)
"""Answers of at most this age are taken when an area that was stopped is asked for again."""


def _untold(_said: str, _done: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Provided:
    """A region that was got, and what could not be.

    Attributes
    ----------
    manifest
        What was built.
    missing
        Boxes that the server did not answer for; nothing is known there.
    reason
        Why not, as a sentence; empty if nothing is missing.
    """

    manifest: Manifest
    missing: tuple[BBox, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh of places brought.

    Attributes
    ----------
    fresh
        What is known of the region's places now.
    missing
        Boxes that the server did not answer for; there the places are as they were.
    reason
        Why not, as a sentence; empty if nothing is missing.
    answered_at
        When the oldest of the answers was given: not now, where it was kept from before.
    """

    fresh: Freshness
    missing: tuple[BBox, ...]
    reason: str
    answered_at: datetime


def get_region(
    urls: Sequence[str],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = _untold,
) -> Provided:
    """Download extracts and build one region of them.

    Parameters
    ----------
    urls
        Where the extracts are, each an ``.osm.pbf``.
    name
        What the region will be called; one of that name stays until this one is whole.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    progress
        Is told each step; may raise to stop, and the next time goes on from there.

    Raises
    ------
    InputError
        The name cannot be used, or an address is none of an extract.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        A server does not give an extract.
    UnreadableExtract
        What it gave is none that can be built.
    """
    check_name(name)
    downloader = services.downloader
    downloader.sweep()
    with ExitStack() as held:
        paths = []
        for number, url in enumerate(urls):
            held.enter_context(downloader.holding(url))
            tell = _of_several(progress, downloader.path_of(url).name, number, len(urls))
            paths.append(downloader.fetch(url, progress=tell).path)
        try:
            manifest = build_region(
                paths, name, regions_dir=regions_dir, urls=urls, progress=_later(progress)
            )
        except UnreadableExtract:
            _discard(services, urls)  # or it would be taken for good the next time
            raise
        _discard(services, urls)
    return Provided(manifest)


def get_area(
    boxes: Sequence[BBox],
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = _untold,
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

    Raises
    ------
    InputError
        The name cannot be used, or the area is too large.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The server answers for none of the boxes.
    UnreadableExtract
        There are no roads.
    """
    return _get_area(boxes, name, services, regions_dir, progress, whole_only=False)


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


def is_due(manifest: Manifest, *, now: datetime, older_than: timedelta) -> bool:
    """Return whether a region is so old that an update is due.

    Parameters
    ----------
    manifest
        The region's.
    now
        The time of day.
    older_than
        The age at which it is.
    """
    if manifest.fictional:
        return False
    return now - (manifest.osm_timestamp or manifest.built_at) > older_than


def can_update(manifest: Manifest) -> bool:
    """Return whether all sources of a region can be had again.

    Parameters
    ----------
    manifest
        The region's.
    """
    return bool(manifest.sources) and all(source.url for source in manifest.sources)


def update_region(
    name: str, *, services: Services, regions_dir: Path, progress: Progress = _untold
) -> Provided | None:
    """Get a region anew from where it came from.

    Parameters
    ----------
    name
        The region; it stays as it is until the new one is whole.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    progress
        Is told each step; may raise to stop.

    Returns
    -------
    Provided or None
        None where nothing newer is published.

    Raises
    ------
    UnknownName
        There is no such region.
    InputError
        It was built from a file of somebody's own.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The servers do not give all of it.
    """
    manifest = read_manifest(find_region(name, regions_dir))
    if not can_update(manifest):
        raise InputError(
            f"region {name!r} was built from a file of your own; build it anew from a newer one."
        )
    boxes = [box for source in manifest.sources if (box := _box_of(source.url)) is not None]
    if boxes:
        return _get_area(boxes, name, services, regions_dir, progress, whole_only=True)
    sizes = [look_at(services.client, source.url).size for source in manifest.sources]
    if sizes == [source.bytes for source in manifest.sources]:
        return None
    urls = [source.url for source in manifest.sources]
    return get_region(urls, name, services=services, regions_dir=regions_dir, progress=progress)


def refresh_places(
    name: str,
    *,
    services: Services,
    regions_dir: Path,
    boxes: Iterable[BBox] | None = None,
    kinds: Sequence[str] | None = None,
    progress: Progress = _untold,
) -> Refreshed:
    """Ask what places there are now, and lay them over those of a region.

    Parameters
    ----------
    name
        The region.
    services
        The services of the internet.
    regions_dir
        Where regions live.
    boxes
        Boxes of `geo.world_grid`; None for all that the region touches.
    kinds
        Keys of kinds of place; None for all.
    progress
        Is told each step; may raise to stop.

    Raises
    ------
    UnknownName
        There is no such region or kind.
    InputError
        The area is too large, or none of the region.
    SetupError
        The disk is full or may not be written, or another process is at it.
    OnlineError
        The server answers for none of the boxes.
    """
    manifest = read_manifest(find_region(name, regions_dir))
    if manifest.fictional:
        raise InputError(f"region {name!r} is invented; OpenStreetMap knows nothing of it.")
    asked = _boxes_to_refresh(manifest, boxes)
    folder = services.settings.downloads_dir / f"places-{name}"
    fetched = services.overpass.fetch(asked, places_wish(kinds), folder, progress=progress)
    fresh = merge_places(name, fetched.paths, fetched.boxes, regions_dir=regions_dir, kinds=kinds)
    shutil.rmtree(folder, ignore_errors=True)
    return Refreshed(fresh, fetched.missing, fetched.reason, fetched.at)


def _get_area(
    boxes: Sequence[BBox],
    name: str,
    services: Services,
    regions_dir: Path,
    progress: Progress,
    *,
    whole_only: bool,
) -> Provided:
    check_name(name)
    if len(boxes) > MOST_BOXES:
        raise InputError("that area is too large to ask for by boxes; get an extract of it.")
    folder = services.settings.downloads_dir / f"area-{name}"
    fetched = services.overpass.fetch(
        boxes,
        area_wish(),
        folder,
        younger_than=_RESUMED,
        progress=lambda said, done: progress(said, _DOWNLOAD_SHARE * done),
    )
    if fetched.missing and whole_only:
        raise Interrupted(f"{_sentence(fetched)}; the region stays as it was, try again later.")
    server = services.settings.overpass_url
    try:
        manifest = build_region(
            fetched.paths,
            name,
            regions_dir=regions_dir,
            urls=[_url_of(server, box) for box in fetched.boxes],
            progress=_later(progress),
        )
    except UnreadableExtract:
        services.cache.clear()  # or the same answers would be taken the next time
        raise
    shutil.rmtree(folder, ignore_errors=True)
    return Provided(manifest, fetched.missing, fetched.reason)


def _sentence(fetched: Fetched) -> str:
    return f"{len(fetched.missing)} boxes were not answered ({fetched.reason.partition(';')[0]})"


def _boxes_to_refresh(manifest: Manifest, boxes: Iterable[BBox] | None) -> list[BBox]:
    """Return the boxes to ask about: those of the region, or of it those that are wanted."""
    of_region = boxes_of(manifest.bbox)
    wanted = of_region if boxes is None else [box for box in boxes if box in set(of_region)]
    if not wanted:
        raise InputError(f"that is not in region {manifest.name!r}; refresh the region of it.")
    if len(wanted) > MOST_BOXES:
        raise InputError(
            f"region {manifest.name!r} is too large to refresh at once; refresh a part of it."
        )
    return wanted


def _later(progress: Progress) -> Progress:
    return lambda step, done: progress(step, _DOWNLOAD_SHARE + (1 - _DOWNLOAD_SHARE) * done)


def _of_several(progress: Progress, title: str, number: int, count: int) -> Progress:
    """Return what one of several downloads tells its progress to."""
    return lambda said, done: progress(
        f"{title}: {said}", _DOWNLOAD_SHARE * (number + done) / count
    )


def _discard(services: Services, urls: Iterable[str]) -> None:
    for url in urls:
        services.downloader.discard(url)


def _url_of(server: str, box: BBox) -> str:
    return f"{server}#{box.west},{box.south},{box.east},{box.north}"


def _box_of(url: str) -> BBox | None:
    """Return the box that a source was asked for by; None for an extract."""
    try:
        west, south, east, north = map(float, urlsplit(url).fragment.split(","))
    except ValueError:
        return None
    return BBox(west, south, east, north)
