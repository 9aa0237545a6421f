"""The compiled loops answer as the arrays do, to the last bit."""

import subprocess
import sys

import numpy as np
import pytest

from geo.geometry import METRES_PER_DEGREE
from geo.model import Point
from geo.network import DRY, Conditions, EdgeFlag, RoadNetwork, readiness, warm
from geo.network.search import AdjacencyArrays, OneToAll


@pytest.fixture
def both(monkeypatch):
    """Return a function that asks a question without the loops and with them."""

    def ask(question):
        answers = []
        for loops in (False, True):
            for module in ("segment_grid", "snapping", "search", "road_network"):
                monkeypatch.setattr(f"geo.network.{module}.loops_pay", lambda loops=loops: loops)
            answers.append(question())
        return answers

    return ask


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("homeward", [False, True])
def test_reach_and_its_lengths_are_the_same(random_network, both, seed, homeward):
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(0.4, 0.5, 40), rng.uniform(45, 45.1, 40)
    cutoff_s = float(rng.choice([300.0, 1800.0, np.inf]))

    def question():
        snaps = network.snap(lon, lat, max_snap_m=20_000)
        reach = network.reach(snaps[:1], cutoff_s=cutoff_s, homeward=homeward)
        return reach.exact_seconds, reach.to(snaps), *reach.trips_to(snaps)

    for slow, fast in zip(*both(question), strict=True):
        np.testing.assert_array_equal(slow, fast)


@pytest.mark.parametrize("far_m", [10.0, 400.0, 3000.0])
def test_points_join_the_same_roads(real_region, both, far_m):
    graph = real_region.network.graph
    rng = np.random.default_rng(7)
    row = rng.integers(0, graph.junction_count, 500)
    spread = far_m / METRES_PER_DEGREE
    lon = graph.junction_lon[row] + rng.normal(0, spread, 500)
    lat = graph.junction_lat[row] + rng.normal(0, spread, 500)
    slow, fast = both(lambda: real_region.network.snap(lon, lat, max_snap_m=2000))
    for name in slow.__slots__:
        np.testing.assert_array_equal(getattr(slow, name), getattr(fast, name), name)


def test_motorways_and_points_far_away_are_no_different(make_graph, road, both):
    roads = [road(0, 1, flags=int(EdgeFlag.NO_SNAP)), road(1, 2), road(2, 0, one_way=True)]
    network = RoadNetwork(make_graph([(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)], roads))
    lon, lat = np.array([0.05, 0.05, 0.0999, 5.0]), np.array([0.0, 0.001, 0.05, 5.0])
    slow, fast = both(lambda: network.snap(lon, lat))
    for name in slow.__slots__:
        np.testing.assert_array_equal(getattr(slow, name), getattr(fast, name), name)
    assert fast.found.tolist() == [True, False, True, False]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cutoff_s", [90.0, 900.0, np.inf])
def test_searches_in_python_find_what_those_of_scipy_find(random_network, seed, cutoff_s):
    network = random_network(seed)
    for conditions in (DRY, Conditions("winter", ferries=False, tolls=False)):
        arcs = AdjacencyArrays.backwards(network.graph)
        search = OneToAll(arcs, conditions.edge_seconds(network.graph))
        ends, ends_s = np.array([3, 5], np.int32), np.array([12.5, 80.25])
        np.testing.assert_array_equal(
            search.in_python(ends, ends_s, cutoff_s), search.by_scipy(ends, ends_s, cutoff_s)
        )


def test_the_first_answer_of_a_process_does_not_wait_for_scipy(square, tmp_path):
    square.save(tmp_path)
    program = """
import sys
from pathlib import Path
from geo.model import Point
from geo.network import RoadNetwork
network = RoadNetwork.open(Path(sys.argv[1]))
print(network.reach(Point(0.0, 0.0), cutoff_s=90).exact_seconds.tolist())
assert "scipy.sparse.csgraph" not in sys.modules
network.reach(Point(0.0, 0.0), cutoff_s=90, homeward=True)
network.reach(Point(0.0, 0.0), cutoff_s=90)
assert "scipy.sparse.csgraph" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], check=True, capture_output=True, text=True
    )
    here = square.reach(Point(0.0, 0.0), cutoff_s=90).exact_seconds
    assert done.stdout.strip() == str(here.tolist())


def test_the_first_question_waits_for_no_loops(square, monkeypatch):
    monkeypatch.setattr(readiness, "_asked", iter(range(100)))
    monkeypatch.delitem(sys.modules, "geo.network.sweeps", raising=False)
    assert not readiness.loops_pay()
    assert [readiness.loops_pay() for _ in range(20)][-1]


def test_a_network_that_is_warm_is_answered_by_loops():
    warm()
    assert readiness.loops_pay()


def test_a_large_network_is_searched_as_far_as_the_cutoff(square, both, monkeypatch):
    monkeypatch.setattr("geo.network.road_network._SMALL", 5)
    slow, fast = both(
        lambda: square.reach(Point(0.0, 0.0), cutoff_s=130, conditions=DRY).trips_to(
            square.snap([0.01, 0.02], [0.0, 0.02])
        )
    )
    np.testing.assert_array_equal(slow, fast)
