import numpy as np
import pytest

from geo.errors import OutsideRegion, UnknownName
from geo.model import Point
from geo.network import Conditions, EdgeFlag, RoadNetwork

EAST = Point(0.0025, 0.0)  # a quarter of the way from junction 0 to junction 1


def test_every_junction_of_the_square(square):
    reach = square.reach(EAST, cutoff_s=np.inf)
    assert reach.seconds.dtype == np.float32
    assert reach.seconds.tolist() == [15, 45, 105, 75, 105, 165, 135, 165, 225]


def test_beyond_the_cutoff_is_infinite(square):
    reach = square.reach(EAST, cutoff_s=105)
    assert reach.seconds.tolist() == [15, 45, 105, 75, 105, np.inf, np.inf, np.inf, np.inf]
    snaps = square.snap([0.0195, 0.02, 0.02, 0.0], [0.0, 0.0, 0.005, 0.01])
    assert reach.to(snaps).tolist() == pytest.approx([102, 105, np.inf, 75], abs=1e-3)
    assert reach.lengths_to(snaps)[2] == np.inf
    seconds, lengths_m = reach.trips_to(snaps)
    assert seconds.tolist() == reach.to(snaps).tolist()
    assert lengths_m.tolist() == reach.lengths_to(snaps).tolist()


def test_trips_that_stay_on_their_edge(square):
    reach = square.reach(EAST, cutoff_s=600)
    snaps = square.snap([0.0075, 0.001, 0.0025], [0.0, 0.0, 0.0])
    assert reach.to(snaps).tolist() == pytest.approx([30, 9, 0], abs=1e-3)
    assert reach.lengths_to(snaps).tolist() == pytest.approx([556, 167, 0], abs=1)


def test_behind_on_a_one_way_is_around_the_block(make_graph, road):
    corners = [(0.0, 0.0), (0.01, 0.0), (0.01, 0.01), (0.0, 0.01)]
    block = RoadNetwork(make_graph(corners, [road(i, (i + 1) % 4, one_way=True) for i in range(4)]))
    reach = block.reach(Point(0.005, 0), cutoff_s=np.inf)
    snaps = block.snap([0.007, 0.003], [0.0, 0.0])
    assert reach.to(snaps).tolist() == pytest.approx([12, 228], abs=1e-3)
    assert reach.lengths_to(snaps).tolist() == pytest.approx([222, 4225], rel=0.01)
    home = block.reach(Point(0.005, 0), cutoff_s=np.inf, homeward=True)
    assert home.to(snaps).tolist() == pytest.approx([228, 12], abs=1e-3)


def test_a_point_on_a_junction_may_take_every_road_there(make_graph, road):
    junctions = [(0.0, 0.0), (0.01, 0.0), (0.0, 0.01)]
    network = RoadNetwork(make_graph(junctions, [road(0, 1, one_way=True), road(0, 2)]))
    reach = network.reach(Point(0, 0), cutoff_s=np.inf)
    assert reach.seconds.tolist() == [0, 60, 60]


def test_a_loop_is_driven_the_shorter_way(make_graph, road):
    junctions = [(0.0, 0.0), (0.05, 0.0)]
    loop = road(0, 0, seconds=100, through=((0.01, 0.0), (0.01, 0.01), (0.0, 0.01)))
    network = RoadNetwork(make_graph(junctions, [road(0, 1), loop]))
    reach = network.reach(Point(0.05, 0), cutoff_s=np.inf)
    assert reach.to(network.snap([0.01], [0.005]))[0] == pytest.approx(60 + 37.5, abs=0.1)
    assert reach.to(network.snap([0.0], [0.005]))[0] == pytest.approx(60 + 12.5, abs=0.1)


def test_an_island_is_unreachable(make_graph, road):
    junctions = [(0.0, 0.0), (0.01, 0.0), (0.1, 0.0), (0.11, 0.0)]
    network = RoadNetwork(make_graph(junctions, [road(0, 1), road(2, 3)]))
    reach = network.reach(Point(0, 0), cutoff_s=np.inf)
    assert reach.seconds.tolist() == [0, 60, np.inf, np.inf]
    assert reach.to(network.snap([0.105, 0.5], [0.0, 0.0])).tolist() == [np.inf, np.inf]
    assert reach.lengths_to(network.snap([0.105], [0.0])).tolist() == [np.inf]


