"""Refreshing the places of a region: what OpenStreetMap says now, laid over those of the build.

Responses are read as an extract is, by the collector that a build uses, so that the same place is
found in the same way: its kind, its name, its middle, an outline and the node within it as one.
Merged by OpenStreetMap id, a place is new, changed, or gone. It is gone only if it lies in a box
that was answered fully and is of a kind that was asked for; where a response is missing, none is.

The merged places are written whole, beside the build, with how each joins the build's roads, and
with the names that differ from those of the build. So they are opened and found as the build's own
are, and a build that replaces it forgets them.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from geo.cancellation import Progress, no_progress
from geo.errors import InputError, PlacesMissing
from geo.files import disk_errors
from geo.geometry import is_covered
from geo.model import BBox, Place
from geo.network import RoadNetwork
from geo.online import Services, places_query
from geo.online.hosts import host_of
from geo.places import PlaceIndex, get_kind, load_kinds
from geo.region import bundle
from geo.region.acquire import MOST_BOXES, check_not_older
from geo.region.bundle import (
    FreshBox,
    RefreshManifest,
    delete_stale_builds,
    find_region,
    lock_region,
    read_freshness,
    write_freshness,
)
from geo.region.collect_places import PlaceCollector, osm_id_order
from geo.region.extract import read_extract
from geo.region.manifest import Manifest, checksum_files, damaged_error, read_manifest
from geo.region.names import renew_names
from geo.region.osm_merge import own_squares, write_overpass_extract

_MAX_SHARE_GONE = 0.2
"""The share of the places that were asked about that may go without anybody agreeing."""

_NEAR_M = 1000.0
"""Metres to a road of the region within which a new place belongs to it, where no outline tells."""


@dataclass(frozen=True, slots=True)
class _Merged:
    """Places after a merge, and how many were asked about, new, changed and gone."""

    places: list[Place]
    asked: int
    new: int
    changed: int
    gone: int


@dataclass(frozen=True, slots=True)
class MergeRules:
    """What a merge may take, and take away.

    Attributes
    ----------
    squares
        Those of the region; None for all of its own.
    outline
        The region's outline in degrees; None where it is not known.
    kinds
        Kinds of place that were asked for; None for all of them.
    accept_missing
        Whether more than a fifth of the places that were asked about may go.
    """

    squares: tuple[BBox, ...] | None = None
    outline: shapely.Geometry | None = None
    kinds: tuple[str, ...] | None = None
    accept_missing: bool = False


NO_RULES = MergeRules()


def merge_places(
    name: str,
    responses: Sequence[Path],
    boxes: Sequence[BBox],
    rules: MergeRules = NO_RULES,
    *,
    regions_dir: Path,
) -> RefreshManifest:
    """Lay the places of some responses over those of a region.

    ``boxes`` are what was asked for and answered fully, best those of `geo.geometry` or their
    quarters.

    Raises
    ------
    UnknownName
        There is no such region or kind.
    PlacesMissing
        Too many places are gone; the region is left as it was.
    UnreadableExtract
        An answer is none, or is not whole; the region is left as it was.
    UnreadableRegion
        The region's bundle is damaged.
    SetupError
        The disk is full or may not be written, or the region is being built.
    """
    if not boxes:
        raise InputError("nothing was answered, so no place can be refreshed; try again later.")
    asked = _kind_keys(rules.kinds)
    with lock_region(name, regions_dir):
        folder = bundle.find_region(name, regions_dir)
        overlay = f"build-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        try:
            with disk_errors(regions_dir):
                files = folder / overlay
                files.mkdir()
                found, moment = _read_places(responses, files)
                region = bundle.load_region(folder, compiled=False)
                before = list(region.places)
                found = _within_region(found, before, region.network, rules.outline)
                merged = _merge(before, found, boxes, asked)
                if not rules.accept_missing:
                    _check_gone(merged)
                _write(files, merged.places, region.network)
                build = folder / region.manifest.build
                built = list(PlaceIndex.open(build / bundle.PLACES))
                renew_names(files / bundle.NAMES, build / bundle.NAMES, built, merged.places)
                answered = [FreshBox(box, moment) for box in boxes]
                squares = rules.squares or own_squares(folder, region.manifest)
                fresh = _freshness(folder, overlay, merged, answered, squares)
                write_freshness(folder, fresh)
        finally:
            delete_stale_builds(folder, own=overlay)
    return fresh


def _kind_keys(kinds: Iterable[str] | None) -> frozenset[str]:
    return frozenset(load_kinds() if kinds is None else (get_kind(kind).key for kind in kinds))


def _read_places(responses: Sequence[Path], folder: Path) -> tuple[list[Place], datetime | None]:
    """Return the places of some answers, and of when they are."""
    extract = folder / "answers.osm.pbf"
    moments = write_overpass_extract(responses, extract)
    collector = PlaceCollector()
    read_extract(extract, [collector])
    extract.unlink()
    known = [moment for moment in moments if moment]
    whole = known and len(known) == len(moments)
    return collector.finish(), min(known) if whole else None


def _merge(
    before: Sequence[Place], found: Sequence[Place], boxes: Sequence[BBox], asked: Collection[str]
) -> _Merged:
    """Merge by id; places keep the order in which a build writes them."""
    answered = _inside(before, boxes)
    now = {place.osm_id: place for place in found if place.is_any_of(asked)}
    kept, of_asked, changed, gone = {}, 0, 0, 0
    for place, is_answered in zip(before, answered.tolist(), strict=True):
        fresh = now.get(place.osm_id)
        is_asked = is_answered and place.is_any_of(asked)
        of_asked += is_asked
        if fresh is None and is_asked:
            gone += 1
        else:
            kept[place.osm_id] = fresh or place
            changed += fresh is not None and _differs(fresh, place)
    new = len(now.keys() - {place.osm_id for place in before})
    places = sorted((kept | now).values(), key=lambda place: osm_id_order(place.osm_id))
    return _Merged(places, of_asked, new, changed, gone)


def _check_gone(merged: _Merged) -> None:
    if merged.gone > _MAX_SHARE_GONE * merged.asked:
        raise PlacesMissing(
            f"the server no longer has {merged.gone:,} of the {merged.asked:,} places that were"
            " refreshed; the region stays as it was.",
            gone=merged.gone,
        )


def _within_region(
    found: Sequence[Place],
    before: Sequence[Place],
    network: RoadNetwork,
    outline: shapely.Geometry | None,
) -> list[Place]:
    """Leave out new places beyond the region's border, to which it has no roads."""
    known = {place.osm_id for place in before}
    lon = np.array([place.point.lon for place in found], np.float64)
    lat = np.array([place.point.lat for place in found], np.float64)
    if outline is not None:
        inside = shapely.contains_xy(outline, lon, lat)
    else:
        inside = network.snap(lon, lat).snap_m <= _NEAR_M
    return [
        place
        for place, is_inside in zip(found, inside.tolist(), strict=True)
        if is_inside or place.osm_id in known
    ]


