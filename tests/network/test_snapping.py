import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import AcrossWater, OutsideRegion
from geo.files import read_table
from geo.geometry import METRES_PER_DEGREE
from geo.model import Point
from geo.network import EdgeFlag, RoadNetwork
from geo.network.snapping import access_seconds


def test_a_point_joins_the_middle_of_a_road(square):
    snap = square.snap_point(Point(0.005, 0.001))
    assert snap.fraction[0] == pytest.approx(0.5)
    assert snap.snap_m[0] == pytest.approx(0.001 * METRES_PER_DEGREE, rel=1e-6)
    assert (snap.road_lon[0], snap.road_lat[0]) == pytest.approx((0.005, 0.0))
    ends = {int(square.graph.edge_head[edge]) for edge in (snap.edge[0], snap.reverse_edge[0])}
    assert ends == {0, 1}


def test_a_short_track_is_driven_and_the_rest_walked():
    table = read_table("speeds")["snap"]
    seconds = access_seconds(np.array([0.0, table["track_m"], table["track_m"] + 1000.0]))
    assert seconds[0] == 0
    assert seconds[1] == pytest.approx(table["track_m"] * 3.6 / table["track_kmh"])
    assert seconds[2] - seconds[1] == pytest.approx(3600 / table["walk_kmh"])


def test_too_far_from_every_road(square):
    snaps = square.snap([0.0, 0.2], [0.0, 0.0])
    assert snaps.found.tolist() == [True, False]
    assert snaps.edge[1] == -1
    assert snaps.snap_m[1] == pytest.approx(0.18 * METRES_PER_DEGREE, rel=1e-6)
    with pytest.raises(OutsideRegion, match=r"20 km .* 3 km") as caught:
        square.snap_point(Point(0.2, 0))
    assert caught.value.snap_m == pytest.approx(0.18 * METRES_PER_DEGREE, rel=1e-6)


def test_the_other_side_of_the_earth(square):
    assert square.snap([-179.0], [-10.0]).snap_m[0] > 1.8e7


def test_the_greatest_distance_is_the_callers(square):
    assert square.snap([0.0], [-0.01]).found[0]
    assert not square.snap([0.0], [-0.01], max_snap_m=1000).found[0]
    assert square.snap([0.0], [-0.2], max_snap_m=30_000).found[0]


def _beside(make_graph, road, flag, north_deg):
    """Return a road at the equator, and ordinary ones around it."""
    junctions = [(0.0, 0.0), (0.02, 0.0), (0.0, north_deg), (0.02, north_deg)]
    roads = [road(0, 1, flags=int(flag)), road(0, 2), road(2, 3), road(3, 1)]
    return RoadNetwork(make_graph(junctions, roads))


METRE_DEG = 1 / METRES_PER_DEGREE


@pytest.mark.parametrize(
    ("flag", "away_m"), [(EdgeFlag.FERRY, 0), (EdgeFlag.FERRY, 11), (EdgeFlag.NO_SNAP, 11)]
)
def test_ferries_and_what_is_beside_motorways(make_graph, road, flag, away_m):
    network = _beside(make_graph, road, flag, 0.01)
    assert network.snap_point(Point(0.009, away_m * METRE_DEG)).snap_m[0] > 900


@pytest.mark.parametrize("away_m", [0, 3, 7.9])
def test_a_motorway_catches_what_lies_on_it(make_graph, road, away_m):
    network = _beside(make_graph, road, EdgeFlag.NO_SNAP, 0.01)
    snap = network.snap_point(Point(0.005, away_m * METRE_DEG))
    assert snap.snap_m[0] == pytest.approx(away_m, abs=0.01)
    assert network.graph.edge_flags[snap.edge[0]] == EdgeFlag.NO_SNAP
    assert snap.fraction[0] in (pytest.approx(0.25), pytest.approx(0.75))


@pytest.mark.parametrize(("lane_m", "caught_m"), [(6, 6), (10, 0)])
def test_a_lane_about_as_near_comes_before_a_motorway(make_graph, road, lane_m, caught_m):
    network = _beside(make_graph, road, EdgeFlag.NO_SNAP, lane_m * METRE_DEG)
    snap = network.snap_point(Point(0.009, 0.0))
    assert snap.snap_m[0] == pytest.approx(caught_m, abs=0.01)


def test_a_one_way_has_no_reverse(make_graph, road):
    graph = make_graph([(0.0, 0.0), (0.01, 0.0)], [road(1, 0, one_way=True)])
    snap = RoadNetwork(graph).snap_point(Point(0.002, 0))
    assert snap.reverse_edge[0] == -1
    assert snap.fraction[0] == pytest.approx(0.8)


def test_a_network_without_roads(make_graph, road):
    graph = make_graph([(0.0, 0.0), (0.01, 0.0)], [road(0, 1, flags=int(EdgeFlag.FERRY))])
    assert not RoadNetwork(graph).snap([0.0], [0.0]).found[0]


def test_nobody_to_snap(square):
    assert len(square.snap([], [])) == 0


