"""Building a region: an extract is read once, then each part of the bundle is written.

Every file is written into a folder of its own; only the last act, the renaming of ``region.json``,
makes the build visible (see `geo.region.manifest`).

A build works for long in code that no other thread can break off, and takes the processor from
whoever else this process serves. So a large one that a page started runs in a child process, which
is ended when nobody waits for it any more; a build survives that: the old region stays.
"""

from __future__ import annotations

import math
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from geo.cancellation import Progress, no_progress, run_cancellable, subprogress
from geo.errors import SetupError, UnreadableExtract, UnreadableRegion
from geo.files import disk_errors, table_path
from geo.gazetteer import Gazetteer
from geo.geometry import METRES_PER_DEGREE
from geo.model import BBox
from geo.network import MAX_SNAP_M, RoadGraph, RoadNetwork
from geo.places import PlaceIndex
from geo.region import bundle
from geo.region.basemap import start_basemap
from geo.region.bundle import delete_leftovers, delete_stale_builds, lock_region
from geo.region.collect_homes import HomeCollector
from geo.region.collect_places import PlaceCollector
from geo.region.collect_water import WaterCollector
from geo.region.extract import ExtractHeader, read_extract, read_header
from geo.region.manifest import (
    ATTRIBUTION,
    FICTIONAL_ATTRIBUTION,
    FICTIONAL_LICENCE,
    GENERATOR,
    LICENCE,
    DownloadInfo,
    Manifest,
    checksum_files,
    read_manifest,
    write_manifest,
)
from geo.region.names import NameCollector
from geo.region.osm_merge import PreparedExtract, prepare_extract
from geo.region.processes import ChildProcess, ParentConnection, gc_paused
from geo.region.roads import RoadCollector

SAMPLE_NAME = "county"
"""What the fictional sample county is called as a region."""

_SPARE_DEG, _SPARE_TIMES = 0.5, 4.0
"""How much larger than its roads an extract's box may be and still be believed."""

_MIN_SHARE_INSIDE = 0.5
"""The share of the junctions that an extract's box must hold to be believed."""

_MIN_SHARE_THERE = 0.5
"""The share of the junctions that must lie where a catalogue says that its extracts lie."""

_MIN_SIDE_DEG = 0.01
"""How wide and high the box of a region is at least, about 1 km: a map must show something."""


