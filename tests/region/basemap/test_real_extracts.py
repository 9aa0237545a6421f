"""The tiles of real extracts: small, whole, and with nothing missing."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pmtiles.reader import MemorySource, all_tiles

from geo.region.basemap.collected import project
from geo.region.basemap.shapes import EXTENT
from geo.region.basemap.tags import LAYERS, is_water
from geo.region.extract import read_extract
from geo.region.osm_objects import ObjectFilter, OsmArea, OsmNode, OsmWay
from geo.tiles import TileArchive

Archive = Callable[[str], TileArchive]
TilesOf = Callable[..., Any]
BOTH = pytest.mark.parametrize("name", ["andorra", "rutland"])


class Waters:
    """Collects the areas of water."""

    wanted = ObjectFilter()

    def __init__(self) -> None:
        self.wkb: list[str] = []

    def node(self, node: OsmNode) -> None:
        pass

    def way(self, way: OsmWay) -> None:
        self.area(way)

    def area(self, area: OsmWay | OsmArea) -> None:
        if is_water(area.tags) and area.wkb:
            self.wkb.append(area.wkb)


def drawn_area(data: bytes, zoom: int, layer: str) -> float:
    """Return the area of a layer in all tiles, overlaps counted once, without the buffers."""
    frame = shapely.box(0, 0, EXTENT, EXTENT)
    total = 0.0
    for (z, _, _), packed in all_tiles(MemorySource(data)):
        if z != zoom:
            continue
        tile = mapbox_vector_tile.decode(gzip.decompress(packed))
        shapes = [
            shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
            for feature in tile.get(layer, {"features": []})["features"]
        ]
        total += shapely.union_all(shapes).intersection(frame).area
    return total


@BOTH
def test_every_tile_is_small_and_found_again(
    name: str, real_archive: Archive, archive_bytes: Callable[[str], bytes]
) -> None:
    archive = real_archive(name)
    count = 0
    for (zoom, x, y), data in all_tiles(MemorySource(archive_bytes(name))):
        assert len(gzip.decompress(data)) < 500_000
        assert archive.tile(zoom, x, y) == data
        count += 1
    assert count == len(archive) > 400


@BOTH
def test_layers_are_those_that_the_metadata_names(
    name: str, real_archive: Archive, tiles_of: TilesOf
) -> None:
    seen: dict[str, set[str]] = {}
    for _, _, tile in tiles_of(real_archive(name), 12):
        for layer, content in tile.items():
            for feature in content["features"]:
                seen.setdefault(layer, set()).update(feature["properties"])
    assert set(seen) == set(LAYERS) - {"building"}
    for layer, attributes in seen.items():
        assert attributes <= set(LAYERS[layer])


@pytest.mark.parametrize(
    ("name", "zoom", "tolerance"),
    [("andorra", 14, 0.005), ("rutland", 14, 0.005), ("rutland", 11, 0.03)],
)
def test_no_lake_is_missing(
    name: str,
    zoom: int,
    tolerance: float,
    archive_bytes: Callable[[str], bytes],
    shared: Callable[[str], Path],
) -> None:
    waters = Waters()
    read_extract(shared(f"osm/{name}.osm.pbf"), [waters])
    projected = shapely.transform(
        shapely.make_valid(shapely.from_wkb(waters.wkb)),
        lambda points: project(points[:, 0], points[:, 1]),
    )
    expected = shapely.union_all(projected).area / 4 ** (14 - zoom)
    found = drawn_area(archive_bytes(name), zoom, "water")
    assert found == pytest.approx(expected, rel=tolerance)


@BOTH
def test_every_polygon_begins_with_an_exterior(
    name: str, archive_bytes: Callable[[str], bytes]
) -> None:
    """A renderer takes a ring of the wrong direction for a hole in the polygon before it."""
    for (zoom, _, _), data in all_tiles(MemorySource(archive_bytes(name))):
        if zoom not in {9, 12}:
            continue
        tile = mapbox_vector_tile.decode(
            gzip.decompress(data), default_options={"y_coord_down": True}
        )
        for layer in ("landcover", "water"):
            for feature in tile.get(layer, {"features": []})["features"]:
                geometry = feature["geometry"]
                parts = geometry["coordinates"]
                for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
                    areas = [doubled_area(ring) for ring in part]
                    assert areas[0] > 0
                    assert all(area < 0 for area in areas[1:])


def doubled_area(ring: list[list[int]]) -> int:
    """Return twice the area by the surveyor's formula, as the specification writes it."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def test_compressed_size(archive_bytes: Callable[[str], bytes]) -> None:
    assert len(archive_bytes("andorra")) < 4_000_000
    assert io.BytesIO(archive_bytes("andorra")).read(7) == b"PMTiles"