def test_rows_and_files(square, tmp_path):
    snaps = square.snap([0.0, 0.005, 0.2], [0.0, 0.0, 0.0])
    snaps.save(tmp_path)
    again = type(snaps).load(tmp_path)
    assert again.edge.tolist() == snaps.edge.tolist()
    assert again[1:2].fraction.tolist() == [0.5]
    assert len(again[again.found]) == 2


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_the_nearest_road_by_trying_all(make_graph, road, seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 30))
    start = rng.uniform((10, 45), (10.3, 45.3), (count, 2))
    end = start + rng.normal(0, 0.02, (count, 2)) * rng.integers(0, 5, (count, 1))
    junctions = [tuple(point) for pair in zip(start, end, strict=True) for point in pair]
    network = RoadNetwork(make_graph(junctions, [road(2 * i, 2 * i + 1) for i in range(count)]))
    lon, lat = rng.uniform(9.9, 10.4, 30), rng.uniform(44.9, 45.4, 30)
    snaps = network.snap(lon, lat, max_snap_m=4000)
    nearest = np.array([_try_all(junctions, *at) for at in zip(lon, lat, strict=True)])
    near = nearest <= 4000
    assert snaps.found.tolist() == near.tolist()
    np.testing.assert_allclose(snaps.snap_m[near], nearest[near], atol=0.02)
    assert (snaps.snap_m[~near] > 4000).all()


def _try_all(junctions, lon, lat):
    """Return metres to the nearest of the straight roads between junctions 2i and 2i + 1."""
    best = np.inf
    shrink = np.cos(np.radians(lat))
    for a, b in zip(junctions[::2], junctions[1::2], strict=True):
        ax, ay, bx, by = (a[0] - lon) * shrink, a[1] - lat, (b[0] - lon) * shrink, b[1] - lat
        square = (bx - ax) ** 2 + (by - ay) ** 2
        along = 0.0 if square == 0 else -(ax * (bx - ax) + ay * (by - ay)) / square
        along = min(1.0, max(0.0, along))
        best = min(best, np.hypot(ax + along * (bx - ax), ay + along * (by - ay)))
    return best * METRES_PER_DEGREE


def _lake(south: float, north: float, lon: float = np.inf):
    """Return the water of a band between two latitudes, as far east as a longitude."""

    def metres(start, end):
        (from_lon, from_lat), (_, to_lat) = start, end
        low, high = np.minimum(from_lat, to_lat), np.maximum(from_lat, to_lat)
        width = np.minimum(high, north) - np.maximum(low, south)
        return np.where(from_lon < lon, width.clip(0), 0.0) * METRES_PER_DEGREE

    return metres


def test_nobody_walks_over_water(square):
    point = Point(0.004, 0.004)  # nearest to the southern road, which is 445 m away
    assert square.snap_point(point).road_lat[0] == pytest.approx(0.004)
    lonely = RoadNetwork(square.graph, water=_lake(0.001, 0.002))
    here = Point(0.0049, 0.0035)
    assert square.snap_point(here).road_lat[0] == pytest.approx(0.0)
    ashore = lonely.snap_point(here)
    assert ashore.road_lon[0] == pytest.approx(0.0)  # the western road, on this side of the water
    assert ashore.snap_m[0] == pytest.approx(0.0049 * METRES_PER_DEGREE, rel=1e-6)
    assert ashore.road_lat[0] == pytest.approx(0.0035)


def test_an_island_without_a_road_is_told_as_such(square):
    network = RoadNetwork(square.graph, water=lambda start, _end: np.full(len(start[0]), 120.0))
    snaps = network.snap([0.005, 0.005, 0.3], [0.002, 0.0001, 0.0])
    assert snaps.found.tolist() == [False, True, False]  # nobody measures the last few steps
    assert snaps.snap_m[0] == pytest.approx(0.002 * METRES_PER_DEGREE, rel=1e-6)
    with pytest.raises(AcrossWater, match="water separates the position from every road"):
        network.snap_point(Point(0.005, 0.002))
    with pytest.raises(OutsideRegion, match="from the nearest road"):
        network.snap_point(Point(0.3, 0.0))
    assert np.isinf(network.matrix(snaps, snaps).seconds[0]).all()


@settings(max_examples=50)
@given(st.floats(0.0, 0.02), st.floats(0.0, 0.02), st.floats(0.0, 0.02), st.floats(0.0003, 0.01))
def test_the_road_that_is_joined_is_the_nearest_without_water(square, lon, lat, south, width):
    water = _lake(south, south + width)
    free = square.snap([lon], [lat])
    snap = RoadNetwork(square.graph, water=water).snap([lon], [lat])
    most_m = read_table("speeds")["snap"]["water_m"]
    if snap.found[0]:
        crossed = water((snap.lon, snap.lat), (snap.road_lon, snap.road_lat))
        assert crossed[0] <= most_m or snap.snap_m[0] <= most_m
        assert snap.snap_m[0] >= free.snap_m[0]
    else:
        crossed = water((free.lon, free.lat), (free.road_lon, free.road_lat))
        assert crossed[0] > most_m
