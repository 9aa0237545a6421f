"""The basemap of a region: what an extract shows of it, drawn here or in a second process.

Drawing takes as long as all else that a build does, and needs none of it but the region's box. So
with a large extract a second process reads and draws while the first makes roads, places and names;
with a small one starting it would cost more than it saves. By the time that it makes tiles the
first one has little left to do, so it shares them with a third (`geo.region.processes`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import shapely

from geo.cancellation import Progress, no_progress, subprogress
from geo.model import BBox
from geo.region.basemap import tags as basemap_tags
from geo.region.basemap.collected import (
    AreaBuffer,
    BorderBuffer,
    LineBuffer,
    parse_areas,
    project,
    sea_areas,
    unproject,
)
from geo.region.basemap.encode import Properties
from geo.region.basemap.generalise import DEEPEST, Layer, Pyramid, area_pyramid, line_pyramid
from geo.region.basemap.tags import (
    RankedPoint,
    boundary_detail,
    by_class,
    lake_zoom,
    peak_zoom,
    place_zoom,
    ranked_points,
    road_detail,
    waterway_detail,
)
from geo.region.basemap.tiling import STEP, MapBlocks, make_tiles, write_archive
from geo.region.osm_objects import Collector, ObjectFilter, OsmArea, OsmNode, OsmWay
from geo.region.processes import ChildProcess, ParentConnection, Worker, gc_paused

_WORLD = BBox(-180.0, -85.0, 180.0, 85.0)


class BasemapCollector:
    """Collects what a map shows and writes it as vector tiles of the zooms 0 to 14.

    The layers and their attributes are `LAYERS` of `geo.region.basemap.tags`. A basemap without
    a single feature is written too, as an archive without tiles.
    """

    def __init__(self) -> None:
        self._outlines = basemap_tags.area_keys()
        self.wanted = ObjectFilter(
            node=basemap_tags.NODE_KEYS,
            way=basemap_tags.WAY_KEYS | self._outlines,
            area=self._outlines,
        )
        self._roads, self._rivers, self._coast = LineBuffer(), LineBuffer(), LineBuffer()
        self._land, self._water, self._buildings = AreaBuffer(), AreaBuffer(), AreaBuffer()
        self._borders = BorderBuffer()
        self._places: list[tuple[float, Properties, float, float]] = []
        self._peaks: list[tuple[float, Properties, float, float]] = []
        self._lakes: list[tuple[Properties, str]] = []

    def node(self, node: OsmNode) -> None:
        """Take settlements and mountain tops."""
        tags = node.tags
        if "place" in tags:
            found, points = basemap_tags.place(tags), self._places
        elif "natural" in tags:
            found, points = basemap_tags.peak(tags), self._peaks
        else:
            return
        if found is not None:
            points.append((-found[1], found[0], node.lon, node.lat))

    def way(self, way: OsmWay) -> None:
        """Take what is drawn of a way, as a line or as the area inside."""
        tags = way.tags
        if "building" not in tags:
            self._add_line(tags, way)
        if not self._outlines.isdisjoint(tags):
            self._add_area(tags, way)

    def area(self, area: OsmArea) -> None:
        """Take what is drawn of a relation."""
        self._add_area(area.tags, area)

    def _add_line(self, tags: basemap_tags.Tags, way: OsmWay) -> None:
        """Take roads, railways, ferries, rivers, borders and coastlines."""
        road = basemap_tags.road(tags)
        if road is not None:
            self._roads.add(road, way)
        if "waterway" in tags:
            river = basemap_tags.waterway(tags)
            if river is not None:
                self._rivers.add(river, way)
        if tags.get("natural") == "coastline":
            self._coast.add((), way)
        if "boundary" in tags:
            level = basemap_tags.boundary_level(tags)
            if level is not None:
                for run in way.runs:
                    self._borders.add_line(level, np.stack([run.lon_e7, run.lat_e7], axis=1) / 1e7)

    def _add_area(self, tags: basemap_tags.Tags, area: OsmWay | OsmArea) -> None:
        """Take buildings, water, land and the outlines of administrative areas."""
        if tags.get("building", "no") != "no":
            self._buildings.add((), area)
        elif basemap_tags.is_water(tags):
            self._add_water(tags, area)
        elif (land := basemap_tags.landcover(tags)) is not None:
            self._land.add(land, area)
        elif "boundary" in tags and (level := basemap_tags.boundary_level(tags)) is not None:
            self._borders.add_outline(level, area.wkb)

    def _add_water(self, tags: basemap_tags.Tags, area: OsmWay | OsmArea) -> None:
        self._water.add((), area)
        name = basemap_tags.water_name(tags)
        if name is not None and (wkb := area.wkb):
            self._lakes.append((name, wkb))

    def write(
        self,
        path: Path,
        *,
        bbox: Callable[[], BBox | None] = lambda: None,
        progress: Progress = no_progress,
        map_blocks: MapBlocks = map,
    ) -> int:
        """Write the tiles as one PMTiles file and return their number.

        ``bbox`` returns the extract's box, which bounds the sea, or None where the extract does not
        say. It is called only when all but the water is drawn, so that it may still be unknown.
        """
        pyramids, found = self._pyramids(bbox)
        drawn = [pyramid[DEEPEST] for pyramid in pyramids if DEEPEST in pyramid]
        bounds = found or _box_around(drawn) or _WORLD
        report_tiles = subprogress(progress, 0.4, 1.0)
        report_tiles(STEP, 0.0)
        tiles = make_tiles(pyramids, progress=report_tiles, map_blocks=map_blocks)
        return write_archive(path, tiles, bounds=bounds, metadata=basemap_tags.metadata(bounds))

    def _pyramids(self, find_bbox: Callable[[], BBox | None]) -> tuple[list[Pyramid], BBox | None]:
        """Return the layers in the order in which a tile holds them, and the box."""
        roads = self._roads.layer("road")
        rivers = self._rivers.layer("waterway")
        borders = self._borders.layer("boundary")
        land = self._land.layer("landcover")
        buildings = self._buildings.layer("building")
        with ThreadPoolExecutor(2) as executor:  # GEOS, which does most of it, runs side by side
            cover = executor.submit(area_pyramid, land, smallest_pixels=2.0, join=True)
            others = [
                executor.submit(
                    line_pyramid, by_class(rivers, "waterway"), waterway_detail, shortest_pixels=6.0
                ),
                executor.submit(
                    area_pyramid,
                    buildings,
                    first_zoom=basemap_tags.BUILDING_ZOOM,
                    smallest_pixels=0.5,
                ),
                executor.submit(line_pyramid, by_class(roads, "road"), road_detail),
                executor.submit(line_pyramid, borders, boundary_detail),
            ]
            names = [
                self._lake_names(),
                ranked_points("peak", self._peaks, peak_zoom),
                ranked_points("place", self._places, place_zoom, with_rank=True),
            ]
            bbox = find_bbox()
            self._add_sea(bbox or _box_around([roads, rivers, land, self._coast.layer("")]))
            water = executor.submit(area_pyramid, self._water.layer("water"), join=True)
        return [one.result() for one in (cover, water, *others)] + names, bbox

    def _add_sea(self, box: BBox | None) -> None:
        if box is None:
            return
        sea = sea_areas(self._coast.degrees(), (box.west, box.south, box.east, box.north))
        projected = shapely.transform(sea, lambda points: project(points[:, 0], points[:, 1]))
        if len(projected):
            self._water.add_projected((), projected)

    def _lake_names(self) -> Pyramid:
        """Return a label on each named water, and one only where pieces share a name."""
        areas = parse_areas([wkb for _, wkb in self._lakes])
        projected = shapely.transform(areas, lambda points: project(points[:, 0], points[:, 1]))
        sizes = shapely.area(projected)
        labels = shapely.point_on_surface(areas)
        zooms: dict[Properties, int] = {}
        points: list[RankedPoint] = []
        for row in np.argsort(-sizes, kind="stable").tolist():
            name = self._lakes[row][0]
            if name not in zooms and not labels[row].is_empty:
                zooms[name] = lake_zoom(sizes[row])
                points.append((-sizes[row], name, labels[row].x, labels[row].y))
        return ranked_points("water_name", points, zooms.__getitem__)


def _box_around(layers: list[Layer]) -> BBox | None:
    """Return the box around layers of the deepest zoom; None where all are empty."""
    xy = np.concatenate([layer.shapes.xy for layer in layers])
    return unproject(xy) if len(xy) else None


ReadExtract = Callable[[Sequence[Collector]], object]
"""Shows an extract to collectors; a function of a module, or a `functools.partial` of one."""

_LARGE_BYTES = 6_000_000
"""From what size of extract on a second process pays."""

_IF_KILLED = (
    "the map was not finished, as the process that drew it was ended from outside; "
    "close other programs if memory is short, and build the region again."
)


class BasemapBuild:
    """A basemap in the making, drawn by this process or by a child.

    The extract is to be shown to ``collectors``: none where a child reads it.
    """

    def __init__(self, path: Path, child: ChildProcess | None = None) -> None:
        self._path, self._child = path, child
        self._collector = BasemapCollector()
        self._bbox: BBox | None = None
        self.collectors = () if child else (self._collector,)

    def set_bbox(self, bbox: BBox) -> None:
        """Say which box to draw, as soon as it is known."""
        self._bbox = bbox
        if self._child:
            self._child.send(bbox)

    def finish(self, progress: Progress) -> None:
        """Draw what was read, and wait for it.

        Raises
        ------
        SetupError
            The child was ended from outside.
        """
        if not self._child:
            self._collector.write(self._path, bbox=lambda: self._bbox, progress=progress)
            return
        while (message := self._child.receive()) is not None:
            progress(*message)


@contextmanager
def start_basemap(read: ReadExtract, path: Path, *, source_bytes: int) -> Iterator[BasemapBuild]:
    """Begin to draw a basemap, and give up on it where the block is left before it is finished."""
    if source_bytes < _LARGE_BYTES or (os.cpu_count() or 1) < 2 or not sys.executable:
        yield BasemapBuild(path)
        return
    with ChildProcess(_draw, if_killed=_IF_KILLED) as child:
        child.send((read, path))
        yield BasemapBuild(path, child)


def _draw(parent: ParentConnection) -> None:
    read, path = parent.receive()
    collector = BasemapCollector()
    with gc_paused():
        read([collector])
        with Worker(if_killed=_IF_KILLED) as worker:
            collector.write(
                path,
                bbox=parent.receive,
                progress=lambda step, done: parent.send((step, done)),
                map_blocks=worker.map,
            )
