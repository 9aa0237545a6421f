"""Private roads and gates: open to whoever lives or is expected there, never a short cut.

What is right is counted anew here, over the roads as they would be if all were public: a trip may
drive guests' roads first, then public ones, then guests' roads again. Guests' roads end where they
meet public ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from heapq import heappop, heappush
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.model import Point
from geo.network import Conditions, RoadNetwork
from geo.network.graph import EdgeFlag, RoadGraph
from tests.region.roads.conftest import Sheet, Tags

PRIVATE = {"highway": "residential", "access": "private"}
DESTINATION = ["private", "destination", "residents", "permit", "customers", "delivery"]
SIDE, STEP_M = 4, 400


class Town:
    """Streets between the junctions of a square; each street is a way of its own."""

    def __init__(self, private: frozenset[int], one_way: frozenset[int] = frozenset()) -> None:
        rows = range(SIDE)
        self.at = {r * SIDE + c + 1: (c * STEP_M, r * STEP_M) for r in rows for c in rows}
        across = [(n, n + 1) for n in self.at if n % SIDE]
        along = [(n, n + SIDE) for n in self.at if n + SIDE in self.at]
        self.streets = dict(enumerate(across + along, start=100))
        self.private, self.one_way = private, one_way

    def draw(self, *, without: bool = False, tagged: bool = True) -> tuple[Sheet, RoadGraph]:
        """Draw the town: without its private streets, or with them, tagged as such or not."""
        with tempfile.TemporaryDirectory() as folder:
            sheet = Sheet(Path(folder))
            for ref, (east, north) in self.at.items():
                sheet.node(ref, east, north)
            for ref, (a, b) in self.streets.items():
                if without and ref in self.private:
                    continue
                tags: dict[str, str] = {"highway": "residential"}
                if tagged and ref in self.private:
                    tags["access"] = DESTINATION[ref % len(DESTINATION)]
                if ref in self.one_way:
                    tags["oneway"] = "yes"
                # A bend, so that the middle of a street is nobody else's.
                east, north = (np.array(self.at[a]) + np.array(self.at[b])) / 2
                sheet.node(1000 + ref, east + 9, north + 9)
                sheet.way(ref, [a, 1000 + ref, b], tags)
            return sheet, sheet.build()

    def middle(self, sheet: Sheet, street: int) -> Point:
        lon, lat = sheet.position(1000 + street)
        return Point(lon, lat)


def _behind(graph: RoadGraph, private: frozenset[int]) -> set[int]:
    """Return the ways that only private streets lead to and from: edges are counted in turn."""
    ways, tail, head = graph.edge_way, graph.edge_tail(), graph.edge_head
    public = ~np.isin(ways, list(private))
    joined = np.eye(graph.junction_count, dtype=bool)
    joined[tail[public], head[public]] = True
    for via in range(graph.junction_count):
        joined |= np.outer(joined[:, via], joined[via])
    both = joined & joined.T
    inside = public & both[tail, head]
    metres = [graph.edge_length_m[inside & both[j, tail]].sum() for j in range(len(both))]
    main = both[int(np.argmax(metres))]
    return {int(w) for w in ways[public & ~(inside & main[tail])]}


def _right(graph: RoadGraph, guests: set[int], start: int, goal: int) -> float:
    """Return the seconds from the middle of one way to that of another, by phases."""
    ways, tail, head = graph.edge_way, graph.edge_tail(), graph.edge_head
    seconds = graph.edge_seconds[0].astype(float)
    public = ~np.isin(ways, list(guests))
    on_public = set(tail[public].tolist()) | set(head[public].tolist())
    queue: list[tuple[float, int, int]] = []

    def come(so_far: float, junction: int, phase: int) -> None:
        # 0: has met guests' roads alone, 1: is on public ones, 2: on guests' roads again
        if junction not in on_public:
            heappush(queue, (so_far, junction, phase))
        elif phase < 2:
            heappush(queue, (so_far, junction, 1))

    for e in np.flatnonzero(ways == start):
        come(seconds[e] / 2, int(head[e]), 0 if start in guests else 1)
    best = 0.0 if start == goal else np.inf
    done: set[tuple[int, int]] = set()
    while queue:
        so_far, junction, phase = heappop(queue)
        if (junction, phase) in done or so_far >= best:
            continue
        done.add((junction, phase))
        for e in np.flatnonzero(tail == junction):
            after = (0 if phase == 0 else 2) if int(ways[e]) in guests else 1
            if ways[e] == goal:
                best = min(best, so_far + seconds[e] / 2)
            come(so_far + seconds[e], int(head[e]), after)
    return best


streets = st.frozensets(st.integers(100, 123), max_size=12)


@settings(max_examples=40, deadline=None)
@given(private=streets, one_way=st.frozensets(st.integers(100, 123), max_size=4), rest=st.data())
def test_drives_are_those_that_may_be_driven(
    private: frozenset[int], one_way: frozenset[int], rest: st.DataObject
) -> None:
    town = Town(private, one_way)
    sheet, graph = town.draw()
    _, plain = town.draw(tagged=False)
    kept = sorted(set(plain.edge_way.tolist()))
    ends = rest.draw(st.lists(st.sampled_from(kept), min_size=3, max_size=5, unique=True))
    guests = set(private) | _behind(plain, private)
    network = RoadNetwork(graph)
    points = [town.middle(sheet, street) for street in ends]
    snaps = network.snap([p.lon for p in points], [p.lat for p in points])
    assert snaps.snap_m == pytest.approx(0, abs=0.1)
    right = np.array([[_right(plain, guests, a, b) for b in ends] for a in ends])
    off_s = 0.05 * (right + 10)  # the middle of a line is not quite that of its seconds
    matrix = network.matrix(snaps, snaps).seconds
    assert np.isfinite(matrix).tolist() == np.isfinite(right).tolist()
    assert (np.abs(matrix - right)[np.isfinite(right)] <= off_s[np.isfinite(right)]).all()
    for row in range(len(ends)):
        there = network.reach(snaps[row], cutoff_s=np.inf)
        back = network.reach(snaps[row], cutoff_s=np.inf, homeward=True)
        assert there.to(snaps).tolist() == matrix[row].tolist()
        assert back.to(snaps).tolist() == matrix[:, row].tolist()
        for column in range(len(ends)):
            route = network.route(snaps[row], snaps[column])
            assert (route.travel_time_s if route else np.inf) == matrix[row, column]


@pytest.mark.parametrize("homeward", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_arrays_and_loops_keep_the_rule_alike(seed: int, homeward: bool) -> None:
    rng = np.random.default_rng(seed)
    private, one_way = (frozenset(rng.choice(24, k, replace=False) + 100) for k in (9, 3))
    town = Town(frozenset(map(int, private)), frozenset(map(int, one_way)))
    sheet, graph = town.draw()
    kept = sorted(set(graph.edge_way.tolist()))
    points = [town.middle(sheet, street) for street in kept]
    points += [Point(*sheet.position(ref)) for ref in town.at]
    answers = []
    for compiled in (False, True):
        network = RoadNetwork(graph, compiled=compiled)
        snaps = network.snap([p.lon for p in points], [p.lat for p in points])
        for row in range(len(points)):
            reach = network.reach(snaps[row], cutoff_s=900, homeward=homeward)
            answers.append([reach.exact_seconds, reach.to(snaps), *reach.trips_to(snaps)])
    half = len(answers) // 2
    for slow, fast in zip(answers[:half], answers[half:], strict=True):
        for one, other in zip(slow, fast, strict=True):
            np.testing.assert_array_equal(one, other)


@settings(max_examples=40, deadline=None)
@given(private=streets, more=st.integers(100, 123))
def test_making_a_street_private_shortens_no_public_drive_and_none_passes_it(
    private: frozenset[int], more: int
) -> None:
    private |= {more}
    town = Town(private)
    open_sheet, plain = town.draw(tagged=False)
    if _behind(plain, private):
        return  # whoever lives behind private streets alone may drive them
    public = sorted(set(town.streets) - private)
    drawn = {
        "open": (open_sheet, plain),
        "before": Town(private - {more}).draw(),
        "after": town.draw(),
        "without": town.draw(without=True),
    }
    seconds = {}
    for name, (sheet, graph) in drawn.items():
        points = [town.middle(sheet, street) for street in public]
        seconds[name] = RoadNetwork(graph).matrix(points, points).seconds
    assert (seconds["after"] >= seconds["before"]).all()
    assert (seconds["before"] >= seconds["open"]).all()
    # What meets at a junction slows cars down there, so seconds differ a little.
    assert seconds["after"] == pytest.approx(seconds["without"], abs=25)


@pytest.mark.parametrize("value", DESTINATION)
def test_a_home_up_a_private_road_is_driven_to(sheet: Sheet, value: str) -> None:
    times = []
    for access in ({}, {"access": value}):
        sheet.line(1, 2, 3)
        sheet.node(4, 500, 1500)
        sheet.way(200, [2, 4], {"highway": "service", "service": "driveway"} | access)
        sheet.build()
        times.append((sheet.drive(4, 1), sheet.drive(1, 4)))
    assert times[0] == times[1]


@pytest.mark.parametrize("gate", [{"access": "private"}, {"locked": "yes"}, {"access": "permit"}])
def test_what_lies_behind_a_private_gate_is_driven_to(sheet: Sheet, gate: Tags) -> None:
    times = []
    for rule in ({}, gate):
        sheet.line(1, 2, 3)
        sheet.node(4, 500, 100, {"barrier": "gate"} | dict(rule))
        sheet.node(5, 500, 800)
        sheet.node(6, 700, 1500)
        sheet.way(200, [2, 4, 5])
        sheet.way(300, [5, 6])
        sheet.build()
        times.append((sheet.drive(6, 1), sheet.drive(1, 6)))
    assert times[1] == pytest.approx(times[0], abs=0.2)


def _ring(sheet: Sheet, gates: tuple[int, ...], tags: Tags, middle: Tags) -> None:
    """Draw a long public way round, and a short way across with nodes 11, 12 and 13 on it."""
    for ref, (east, north) in enumerate([(0, 0), (0, 3000), (1000, 3000), (1000, 0)], start=1):
        sheet.node(ref, east, north)
    sheet.way(100, [1, 2, 3, 4])
    for ref, east in ((11, 250), (12, 500), (13, 750)):
        sheet.node(ref, east, 0, tags if ref in gates else None)
    sheet.way(200, [1, 11, 12, 13, 4], middle)


@pytest.mark.parametrize(
    ("gates", "tags", "middle"),
    [
        ((), {}, PRIVATE),
        ((), {}, {"highway": "track", "4wd_only": "yes"}),
        ((12,), {"barrier": "gate", "access": "private"}, {"highway": "residential"}),
        ((11, 13), {"barrier": "lift_gate", "access": "residents"}, {"highway": "residential"}),
        ((12,), {"barrier": "bollard", "access": "private"}, {"highway": "residential"}),
        ((12,), {"barrier": "gate", "access": "private"}, PRIVATE),
        ((12,), {"motor_vehicle": "destination"}, {"highway": "track"}),
    ],
)
def test_nobody_passes_between_two_public_roads(
    sheet: Sheet, gates: tuple[int, ...], tags: Tags, middle: Tags
) -> None:
    _ring(sheet, gates, tags, middle)
    graph = sheet.build()
    network = RoadNetwork(graph)
    west, east = (Point(*sheet.position(ref)) for ref in (1, 4))
    round_s = 7000 / 1000 * 3600 / 32  # at no more than 32 km/h
    assert network.matrix([west], [east]).seconds[0, 0] > round_s
    route = network.route(east, west)
    assert route is not None
    assert route.length_m == pytest.approx(7000, rel=0.01)
    for home, end in ((11, west), (13, east)):
        point = Point(*sheet.position(home))
        assert network.matrix([end], [point]).seconds[0, 0] < round_s / 2
        assert network.matrix([point], [end]).seconds[0, 0] < round_s / 2


def test_a_private_gate_between_public_roads_shuts_neither_side(sheet: Sheet) -> None:
    _ring(sheet, (12,), {"barrier": "gate", "access": "private"}, {"highway": "residential"})
    sheet.build()
    network = RoadNetwork(sheet.graph)
    sides = [Point(*sheet.position(ref)) for ref in (11, 13)]
    assert network.matrix(sides, sides).seconds[0, 1] > 600
    ends = [Point(*sheet.position(ref)) for ref in (1, 4)]
    assert np.diag(network.matrix(sides, ends).seconds).max() < 60


def test_an_area_behind_two_private_gates_is_no_short_cut_but_reached_by_both(
    sheet: Sheet,
) -> None:
    _ring(sheet, (11, 13), {"barrier": "gate", "access": "private"}, {"highway": "residential"})
    sheet.node(20, 500, 400)
    sheet.way(300, [12, 20])
    network = RoadNetwork(sheet.build())
    west, east, home = (Point(*sheet.position(ref)) for ref in (1, 4, 20))
    assert network.matrix([west], [east]).seconds[0, 0] > 700
    for end in (west, east):
        assert network.matrix([end], [home]).seconds[0, 0] < 200
        assert network.matrix([home], [end]).seconds[0, 0] < 200


def test_where_nothing_else_leads_private_roads_do(sheet: Sheet) -> None:
    sheet.line(1, 2, 3, 4)
    sheet.way(100, [1, 2])
    sheet.way(200, [2, 3], PRIVATE)
    sheet.way(300, [3, 4])
    sheet.build()
    assert sheet.drive(1, 4) < np.inf
    assert sheet.drive(4, 1) < np.inf


@pytest.mark.parametrize("gate", [{"access": "no"}, {"motor_vehicle": "no"}])
def test_no_stays_no(sheet: Sheet, gate: Tags) -> None:
    sheet.line(1, 2, 3, 4, 5)
    sheet.node(3, 1000, 0, {"barrier": "gate"} | dict(gate))
    sheet.build()
    assert sheet.drive(1, 5) == np.inf


@pytest.mark.parametrize("lat", [44.0, -44.0])
def test_a_gate_that_is_shut_in_winter_shuts_nothing_but_itself(
    sheet_at: Callable[[float], Sheet], lat: float
) -> None:
    sheet = sheet_at(lat)
    months = "Nov-Mar" if lat > 0 else "May-Sep"
    _ring(sheet, (12,), {"barrier": "gate", "access:conditional": f"no @ ({months})"}, PUBLIC)
    network = RoadNetwork(sheet.build())
    west, east, near_w, near_e = (Point(*sheet.position(ref)) for ref in (1, 4, 11, 13))
    minutes = {
        name: network.matrix([west], [east], conditions=Conditions(name)).seconds[0, 0] / 60
        for name in ("dry", "mud", "winter")
    }
    assert minutes["dry"] < 4
    assert minutes["mud"] < 4
    assert minutes["winter"] > 12
    winter = Conditions("winter")
    assert network.matrix([west], [near_w], conditions=winter).seconds[0, 0] < 60
    assert network.matrix([near_e], [east], conditions=winter).seconds[0, 0] < 60


PUBLIC = {"highway": "residential"}


def test_a_road_for_residents_in_winter_alone_is_passed_in_summer(sheet: Sheet) -> None:
    middle = PUBLIC | {"access:conditional": "destination @ (Nov-Mar)"}
    _ring(sheet, (), {}, middle)
    sheet.node(20, 500, 300)
    sheet.way(300, [12, 20], middle)
    network = RoadNetwork(sheet.build())
    west, east, home = (Point(*sheet.position(ref)) for ref in (1, 4, 20))
    seconds = {
        name: network.matrix([west, home], [east, home], conditions=Conditions(name)).seconds
        for name in ("dry", "winter")
    }
    assert seconds["dry"][0, 0] < 200
    assert seconds["winter"][0, 0] > 700
    for name in ("dry", "winter"):
        assert seconds[name][0, 1] < 200
        assert seconds[name][1, 0] < 200


def test_a_crossing_with_a_gate_on_it_stops_every_arm(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.node(2, 500, 0, {"barrier": "gate", "access": "private"})
    sheet.node(4, 500, 900)
    sheet.way(200, [2, 4])
    sheet.node(5, 0, -2000)
    sheet.node(6, 1000, -2000)
    sheet.way(300, [1, 5, 6, 3])
    network = RoadNetwork(sheet.build())
    west, east, home = (Point(*sheet.position(ref)) for ref in (1, 3, 4))
    assert network.matrix([west], [east]).seconds[0, 0] > 400
    for end in (west, east):
        assert network.matrix([home], [end]).seconds[0, 0] < 300


def test_junctions_that_are_there_twice_are_one_place(sheet: Sheet) -> None:
    _ring(sheet, (), {}, PRIVATE)
    sheet.node(20, 500, 300)
    sheet.way(300, [12, 20], PRIVATE)
    graph = sheet.build()
    layers = graph.edge_flags & int(EdgeFlag.OUTBOUND | EdgeFlag.INBOUND)
    assert (layers == int(EdgeFlag.OUTBOUND)).sum() == (layers == int(EdgeFlag.INBOUND)).sum() == 6
    reach = RoadNetwork(graph).reach(Point(*sheet.position(1)), cutoff_s=900)
    places = np.column_stack([graph.junction_lon, graph.junction_lat])
    for place in np.unique(places, axis=0):
        here = (places == place).all(axis=1)
        assert len(set(reach.seconds[here].tolist())) == 1
    assert np.isfinite(reach.seconds).all()
    lon, lat = sheet.position(20)
    along = reach.along_roads(50)
    assert np.hypot(along.lon - lon, along.lat - lat).min() < 1e-6


def test_dead_ends_are_not_laid_twice(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.node(4, 500, 900)
    sheet.way(200, [2, 4], PRIVATE)
    graph = sheet.build()
    assert graph.junction_count == 4
    assert not (graph.edge_flags & int(EdgeFlag.OUTBOUND | EdgeFlag.INBOUND)).any()