def test_of_two_roads_between_two_junctions_the_faster_counts(make_graph, road):
    scenic = road(0, 1, seconds=50, through=((0.005, 0.02),))
    network = RoadNetwork(make_graph([(0.0, 0.0), (0.01, 0.0)], [road(0, 1), scenic]))
    reach = network.reach(Point(0, 0), cutoff_s=np.inf)
    end = network.snap([0.01], [0.0])
    assert reach.to(end)[0] == 50
    assert reach.lengths_to(end)[0] == pytest.approx(4585, rel=0.01)


def test_the_walk_counts_at_both_ends(square):
    on_road, off_road = square.snap([0.005, 0.005], [0.0, 0.002])
    assert off_road.access_s[0] > 60
    there = square.reach(off_road, cutoff_s=np.inf)
    walk = float(off_road.access_s[0])
    assert there.to(on_road)[0] == pytest.approx(walk, abs=1e-3)
    assert there.to(off_road)[0] == pytest.approx(2 * walk, abs=1e-3)
    assert there.seconds[0] == pytest.approx(30 + walk, abs=1e-3)


@pytest.fixture
def varied(make_graph, road):
    """A muddy short cut, a ferry and a toll road, all from junction 0 to junction 1."""
    far = [((0.005, 0.01),), ((0.005, 0.02),), ((0.005, 0.03),), ((0.005, 0.04),)]
    roads = [
        road(0, 1, seconds=10, slower=(np.inf, 400), through=far[0]),
        road(0, 1, seconds=20, flags=int(EdgeFlag.FERRY), through=far[1]),
        road(0, 1, seconds=30, flags=int(EdgeFlag.TOLL), through=far[2]),
        road(0, 1, seconds=40, through=far[3]),
    ]
    return RoadNetwork(make_graph([(0.0, 0.0), (0.01, 0.0)], roads))


@pytest.mark.parametrize(
    ("conditions", "seconds"),
    [
        (Conditions(), 10),
        (Conditions("mud"), 20),
        (Conditions("winter", ferries=False), 30),
        (Conditions("mud", ferries=False, tolls=False), 40),
    ],
)
def test_conditions(varied, conditions, seconds):
    start, end = varied.snap([0.0, 0.01], [0.0, 0.0])
    reach = varied.reach(start, cutoff_s=np.inf, conditions=conditions)
    assert reach.to(end)[0] == seconds
    assert varied.matrix(start, end, conditions=conditions).seconds[0, 0] == seconds
    route = varied.route(start, end, conditions=conditions)
    assert route is not None
    assert route.travel_time_s == seconds


def test_a_shut_road_leads_nowhere(varied):
    muddy = varied.snap([0.0025], [0.005])
    reach = varied.reach(muddy, cutoff_s=np.inf, conditions=Conditions("mud"))
    assert np.isinf(reach.seconds).all()
    start = varied.snap([0.0], [0.0])
    for origins, goals in ((muddy, start), (start, muddy)):
        mud = varied.matrix(origins, goals, conditions=Conditions("mud"))
        assert mud.seconds.tolist() == [[np.inf]]
    dry = varied.reach(muddy, cutoff_s=np.inf)
    assert dry.seconds.tolist() == pytest.approx([2.5, 7.5], abs=0.01)


def test_conditions_that_do_not_exist():
    with pytest.raises(UnknownName, match="winter"):
        Conditions("wintr")


def test_an_origin_outside(square):
    with pytest.raises(OutsideRegion):
        square.reach(Point(1, 1), cutoff_s=60)
    with pytest.raises(OutsideRegion):
        square.reach(square.snap([1.0], [1.0]), cutoff_s=60)


def test_times_along_roads(square):
    along = square.reach(EAST, cutoff_s=50).along_roads(100.0)
    assert along.seconds.max() <= 50
    on_road_0 = (along.lat == 0) & (along.lon <= 0.01)
    expected = np.abs(along.lon[on_road_0] - 0.0025) / 0.01 * 60
    np.testing.assert_allclose(along.seconds[on_road_0], expected, atol=1e-3)
    up = (along.lon == 0) & (along.lat > 0)
    np.testing.assert_allclose(along.seconds[up], 15 + along.lat[up] * 6000, atol=1e-3)
    assert along.lat.max() == pytest.approx(35 / 6000, abs=0.0011)
