"""The basemap's share of the reading, and the file that it makes of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import shapely

from geo.model import BBox
from geo.region.basemap import schema
from geo.region.basemap.archive import write_archive
from geo.region.basemap.borders import BorderStock
from geo.region.basemap.coast import sea_areas
from geo.region.basemap.layers import (
    DEEPEST,
    Layer,
    Pyramid,
    area_pyramid,
    line_pyramid,
)
from geo.region.basemap.mvt import Properties
from geo.region.basemap.stock import AreaStock, LineStock, parse_areas, project, unproject
from geo.region.basemap.tiler import Progress, Share, make_tiles
from geo.region.basemap.zooms import (
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
from geo.region.objects import OsmArea, OsmNode, OsmWay, Wanted

_WORLD = BBox(-180.0, -85.0, 180.0, 85.0)


class BasemapCollector:
    """Collects what a map shows and writes it as vector tiles of the zooms 0 to 14.

    The layers and their attributes are `LAYERS` of `geo.region.basemap.schema`. A basemap without
    a single feature is written too, as an archive without tiles.
    """

    def __init__(self) -> None:
        self._outlines = schema.area_keys()
        self.wanted = Wanted(
            node=schema.NODE_KEYS,
            way=schema.WAY_KEYS | self._outlines,
            area=self._outlines,
        )
        self._roads, self._rivers, self._coast = LineStock(), LineStock(), LineStock()
        self._land, self._water, self._buildings = AreaStock(), AreaStock(), AreaStock()
        self._borders = BorderStock()
        self._places: list[tuple[float, Properties, float, float]] = []
        self._peaks: list[tuple[float, Properties, float, float]] = []
        self._lakes: list[tuple[Properties, str]] = []

    def node(self, node: OsmNode) -> None:
        """Take settlements and mountain tops."""
        tags = node.tags
        if "place" in tags:
            found, stock = schema.place(tags), self._places
        elif "natural" in tags:
            found, stock = schema.peak(tags), self._peaks
        else:
            return
        if found is not None:
            stock.append((-found[1], found[0], node.lon, node.lat))

    def way(self, way: OsmWay) -> None:
        """Take what is drawn of a way, as a line or as the area inside."""
        tags = way.tags
        if "building" not in tags:
            self._take_line(tags, way)
        if not self._outlines.isdisjoint(tags):
            self._take_area(tags, way)

    def area(self, area: OsmArea) -> None:
        """Take what is drawn of a relation."""
        self._take_area(area.tags, area)

    def _take_line(self, tags: schema.Tags, way: OsmWay) -> None:
        """Take roads, railways, ferries, rivers, borders and coastlines."""
        road = schema.road(tags)
        if road is not None:
            self._roads.add(road, way)
        if "waterway" in tags:
            river = schema.waterway(tags)
            if river is not None:
                self._rivers.add(river, way)
        if tags.get("natural") == "coastline":
            self._coast.add((), way)
        if "boundary" in tags:
            level = schema.boundary_level(tags)
            if level is not None:
                for run in way.runs:
                    self._borders.add_line(level, np.stack([run.lon_e7, run.lat_e7], axis=1) / 1e7)

    def _take_area(self, tags: schema.Tags, area: OsmWay | OsmArea) -> None:
        """Take buildings, water, land and the outlines of administrative areas."""
        if tags.get("building", "no") != "no":
            self._buildings.add((), area)
        elif schema.is_water(tags):
            self._take_water(tags, area)
        elif (land := schema.landcover(tags)) is not None:
            self._land.add(land, area)
        elif "boundary" in tags and (level := schema.boundary_level(tags)) is not None:
            self._borders.add_outline(level, area.wkb)

    def _take_water(self, tags: schema.Tags, area: OsmWay | OsmArea) -> None:
        self._water.add((), area)
        name = schema.water_name(tags)
        if name is not None and (wkb := area.wkb):
            self._lakes.append((name, wkb))

    def write(
        self,
        path: Path,
        *,
        box: Callable[[], BBox | None] = lambda: None,
        progress: Progress = lambda _done: None,
        share: Share = map,
    ) -> int:
        """Write the tiles as one PMTiles file and return their number.

        Parameters
        ----------
        path
            The file; replaced where it is there.
        box
            Returns the extract's box, which bounds the sea; None where the extract does not say.
            It is asked only when all but the water is drawn, so that it may still be unknown.
        progress
            Is told the fraction that is done.
        share
            Makes the tiles of each block; as the built-in map, or together with other processes.
        """
        pyramids, bbox = self._pyramids(box)
        drawn = [pyramid[DEEPEST] for pyramid in pyramids if DEEPEST in pyramid]
        bounds = bbox or _box_around(drawn) or _WORLD
        progress(0.4)
        tiles = make_tiles(pyramids, progress=lambda done: progress(0.4 + 0.6 * done), share=share)
        return write_archive(path, tiles, bounds=bounds, metadata=schema.metadata(bounds))

    def _pyramids(self, box: Callable[[], BBox | None]) -> tuple[list[Pyramid], BBox | None]:
        """Return the layers in the order in which a tile holds them, and the box."""
        roads = self._roads.layer("road")
        rivers = self._rivers.layer("waterway")
        borders = self._borders.layer("boundary")
        land = self._land.layer("landcover")
        buildings = self._buildings.layer("building")
        with ThreadPoolExecutor(2) as beside:  # GEOS, which does most of it, runs side by side
            cover = beside.submit(area_pyramid, land, smallest_pixels=2.0, join=True)
            others = [
                beside.submit(
                    line_pyramid, by_class(rivers, "waterway"), waterway_detail, shortest_pixels=6.0
                ),
                beside.submit(
                    area_pyramid, buildings, first_zoom=schema.BUILDING_ZOOM, smallest_pixels=0.5
                ),
                beside.submit(line_pyramid, by_class(roads, "road"), road_detail),
                beside.submit(line_pyramid, borders, boundary_detail),
            ]
            names = [
                self._lake_names(),
                ranked_points("peak", self._peaks, peak_zoom),
                ranked_points("place", self._places, place_zoom, with_rank=True),
            ]
            bbox = box()
            self._add_sea(bbox or _box_around([roads, rivers, land, self._coast.layer("")]))
            water = beside.submit(area_pyramid, self._water.layer("water"), join=True)
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