@dataclass(slots=True)
class _StepTimer:
    """Times the steps and tells the progress."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str, fraction: float) -> Iterator[None]:
        self.progress(name, fraction)
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)


def build_region(
    extracts: Path | Sequence[Path],
    name: str,
    *,
    regions_dir: Path,
    origins: Sequence[DownloadInfo] = (),
    progress: Progress = no_progress,
) -> Manifest:
    """Build a region, replacing one of the same name only when the new one is whole.

    ``extracts`` is one file, or several that become one region: ``.osm.pbf``, ``.osm`` or
    ``.osm.bz2``, or responses of an Overpass server (``.json``).

    Raises
    ------
    UnreadableExtract
        The file is no extract, is cut off, holds no roads for cars, or lies elsewhere than the
        catalogue that it came from says.
    InputError
        The name cannot be used, or the extracts cannot be one region.
    SetupError
        The disk or the memory is full, the disk may not be written, or the region is being built
        already.
    """
    bundle.check_name(name)
    given = [extracts] if isinstance(extracts, Path) else list(extracts)
    folder = regions_dir / name
    build = f"build-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    delete_leftovers(regions_dir)
    with lock_region(name, regions_dir):
        files = folder / build
        try:
            with disk_errors(regions_dir), gc_paused():
                files.mkdir(parents=True)
                prepared = prepare_extract(given, origins, files)
                expected = _expected_outline(origins, folder)
                manifest = _write_bundle(prepared, files, _StepTimer(progress), expected)
                write_manifest(folder, manifest)
        except MemoryError as error:
            raise SetupError(
                f"there is not enough memory to build region {name!r}; close other programs, or "
                "use a smaller extract."
            ) from error
        finally:
            delete_stale_builds(folder, own=build)
    progress("done", 1.0)
    return manifest


def ensure_sample(regions_dir: Path, *, progress: Progress = no_progress) -> Manifest | None:
    """Build the fictional sample county; None where a region that can be opened is there already.

    Raises
    ------
    SetupError
        The disk is full or may not be written.
    """
    for name in bundle.list_regions(regions_dir):
        with suppress(SetupError, UnreadableRegion):
            read_manifest(regions_dir / name)
            return None
    return build_region(sample_path(), SAMPLE_NAME, regions_dir=regions_dir, progress=progress)


def sample_path() -> Path:
    """Return the extract of the fictional sample county."""
    return table_path("sample") / "sample.osm.pbf"


def _write_bundle(
    prepared: PreparedExtract, files: Path, step: _StepTimer, expected: Any
) -> Manifest:
    shown_at = read_header(prepared.extract).timestamp
    roads = RoadCollector(shown_at.date() if shown_at else None)
    places, names = PlaceCollector(), NameCollector()
    water, homes = WaterCollector(), HomeCollector()
    read = partial(read_extract, prepared.extract)
    with start_basemap(read, files / bundle.BASEMAP, source_bytes=prepared.bytes) as basemap:
        with step("reading the extract", 0.0):
            collectors = [roads, places, names, water, homes, *basemap.collectors]
            header = read(collectors, progress=subprogress(step.progress, 0.0, 0.4))
        with step("roads", 0.4):
            graph = roads.finish()
            _check_location(prepared.title, graph, expected)
            bbox = _bbox(header, graph)
            basemap.set_bbox(bbox)  # all that a child waits for
        with step("water", 0.45):
            mask = water.write(_make_folder(files / bundle.WATER), bbox=_padded(bbox))
        with step("network", 0.46):
            network = RoadNetwork(graph, water=mask.metres_across, compiled=False)
            network.save(_make_folder(files / bundle.NETWORK))
        with step("places", 0.5):
            index = PlaceIndex.write(_make_folder(files / bundle.PLACES), places.finish())
            network.snap(index.lon, index.lat).save(_make_folder(files / bundle.PLACE_SNAPS))
        with step("names", 0.55):
            entries = names.finish()
            Gazetteer.write(files / bundle.NAMES, entries)
        with step("homes", 0.59):
            dwellings = homes.finish(entries)
            dwellings.save(_make_folder(files / bundle.HOMES))
        with step("basemap", 0.65):
            basemap.finish(subprogress(step.progress, 0.65, 0.98))
    counts = {"junctions": graph.junction_count, "edges": graph.edge_count, "places": len(index)}
    counts |= {"names": len(entries), "homes": len(dwellings), "cut_roads": roads.cut_roads}
    return _manifest(prepared, files, step, header, bbox, counts)


def _manifest(
    prepared: PreparedExtract,
    files: Path,
    step: _StepTimer,
    header: ExtractHeader,
    bbox: BBox,
    counts: dict[str, int],
) -> Manifest:
    """Return the manifest of files that are written."""
    with step("checksums", 0.98):
        prepared.discard()
        checksums = checksum_files(files)
    fictional = header.generator == GENERATOR
    return Manifest(
        name=files.parent.name,
        build=files.name,
        source=prepared.title,
        source_bytes=prepared.bytes,
        sources=prepared.sources,
        osm_timestamp=header.timestamp,
        bbox=bbox,
        counts=counts,
        step_seconds=step.seconds,
        files=checksums,
        licence=FICTIONAL_LICENCE if fictional else LICENCE,
        attribution=FICTIONAL_ATTRIBUTION if fictional else ATTRIBUTION,
        fictional=fictional,
    )


def _expected_outline(origins: Sequence[DownloadInfo], folder: Path) -> Any:
    """Return the shapely geometry where sources should lie; None where nobody says.

    It is their outlines in a catalogue, or the box of the region that is built of the same sources.
    """
    if origins and all(origin.outline is not None for origin in origins):
        return shapely.union_all([origin.outline for origin in origins])
    urls = {origin.url for origin in origins if origin.url}
    with suppress(SetupError, UnreadableRegion):
        before = read_manifest(folder)
        if urls and urls == {source.url for source in before.sources}:
            box = before.bbox
            return shapely.box(box.west, box.south, box.east, box.north)
    return None


def _check_location(title: str, graph: RoadGraph, expected: Any) -> None:
    """Refuse roads that lie elsewhere than they should."""
    if expected is None:
        return
    shapely.prepare(expected)
    share = float(shapely.intersects_xy(expected, graph.junction_lon, graph.junction_lat).mean())
    if share < _MIN_SHARE_THERE:
        raise UnreadableExtract(
            f"{title} covers another place: {share:.0%} of its roads are in the area requested;"
            " check the web address, or build the region from a file of your own."
        )


def _bbox(header: ExtractHeader, graph: RoadGraph) -> BBox:
    """Return the box of a region, which has an area even where all roads lie on one line."""
    box = _plausible_bbox(header, graph)
    wider = max(0.0, _MIN_SIDE_DEG - (box.east - box.west)) / 2
    higher = max(0.0, _MIN_SIDE_DEG - (box.north - box.south)) / 2
    return BBox(
        max(-180.0, box.west - wider),
        max(-90.0, box.south - higher),
        min(180.0, box.east + wider),
        min(90.0, box.north + higher),
    )


def _plausible_bbox(header: ExtractHeader, graph: RoadGraph) -> BBox:
    """Return the extract's own box, or that of its roads where it says little of them.

    A box without most of the junctions is wrong. One many times as wide or high as the roads says
    nothing of them, and drawing the sea all over it could take days.
    """
    lon, lat = graph.junction_lon, graph.junction_lat
    roads = BBox(*(float(side) for side in (lon.min(), lat.min(), lon.max(), lat.max())))
    box = header.bbox
    if box is None:
        return roads
    inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
    if inside.mean() < _MIN_SHARE_INSIDE:
        return roads
    too_wide = box.east - box.west > _SPARE_DEG + _SPARE_TIMES * (roads.east - roads.west)
    too_high = box.north - box.south > _SPARE_DEG + _SPARE_TIMES * (roads.north - roads.south)
    return roads if too_wide or too_high else box


def _padded(bbox: BBox) -> BBox:
    """Return a box and what around it may be joined to a road inside."""
    pad_lat_deg = MAX_SNAP_M / METRES_PER_DEGREE
    squeeze = math.cos(math.radians(max(abs(bbox.south), abs(bbox.north))))
    pad_lon_deg = pad_lat_deg / max(squeeze, 0.01)
    return BBox(
        max(-180.0, bbox.west - pad_lon_deg),
        max(-90.0, bbox.south - pad_lat_deg),
        min(180.0, bbox.east + pad_lon_deg),
        min(90.0, bbox.north + pad_lat_deg),
    )


def _make_folder(path: Path) -> Path:
    path.mkdir()
    return path


_LARGE_BYTES = 400_000
"""Of sources below this size a build is quicker than the start of a process."""


def build_in_subprocess(
    paths: Sequence[Path],
    name: str,
    *,
    regions_dir: Path,
    origins: Sequence[DownloadInfo],
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> Manifest:
    """Build a region as `geo.region.build.build_region` does, and be quick to stop.

    ``check_cancelled`` is called four times a second, and may raise to stop.

    Raises
    ------
    CrossroadsError
        As `geo.region.build.build_region`.
    SetupError
        The process was ended from outside.
    """
    if sum(path.stat().st_size for path in paths) < _LARGE_BYTES or not sys.executable:
        return build_region(
            paths, name, regions_dir=regions_dir, origins=origins, progress=progress
        )
    if_killed = (
        f"region {name!r} was not finished, as the process that built it was ended from"
        " outside; close other programs if memory is short, and try again."
    )
    try:
        with ChildProcess(_build, if_killed=if_killed) as child:
            child.send((list(paths), name, regions_dir, list(origins)))
            while True:
                message = run_cancellable(child.receive, check_cancelled)
                if isinstance(message, Manifest):
                    return message
                progress(*message)
    finally:
        _clean_up_build(name, regions_dir)


def _build(parent: ParentConnection) -> Manifest:
    paths, name, regions_dir, origins = parent.receive()
    return build_region(
        paths,
        name,
        regions_dir=regions_dir,
        origins=origins,
        progress=lambda step, done: parent.send((step, done)),
    )


def _clean_up_build(name: str, regions_dir: Path) -> None:
    """Delete what a build that was ended has left."""
    with suppress(SetupError):
        if (regions_dir / name).is_dir():
            with lock_region(name, regions_dir):
                delete_stale_builds(regions_dir / name)
        delete_leftovers(regions_dir)
