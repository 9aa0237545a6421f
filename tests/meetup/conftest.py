from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from geo.isochrone import WaterMask
from geo.model import BBox, Place, Point
from geo.network import CONDITIONS, RoadGraph, RoadNetwork
from geo.places import PlaceIndex
from geo.region import Manifest, Region

STEP_DEG = 0.02
Road = tuple[int, int, float]


def junction(index: int) -> Point:
    """Return where a junction of `road_graph` lies: on a parabola, so that no roads overlap."""
    return Point(1.0 + index * STEP_DEG, 42.0 + index * index * STEP_DEG / 10)


def road_graph(junctions: int, roads: Sequence[Road]) -> RoadGraph:
    """Return straight two-way roads ``(junction, junction, seconds)``, all 1 km long."""
    ways = [(a, b, s, k, False) for k, (a, b, s) in enumerate(roads)]
    ways += [(b, a, s, k, True) for k, (a, b, s) in enumerate(roads)]
    ways.sort()
    tail, head, seconds, shape, backwards = (np.array(column) for column in zip(*ways, strict=True))
    points = [junction(i) for i in range(junctions)]
    ends = [points[end] for a, b, _ in roads for end in (a, b)]
    count = len(ways)
    return RoadGraph(
        junction_lon=np.array([p.lon for p in points]),
        junction_lat=np.array([p.lat for p in points]),
        first_edge=np.searchsorted(tail, np.arange(junctions + 1)).astype(np.int32),
        edge_head=head.astype(np.int32),
        edge_length_m=np.full(count, 1000, np.float32),
        edge_seconds=np.tile(seconds.astype(np.float32), (len(CONDITIONS), 1)),
        edge_flags=np.zeros(count, np.uint8),
        edge_class=np.zeros(count, np.uint8),
        edge_way=np.arange(count, dtype=np.int64),
        edge_shape=shape.astype(np.int32),
        edge_reversed=backwards.astype(bool),
        shape_start=np.arange(0, 2 * len(roads) + 1, 2, dtype=np.int64),
        shape_lon=np.array([round(p.lon * 1e7) for p in ends], np.int32),
        shape_lat=np.array([round(p.lat * 1e7) for p in ends], np.int32),
    )


MakeRegion = Callable[..., Region]


@pytest.fixture
def make_region(tmp_path: Path) -> MakeRegion:
    """Return a function that makes a region of roads, with a place at each junction named."""

    def make(junctions: int, roads: Sequence[Road], places: Sequence[int | Place]) -> Region:
        network = RoadNetwork(road_graph(junctions, roads))
        found = [
            Place(f"n{one}", f"Café {one}", "cafe", junction(one)) if isinstance(one, int) else one
            for one in places
        ]
        folder = tmp_path / f"places-{len(list(tmp_path.iterdir()))}"
        index = PlaceIndex.write(folder, found)
        manifest = Manifest(
            name="line", build="", source="", source_bytes=0, osm_timestamp=None,
            bbox=BBox(1, 42, 2, 43), counts={}, step_seconds={}, files={},
        )  # fmt: skip
        return Region(
            name="line",
            manifest=manifest,
            network=network,
            places=index,
            place_snaps=network.snap(index.lon, index.lat),
            gazetteer=cast("Any", None),
            load_water=lambda: cast("WaterMask", None),
            load_homes=lambda: cast("Any", None),
            basemap=None,
        )

    return make


@pytest.fixture
def five_minutes() -> list[Road]:
    """Return a road with junctions 0, 1, 2, 3 and 4, five minutes between neighbours."""
    return [(i, i + 1, 300.0) for i in range(4)]


@pytest.fixture
def at() -> Callable[..., tuple[Point, ...]]:
    """Return a function from numbers of junctions to starting points."""
    return lambda *junctions: tuple(junction(one) for one in junctions)
