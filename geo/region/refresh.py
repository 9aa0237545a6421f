"""Refreshing the places of a region: what OpenStreetMap says now of the region's own squares."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import shapely

from geo.errors import InputError
from geo.model import BBox
from geo.online import Services, places_wish
from geo.online.hosts import host_of
from geo.region.area import MOST_BOXES, check_not_older
from geo.region.build import Progress
from geo.region.bundle import find_region
from geo.region.fresh import MergeRules, merge_places
from geo.region.freshness import Freshness, read_freshness
from geo.region.manifest import Manifest, damaged, read_manifest
from geo.region.provision import untold
from geo.region.squares import own_squares


@dataclass(frozen=True, slots=True)
class RefreshScope:
    """What is asked for, and what may be taken away.

    Attributes
    ----------
    boxes
        Boxes of `geo.world_grid`; None for all of the region.
    kinds
        Keys of kinds of place; None for all.
    accept_missing
        Whether more than a fifth of the places that are asked about may go.
    """

    boxes: tuple[BBox, ...] | None = None
    kinds: tuple[str, ...] | None = None
    accept_missing: bool = False


WHOLE_REGION = RefreshScope()


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
    osm_timestamp
        When OpenStreetMap looked like the oldest of the answers.
    """

    fresh: Freshness
    missing: tuple[BBox, ...]
    reason: str
    osm_timestamp: datetime


def refresh_places(
    name: str,
    scope: RefreshScope = WHOLE_REGION,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = untold,
) -> Refreshed:
    """Ask what places there are now, and lay them over those of a region.

    Parameters
    ----------
    name
        The region.
    scope
        What to ask for.
    services
        The services of the internet.
    regions_dir
        Where regions live.
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
    PlacesMissing
        More than a fifth of the places are gone, and that was not accepted.
    OnlineError
        The server answers for none of the boxes, or with older data than the region has.
    """
    region_folder = find_region(name, regions_dir)
    manifest = read_manifest(region_folder)
    if manifest.fictional:
        raise InputError(f"region {name!r} is invented; OpenStreetMap knows nothing of it.")
    outline = _outline(manifest, services)
    squares = _squares(region_folder, manifest, outline)
    asked = _boxes_to_refresh(name, squares, scope.boxes)
    folder = services.settings.downloads_dir / f"places-{name}"
    fetched = services.overpass.fetch(asked, places_wish(scope.kinds), folder, progress=progress)
    have = _have(region_folder, manifest, fetched.boxes)
    check_not_older(name, have, fetched.osm_timestamp, host_of(services.settings.overpass_url))
    rules = MergeRules(squares, outline, scope.kinds, scope.accept_missing)
    fresh = merge_places(name, fetched.paths, fetched.boxes, rules, regions_dir=regions_dir)
    shutil.rmtree(folder, ignore_errors=True)
    return Refreshed(fresh, fetched.missing, fetched.reason, fetched.osm_timestamp)


def squares_of(manifest: Manifest, regions_dir: Path) -> tuple[BBox, ...]:
    """Return the squares of a region that a refresh may ask for.

    Raises
    ------
    UnreadableRegion
        The region's bundle is damaged.
    """
    return _squares(regions_dir / manifest.name, manifest, None)


def _outline(manifest: Manifest, services: Services) -> shapely.Geometry | None:
    """Return the region's outline by the copy of the catalogue; None where it is not known."""
    catalogue = services.kept_catalogue()
    urls = {source.url for source in manifest.sources}
    shapes = [one.shape for one in catalogue.offers if one.url in urls] if catalogue else []
    return shapely.union_all(shapes) if urls and len(shapes) == len(urls) else None


def _squares(
    folder: Path, manifest: Manifest, outline: shapely.Geometry | None
) -> tuple[BBox, ...]:
    try:
        squares = own_squares(folder, manifest)
    except (OSError, ValueError) as error:
        raise damaged(manifest.name, manifest.build) from error
    if outline is not None:
        shapes = [shapely.box(*astuple(one)) for one in squares]
        inside = shapely.intersects(outline, shapes).tolist()
        return tuple(one for one, is_inside in zip(squares, inside, strict=True) if is_inside)
    return squares


def _have(folder: Path, manifest: Manifest, boxes: Sequence[BBox]) -> datetime | None:
    """Return the newest moment of what is known of the places in some boxes."""
    fresh = read_freshness(folder)
    known = [one.osm_timestamp for one in (fresh.boxes if fresh else ()) if one.box in set(boxes)]
    moments = [moment for moment in (manifest.osm_timestamp, *known) if moment is not None]
    return max(moments, default=None)


def _boxes_to_refresh(
    name: str, squares: Sequence[BBox], boxes: Iterable[BBox] | None
) -> Sequence[BBox]:
    """Return the boxes to ask about: those of the region, or of it those that are wanted."""
    wanted = squares if boxes is None else [box for box in boxes if box in set(squares)]
    if not wanted:
        raise InputError(f"the area to refresh is not in region {name!r}; choose its region.")
    if len(wanted) > MOST_BOXES:
        raise InputError(f"region {name!r} is too large to refresh at once; refresh a part of it.")
    return wanted
