"""Small worlds for the basemap: objects of an extract, and tiles read by another's reader."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from geo.model import BBox
from geo.region.basemap import BasemapCollector
from geo.region.extract import read_extract
from geo.region.osm_objects import OsmArea, OsmNode, OsmWay
from geo.tiles import TileArchive

DecodedTile = Mapping[str, Any]


@pytest.fixture
def way() -> Callable[..., OsmWay]:
    """Return a maker of ways from (lon, lat) pairs."""

    def make(points: list[tuple[float, float]], **tags: str) -> OsmWay:
        lon, lat = (np.rint(np.array(points).T * 1e7)).astype(np.int32)
        return OsmWay(1, tags, None, np.arange(len(points)), lon, lat)

    return make


@pytest.fixture
def area() -> Callable[..., OsmArea]:
    """Return a maker of areas from a shapely geometry in degrees."""

    def make(shape: Polygon | MultiPolygon, **tags: str) -> OsmArea:
        multi = shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])
        return OsmArea("w1", tags, None, shapely.to_wkb(multi, hex=True))

    return make


@pytest.fixture
def node() -> Callable[..., OsmNode]:
    """Return a maker of nodes."""
    return lambda lon, lat, **tags: OsmNode(1, tags, None, lon, lat)


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., TileArchive]:
    """Return a function that draws objects and opens the tiles."""

    def run(objects: list[Any], bbox: BBox | None = None) -> TileArchive:
        collector = BasemapCollector()
        for thing in objects:
            if isinstance(thing, OsmNode):
                collector.node(thing)
            elif isinstance(thing, OsmWay):
                collector.way(thing)
            else:
                collector.area(thing)
        path = tmp_path / "basemap.pmtiles"
        collector.write(path, bbox=lambda: bbox)
        return TileArchive.open(path)

    return run


def decode(data: bytes) -> DecodedTile:
    """Decode a tile by the mapbox-vector-tile package, y growing downwards."""
    options = {"y_coord_down": True}
    tile: DecodedTile = mapbox_vector_tile.decode(data, default_options=options)
    return tile


@pytest.fixture
def tiles_of() -> Callable[..., Iterator[tuple[int, int, DecodedTile]]]:
    """Return a function that yields x, y and content of every tile of a zoom that covers a box."""

    def run(archive: TileArchive, zoom: int) -> Iterator[tuple[int, int, DecodedTile]]:
        if len(archive) == 1:
            return  # without a feature it covers the world with one empty tile
        for x, y in tile_range(archive.bounds, zoom):
            data = archive.tile(zoom, x, y)
            if data is not None:
                yield x, y, decode(gzip.decompress(data))

    return run


def tile_range(box: BBox, zoom: int) -> Iterator[tuple[int, int]]:
    """Yield the tiles of a zoom in a box and one beyond on each side."""
    lat = np.radians([box.north, box.south])
    rows = (0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)) * 2**zoom
    columns = (np.array([box.west, box.east]) + 180) / 360 * 2**zoom
    for x in range(max(0, int(columns[0]) - 1), min(2**zoom, int(columns[1]) + 2)):
        for y in range(max(0, int(rows[0]) - 1), min(2**zoom, int(rows[1]) + 2)):
            yield x, y


@pytest.fixture(scope="session")
def real_path(
    shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return a function that draws a real extract the first time it is asked for."""
    drawn: dict[str, Path] = {}

    def run(name: str) -> Path:
        if name not in drawn:
            collector = BasemapCollector()
            header = read_extract(shared(f"osm/{name}.osm.pbf"), [collector])
            drawn[name] = tmp_path_factory.mktemp("basemap") / f"{name}.pmtiles"
            collector.write(drawn[name], bbox=partial(getattr, header, "bbox"))
        return drawn[name]

    return run


@pytest.fixture
def real_archive(real_path: Callable[[str], Path]) -> Callable[[str], TileArchive]:
    """Return a function that opens the tiles of a real extract."""
    return lambda name: TileArchive.open(real_path(name))


@pytest.fixture
def archive_bytes(real_path: Callable[[str], Path]) -> Callable[[str], bytes]:
    """Return a function that reads the file of a real extract's tiles."""
    return lambda name: real_path(name).read_bytes()
