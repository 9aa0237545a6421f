"""Snap, reach, near and matrix beside SciPy, OSRM and Valhalla."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from geo.model import Point
from geo.network import DRY, RoadNetwork, SnappedPoints, warm
from geo.proximity import near_me
from geo.region import Region, load_region
from geo.region.build import build_region
from tests.bench import peers
from tests.bench.table import Row, best_ms

_OPEN = """
import sys, time
from pathlib import Path
import numpy
started = time.perf_counter()
from geo.model import Point
from geo.network import RoadNetwork
imported = time.perf_counter()
network = RoadNetwork.open(Path(sys.argv[1]))
network.reach(Point(float(sys.argv[2]), float(sys.argv[3])), cutoff_s=3600).seconds
ended = time.perf_counter()
print((ended - started) * 1000, (ended - imported) * 1000)
"""

_LOAD = """
import sys, time
import numpy
started = time.perf_counter()
from geo.model import Point
from geo.proximity import near_me
from geo.region import load_region
imported = time.perf_counter()
region = load_region(sys.argv[1])
near_me(region, Point(float(sys.argv[2]), float(sys.argv[3])), cutoff_s=3600)
ended = time.perf_counter()
print((ended - started) * 1000, (ended - imported) * 1000)
"""


@cache
def network_of(extract: Path) -> RoadNetwork:
    """Return the roads of an extract."""
    from geo.region.extract import read_extract
    from geo.region.roads import RoadCollector

    roads = RoadCollector()
    read_extract(extract, [roads])
    return RoadNetwork(roads.finish())


@cache
def region_of(extract: Path) -> Region:
    """Return the region that is built of an extract, places and all."""
    folder = tempfile.TemporaryDirectory(prefix="crossroads-bench-")
    _kept.append(folder)  # removed when the interpreter ends
    build_region(extract, "bench", regions_dir=Path(folder.name))
    return load_region(Path(folder.name) / "bench")


_kept: list[tempfile.TemporaryDirectory[str]] = []


def near_junctions(network: RoadNetwork, count: int) -> tuple[Any, Any]:
    """Return lon and lat of positions some 50 m from random junctions."""
    rng = np.random.default_rng(1)
    row = rng.integers(0, network.graph.junction_count, count)
    lon = network.graph.junction_lon[row] + rng.normal(0, 0.0005, count)
    lat = network.graph.junction_lat[row] + rng.normal(0, 0.0005, count)
    return lon, lat


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    warm()
    for name in ("andorra", "rutland"):
        extract = peers.EXTRACTS / f"{name}.osm.pbf"
        if not extract.is_file():
            continue
        region = region_of(extract)
        network = region.network
        lon, lat = near_junctions(network, 2000)
        yield from _open_rows(name, region)
        yield _snap_row(name, network, lon, lat)
        yield _reach_row(name, network, network.snap(lon[:1], lat[:1]))
        yield from _near_rows(name, extract, region)
        yield _matrix_row(name, extract, network, lon, lat)


def _snap_row(name: str, network: RoadNetwork, lon: Any, lat: Any) -> Row:
    ours = best_ms(lambda: network.snap(lon, lat), repeats=5)
    return Row(f"snap 2000 points, {name}", ours)


def _open_rows(name: str, region: Region) -> Iterator[Row]:
    folder = Path(_kept[-1].name) / "bench"
    files = folder / region.manifest.build
    for what, program, opened in (
        ("open to first reach", _OPEN, files / "network"),
        ("region to first near me", _LOAD, folder),
    ):
        whole, load = _new_process(program, region, opened)
        yield Row(f"{what}, new process, {name}", whole)
        yield Row(f"  of it: all but imports, {name}", load, bar=300)


def _new_process(program: str, region: Region, folder: Path) -> tuple[float, float]:
    """Return the least of both figures that a program prints."""
    lon, lat = near_junctions(region.network, 1)
    command = [sys.executable, "-c", program, str(folder), str(lon[0]), str(lat[0])]
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    runs = []
    for _ in range(5):  # the first may have to compile modules
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=compiled)
        runs.append([float(figure) for figure in done.stdout.split()])
    first, second = (min(column) for column in zip(*runs, strict=True))
    return first, second


def _reach_row(name: str, network: RoadNetwork, snaps: SnappedPoints) -> Row:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    graph = network.graph
    bare = csr_array(
        (DRY.edge_seconds(graph), np.asarray(graph.edge_head), np.asarray(graph.first_edge)),
        shape=(graph.junction_count, graph.junction_count),
    )
    start = snaps[:1]
    junction = int(graph.edge_head[start.edge[0]])
    ours = best_ms(lambda: network.reach(start, cutoff_s=3600), repeats=200)
    theirs = best_ms(lambda: dijkstra(bare, indices=junction, limit=3600), repeats=200)
    return Row(f"reach 60 min, {name}", ours, "SciPy dijkstra alone", theirs, bar=1.5)


def _near_rows(name: str, extract: Path, region: Region) -> Iterator[Row]:
    lon, lat = near_junctions(region.network, 1)
    point = Point(float(lon[0]), float(lat[0]))
    places = region.places
    ours = best_ms(lambda: near_me(region, point, cutoff_s=3600), repeats=50)
    at = [(point.lon, point.lat), *zip(places.lon.tolist(), places.lat.tolist(), strict=True)]
    engine = peers.osrm(extract)
    theirs = None
    if engine:
        query = _table([0], list(range(1, len(at))), at)
        theirs = best_ms(lambda: engine.Table(query))
    what = f"near me, whole, {len(places)} places, {name}"
    yield Row(what, ours, "OSRM Table", theirs, bar=0.1)
    actor = peers.valhalla(extract)
    theirs = None
    if actor:
        spots = [{"lon": lon, "lat": lat} for lon, lat in at]
        request = json.dumps({"sources": spots[:1], "targets": spots[1:], "costing": "auto"})
        theirs = best_ms(lambda: actor.matrix(request), repeats=3)
    yield Row(what, ours, "Valhalla matrix", theirs, bar=0.1)


def _matrix_row(name: str, extract: Path, network: RoadNetwork, lon: Any, lat: Any) -> Row:
    points = [Point(*pair) for pair in zip(lon.tolist(), lat.tolist(), strict=True)]
    ours = best_ms(lambda: network.matrix(points[:1000], points[1000:]), repeats=3)
    engine = peers.osrm(extract)
    theirs = None
    if engine:
        at = [(point.lon, point.lat) for point in points]
        query = _table(list(range(1000)), list(range(1000, 2000)), at)
        theirs = best_ms(
            lambda: np.array([list(row) for row in engine.Table(query)["durations"]], np.float32),
            repeats=3,
        )
    return Row(f"matrix 1000 x 1000, points to array, {name}", ours, "OSRM Table", theirs, bar=0.5)


def _table(origins: list[int], destinations: list[int], at: list[tuple[float, float]]) -> Any:
    import osrm

    return osrm.TableParameters(
        coordinates=at, sources=origins, destinations=destinations, annotations=["duration"]
    )
