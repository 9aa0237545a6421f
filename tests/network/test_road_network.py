import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import OutsideRegion
from geo.geometry import distances_m
from geo.model import Point
from geo.network import RoadNetwork


def test_across_the_square(square):
    route = square.route(Point(0.0025, 0), Point(0.02, 0.0075))
    assert route.travel_time_s == pytest.approx(150, abs=1e-3)
    assert route.points[0].tolist() == pytest.approx([0.0025, 0])
    assert route.points[-1].tolist() == pytest.approx([0.02, 0.0075])
    assert route.length_m == pytest.approx(2780, rel=0.001)
    assert _metres(route.points) == pytest.approx(route.length_m, rel=0.001)


def test_along_one_road_both_ways(square):
    there = square.route(Point(0.001, 0), Point(0.009, 0))
    back = square.route(Point(0.009, 0), Point(0.001, 0))
    assert there.points.tolist() == [pytest.approx([0.001, 0]), pytest.approx([0.009, 0])]
    assert back.points.tolist() == there.points[::-1].tolist()


def test_to_where_one_is(square):
    route = square.route(Point(0.005, 0), Point(0.005, 0))
    assert route.travel_time_s == 0
    assert route.length_m == 0
    assert route.points.shape == (2, 2)


def test_the_bends_of_a_road_are_drawn(make_graph, road):
    bends = ((0.0, 0.01), (0.01, 0.01))
    network = RoadNetwork(make_graph([(0.0, 0.0), (0.01, 0.0)], [road(0, 1, through=bends)]))
    route = network.route(Point(0.0, 0.005), Point(0.01, 0.005))
    assert route.points.tolist() == [
        pytest.approx(point) for point in [(0, 0.005), *bends, (0.01, 0.005)]
    ]
    assert route.travel_time_s == pytest.approx(40, abs=0.01)


def test_no_way(make_graph, road):
    junctions = [(0.0, 0.0), (0.01, 0.0), (0.1, 0.0), (0.11, 0.0)]
    network = RoadNetwork(make_graph(junctions, [road(0, 1), road(2, 3)]))
    assert network.route(Point(0, 0), Point(0.1, 0)) is None


def test_an_end_outside(square):
    with pytest.raises(OutsideRegion):
        square.route(Point(0, 0), Point(1, 1))


@settings(max_examples=60)
@given(seed=st.integers(0, 100_000))
def test_a_route_is_as_long_and_slow_as_the_reach_says(random_network, seed):
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    snaps = network.snap(*rng.uniform((0.4, 45), (0.5, 45.1), (8, 2)).T, max_snap_m=20_000)
    snaps = snaps[snaps.found]
    if not len(snaps):
        return
    reach = network.reach(snaps[:1], cutoff_s=np.inf)
    seconds, metres = reach.to(snaps), reach.lengths_to(snaps)
    for i in range(len(snaps)):
        route = network.route(snaps[:1], snaps[i : i + 1])
        if route is None:
            assert np.isinf(seconds[i])
            continue
        assert route.travel_time_s == seconds[i]
        assert route.length_m == metres[i]
        assert _metres(route.points) == pytest.approx(route.length_m, rel=0.005, abs=3)


def test_real_roads(real_region):
    network = real_region.network
    rng = np.random.default_rng(9)
    rows = rng.integers(0, network.graph.junction_count, 20)
    snaps = network.snap(network.graph.junction_lon[rows], network.graph.junction_lat[rows])
    for i in range(0, 20, 2):
        route = network.route(snaps[i : i + 1], snaps[i + 1 : i + 2])
        if route is not None:
            assert _metres(route.points) == pytest.approx(route.length_m, rel=0.01, abs=5)


def _metres(points):
    lon, lat = points.T
    return float(distances_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())
