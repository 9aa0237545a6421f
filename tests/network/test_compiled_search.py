"""Compiled loops answer as arrays do, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geometry import METRES_PER_DEGREE
from geo.isochrone import isochrones
from geo.model import Point
from geo.network import DRY, Conditions, EdgeFlag, RoadNetwork
from geo.network.graph import AdjacencyArrays
from geo.network.search import OneToAll

CONDITIONS = [DRY, Conditions("mud"), Conditions("winter", ferries=False, tolls=False)]


def both(graph, **options):
    """Return the same network twice: searched over arrays, and by compiled loops."""
    return [RoadNetwork(graph, compiled=compiled, **options) for compiled in (False, True)]


def assert_same(one, other):
    for name in one.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


def assert_same_answers(networks, snaps, *, cutoff_s, conditions, homeward):
    """Compare all that can be asked from the first of some positions, and between them all."""
    asked = {"cutoff_s": cutoff_s, "conditions": conditions}
    reaches = [network.reach(snaps[:1], homeward=homeward, **asked) for network in networks]
    for answer in (
        lambda reach: reach.exact_seconds,
        lambda reach: reach.to(snaps),
        lambda reach: reach.lengths_to(snaps),
        lambda reach: reach.trips_to(snaps)[0],
        lambda reach: reach.along_roads(100.0).seconds,
        lambda reach: reach.along_roads(100.0).lon,
        lambda reach: np.concatenate(reach.junctions_within(cutoff_s / 2)),
    ):
        np.testing.assert_array_equal(*map(answer, reaches))
    slow, fast = [network.matrix(snaps[:6], snaps, **asked).seconds for network in networks]
    np.testing.assert_array_equal(slow, fast)
    for end in range(min(len(snaps), 6)):
        slow, fast = [
            network.route(snaps[:1], snaps[end], conditions=conditions) for network in networks
        ]
        assert (slow is None) == (fast is None)
        if slow and fast:
            assert (slow.travel_time_s, slow.length_m) == (fast.travel_time_s, fast.length_m)
            assert slow.points.tolist() == fast.points.tolist()


@settings(max_examples=60)
@given(
    seed=st.integers(0, 100_000),
    cutoff_s=st.sampled_from([300.0, 1800.0, np.inf]),
    conditions=st.sampled_from(CONDITIONS),
    homeward=st.booleans(),
)
def test_random_networks_are_searched_alike(random_network, seed, cutoff_s, conditions, homeward):
    networks = both(random_network(seed).graph)
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(0.4, 0.5, 20), rng.uniform(45, 45.1, 20)
    snaps, others = [network.snap(lon, lat, max_snap_m=20_000) for network in networks]
    assert_same(snaps, others)
    snaps = snaps[snaps.found]
    if len(snaps):
        assert_same_answers(
            networks, snaps, cutoff_s=cutoff_s, conditions=conditions, homeward=homeward
        )


@pytest.mark.parametrize("homeward", [False, True])
def test_real_roads_are_searched_alike(real_region, homeward):
    networks = both(real_region.network.graph, water=real_region.water.metres_across)
    rng = np.random.default_rng(7)
    row = rng.integers(0, networks[0].graph.junction_count, 500)
    for far_m in (10.0, 400.0, 3000.0):
        spread = far_m / METRES_PER_DEGREE
        lon = networks[0].graph.junction_lon[row] + rng.normal(0, spread, 500)
        lat = networks[0].graph.junction_lat[row] + rng.normal(0, spread, 500)
        snaps, others = [network.snap(lon, lat, max_snap_m=2000) for network in networks]
        assert_same(snaps, others)
    snaps = snaps[snaps.found]
    for conditions in CONDITIONS:
        assert_same_answers(
            networks, snaps, cutoff_s=1800.0, conditions=conditions, homeward=homeward
        )
    slow, fast = [
        isochrones(
            network.reach(snaps[:1], cutoff_s=1800.0, homeward=homeward),
            [600.0, 1800.0],
            water=real_region.water,
            places=real_region.place_snaps,
        )
        for network in networks
    ]
    assert [one.area.wkb for one in slow] == [one.area.wkb for one in fast]


def test_motorways_and_points_far_away_are_no_different(make_graph, road):
    roads = [road(0, 1, flags=int(EdgeFlag.NO_SNAP)), road(1, 2), road(2, 0, one_way=True)]
    lon, lat = np.array([0.05, 0.05, 0.0999, 5.0]), np.array([0.0, 0.001, 0.05, 5.0])
    networks = both(make_graph([(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)], roads))
    slow, fast = [network.snap(lon, lat) for network in networks]
    assert_same(slow, fast)
    assert fast.found.tolist() == [True, False, True, False]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cutoff_s", [90.0, 900.0, np.inf])
def test_a_heap_finds_what_scipy_finds(random_network, seed, cutoff_s):
    network = random_network(seed)
    for conditions in CONDITIONS:
        arcs = AdjacencyArrays.of(network.graph, homeward=True)
        search = OneToAll(arcs, conditions.edge_seconds(network.graph))
        junctions, start_s = np.array([3, 2], np.int32), np.array([12.5, 80.25])
        np.testing.assert_array_equal(
            search.by_heap(junctions, start_s, cutoff_s),
            search.by_scipy(junctions, start_s, cutoff_s),
        )


def test_a_large_network_is_searched_as_far_as_the_cutoff(square, monkeypatch):
    monkeypatch.setattr("geo.network.compiled_search._SWEPT_JUNCTIONS", 5)
    monkeypatch.setattr("geo.network.search._HEAP_JUNCTIONS", 5)
    snaps = square.snap([0.0, 0.01, 0.02], [0.0, 0.0, 0.02])
    assert_same_answers(both(square.graph), snaps, cutoff_s=130.0, conditions=DRY, homeward=False)
    reach = square.reach(Point(0.0, 0.0), cutoff_s=130)
    assert reach.seconds.tolist() == [0, 60, 120, 60, 120, np.inf, 120, np.inf, np.inf]