def _inside(places: Sequence[Place], boxes: Sequence[BBox]) -> npt.NDArray[np.bool_]:
    """(n,) whether each place lies in one of the boxes."""
    lon = np.array([place.point.lon for place in places])
    lat = np.array([place.point.lat for place in places])
    inside = np.zeros(len(places), bool)
    for box in boxes:
        inside |= (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
    return inside


def _differs(fresh: Place, place: Place) -> bool:
    """Say whether a reader would see another place; when it was edited does not matter."""
    return (fresh.name, fresh.kind, fresh.tags) != (place.name, place.kind, place.tags) or (
        round(fresh.point.lon, 6),
        round(fresh.point.lat, 6),
    ) != (round(place.point.lon, 6), round(place.point.lat, 6))


def _write(files: Path, places: Sequence[Place], network: RoadNetwork) -> None:
    index = PlaceIndex.write(files / bundle.PLACES, places)
    snaps = files / bundle.PLACE_SNAPS
    snaps.mkdir()
    network.snap(index.lon, index.lat).save(snaps)


def _freshness(
    folder: Path,
    overlay: str,
    merged: _Merged,
    answered: Sequence[FreshBox],
    squares: Sequence[BBox],
) -> RefreshManifest:
    """Return what is to be written of a merge: boxes of earlier ones count on."""
    manifest, earlier = read_manifest(folder), read_freshness(folder)
    boxes = {one.box: one for one in (*(earlier.boxes if earlier else ()), *answered)}
    return RefreshManifest(
        build=manifest.build,
        folder=overlay,
        boxes=tuple(boxes.values()),
        squares=sum(is_covered(square, boxes.keys()) for square in squares),
        squares_in_all=len(squares),
        places=len(merged.places),
        new=merged.new,
        changed=merged.changed,
        gone=merged.gone,
        files=checksum_files(folder / overlay),
    )


@dataclass(frozen=True, slots=True)
class RefreshScope:
    """What is asked for, and what may be taken away.

    Attributes
    ----------
    boxes
        Boxes of `geo.geometry`; None for all of the region.
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
class RefreshResult:
    """What a refresh of places brought.

    ``reason`` says why something is missing, as a sentence, or is empty. ``osm_timestamp`` is when
    OpenStreetMap looked like the oldest of the responses.
    """

    fresh: RefreshManifest
    missing: tuple[BBox, ...]
    reason: str
    osm_timestamp: datetime


def refresh_places(
    name: str,
    scope: RefreshScope = WHOLE_REGION,
    *,
    services: Services,
    regions_dir: Path,
    progress: Progress = no_progress,
) -> RefreshResult:
    """Ask what places there are now, and lay them over those of a region.

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
    fetched = services.overpass.fetch(asked, places_query(scope.kinds), folder, progress=progress)
    current = _known_timestamp(region_folder, manifest, fetched.boxes)
    check_not_older(name, current, fetched.osm_timestamp, host_of(services.settings.overpass_url))
    rules = MergeRules(squares, outline, scope.kinds, scope.accept_missing)
    fresh = merge_places(name, fetched.paths, fetched.boxes, rules, regions_dir=regions_dir)
    shutil.rmtree(folder, ignore_errors=True)
    return RefreshResult(fresh, fetched.missing, fetched.reason, fetched.osm_timestamp)


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
    catalogue = services.cached_catalogue()
    urls = {source.url for source in manifest.sources}
    shapes = [one.shape for one in catalogue.entries if one.url in urls] if catalogue else []
    return shapely.union_all(shapes) if urls and len(shapes) == len(urls) else None


def _squares(
    folder: Path, manifest: Manifest, outline: shapely.Geometry | None
) -> tuple[BBox, ...]:
    try:
        squares = own_squares(folder, manifest)
    except (OSError, ValueError) as error:
        raise damaged_error(manifest.name, manifest.build) from error
    if outline is not None:
        shapes = [shapely.box(*astuple(one)) for one in squares]
        inside = shapely.intersects(outline, shapes).tolist()
        return tuple(one for one, is_inside in zip(squares, inside, strict=True) if is_inside)
    return squares


def _known_timestamp(folder: Path, manifest: Manifest, boxes: Sequence[BBox]) -> datetime | None:
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
