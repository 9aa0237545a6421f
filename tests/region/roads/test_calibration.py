"""Drives on real extracts lie between those of OSRM and Valhalla on the same extracts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from geo.network import Conditions, RoadNetwork
from geo.network.graph import RoadGraph
from geo.region.extract import read_extract
from geo.region.roads import RoadCollector

NAMES = ["andorra", "rutland"]


@pytest.fixture(scope="module")
def graph_of(shared: Callable[[str], Path]) -> Callable[[str], RoadGraph]:
    made: dict[str, RoadGraph] = {}

    def graph(name: str) -> RoadGraph:
        if name not in made:
            collector = RoadCollector()
            read_extract(shared(f"osm/{name}.osm.pbf"), [collector])
            made[name] = collector.finish()
        return made[name]

    return graph


def _trips(path: Path) -> npt.NDArray[np.void]:
    return np.genfromtxt(path, delimiter=",", names=True)


def _drive(graph: RoadGraph, trips: npt.NDArray[np.void], conditions: str = "dry") -> npt.NDArray:
    network = RoadNetwork(graph)
    origins = network.snap(trips["origin_lon"], trips["origin_lat"])
    destinations = network.snap(trips["destination_lon"], trips["destination_lat"])
    matrix = network.matrix(origins, destinations, conditions=Conditions(conditions))
    return np.diag(matrix.seconds).astype(np.float64)


@pytest.mark.parametrize("name", NAMES)
def test_drives_lie_between_two_routers(
    graph_of: Callable[[str], RoadGraph], shared: Callable[[str], Path], name: str
) -> None:
    trips = _trips(shared(f"golden/{name}.csv"))
    osrm, valhalla = trips["osrm_s"], trips["valhalla_s"]
    ours = _drive(graph_of(name), trips)
    assert np.isfinite(ours).all()
    ratio = ours / np.sqrt(osrm * valhalla)
    assert 0.97 <= np.median(ratio) <= 1.03
    low, high = 0.95 * np.minimum(osrm, valhalla) - 30, 1.05 * np.maximum(osrm, valhalla) + 30
    assert np.mean((ours >= low) & (ours <= high)) >= 0.95
    assert np.std(np.log(ratio)) < 0.06  # no kind of trip is much worse than another


@pytest.mark.parametrize("name", NAMES)
def test_long_and_short_trips_are_calibrated_alike(
    graph_of: Callable[[str], RoadGraph], shared: Callable[[str], Path], name: str
) -> None:
    trips = _trips(shared(f"golden/{name}.csv"))
    middle = np.sqrt(trips["osrm_s"] * trips["valhalla_s"])
    ratio = _drive(graph_of(name), trips) / middle
    thirds = np.array_split(ratio[np.argsort(middle)], 3)
    assert all(0.95 <= np.median(third) <= 1.05 for third in thirds)


@pytest.mark.parametrize("name", NAMES)
def test_winter_and_mud_are_never_faster(
    graph_of: Callable[[str], RoadGraph], shared: Callable[[str], Path], name: str
) -> None:
    trips = _trips(shared(f"golden/{name}.csv"))
    dry, mud, winter = (_drive(graph_of(name), trips, each) for each in ("dry", "mud", "winter"))
    assert (mud >= dry - 0.5).all()
    assert (winter[np.isfinite(winter)] > dry[np.isfinite(winter)]).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_is_sound(graph_of: Callable[[str], RoadGraph], name: str) -> None:
    graph = graph_of(name)
    tail, head = graph.edge_tail(), graph.edge_head
    assert (tail != head).all()
    assert (graph.edge_length_m > 0).all()
    assert np.isfinite(graph.edge_seconds[0]).all()
    assert (graph.edge_seconds > 0).all()
    start = graph.shape_start[graph.edge_shape]
    end = graph.shape_start[graph.edge_shape + 1] - 1
    first = np.where(graph.edge_reversed, end, start)
    final = np.where(graph.edge_reversed, start, end)
    for point, junction in ((first, tail), (final, head)):
        assert graph.shape_lon[point] / 1e7 == pytest.approx(graph.junction_lon[junction])
        assert graph.shape_lat[point] / 1e7 == pytest.approx(graph.junction_lat[junction])
    pace_kmh = graph.edge_length_m / graph.edge_seconds[0] * 3.6
    assert pace_kmh.max() < 125


@pytest.mark.parametrize("name", NAMES)
def test_the_same_extract_makes_the_same_graph(
    graph_of: Callable[[str], RoadGraph], shared: Callable[[str], Path], name: str, tmp_path: Path
) -> None:
    first = graph_of(name)
    collector = RoadCollector()
    read_extract(shared(f"osm/{name}.osm.pbf"), [collector])
    collector.finish().save(tmp_path)
    second = RoadGraph.load(tmp_path)
    for field in RoadGraph.__slots__:
        assert np.array_equal(getattr(first, field), getattr(second, field)), field
