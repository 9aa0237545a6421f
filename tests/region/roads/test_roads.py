"""From drawn roads to the graph; every expected answer is counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from geo.errors import UnreadableExtract
from geo.files import read_table
from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import CONDITIONS, EdgeFlag
from geo.region.extract import read_extract
from geo.region.roads import RoadCollector

Sheet = Any
RULES = read_table("speeds")


def _seconds(metres: float, kmh: float) -> float:
    return metres / kmh * 3.6


def test_one_road_is_two_junctions_and_two_edges(sheet: Sheet) -> None:
    sheet.line(1, 2, 3, maxspeed="50")
    graph = sheet.build()
    assert (graph.junction_count, graph.edge_count) == (2, 2)
    assert graph.edge_length_m == pytest.approx([1000, 1000], rel=1e-4)
    expected = _seconds(1000, 50 * RULES["limit"]["share"])
    assert sheet.drive(1, 3) == pytest.approx(expected, rel=1e-3)
    assert sheet.drive(3, 1) == pytest.approx(expected, rel=1e-3)
    assert set(graph.edge_way) == {100}


def test_shapes_keep_every_point_and_the_direction_of_driving(sheet: Sheet) -> None:
    sheet.node(1, 0, 0)
    sheet.node(2, 100, 50)
    sheet.node(3, 200, 0)
    sheet.way(100, [1, 2, 3])
    graph = sheet.build()
    for edge in range(graph.edge_count):
        shape = graph.shape(edge)
        assert len(shape) == 3
        head = graph.edge_head[edge]
        assert shape[-1] == pytest.approx([graph.junction_lon[head], graph.junction_lat[head]])


def test_edges_are_sorted_by_the_junction_they_leave(sheet: Sheet) -> None:
    sheet.line(1, 2, 3, 4)
    for k, ref in enumerate((2, 3)):
        sheet.node(10 + k, 500 * (k + 1), 300)
        sheet.way(200 + k, [ref, 10 + k])
    graph = sheet.build()
    assert graph.junction_count == 6
    assert graph.first_edge[0] == 0
    assert graph.first_edge[-1] == graph.edge_count == 10
    tail = graph.edge_tail()
    assert (np.diff(tail) >= 0).all()
    assert (tail != graph.edge_head).all()


def test_one_way_streets_need_a_way_back(sheet: Sheet) -> None:
    sheet.line(1, 2, oneway="yes")
    sheet.node(3, 250, 400)
    sheet.way(200, [2, 3, 1])
    sheet.build()
    assert sheet.drive(1, 2) < sheet.drive(2, 1) < np.inf


def test_a_one_way_against_its_nodes(sheet: Sheet) -> None:
    sheet.line(1, 2, oneway="-1")
    sheet.node(3, 250, 400)
    sheet.way(200, [2, 3, 1], {"highway": "residential"})
    sheet.build()
    assert sheet.drive(2, 1) < sheet.drive(1, 2) < np.inf


def test_a_roundabout_is_driven_one_way_round(sheet: Sheet) -> None:
    corners = [(20, 0), (0, 20), (-20, 0), (0, -20)]
    for ref, (east, north) in enumerate(corners, 1):
        sheet.node(ref, east, north)
        sheet.node(10 + ref, east * 20, north * 20)
        sheet.way(200 + ref, [ref, 10 + ref])
    sheet.way(100, [1, 2, 3, 4, 1], {"highway": "tertiary", "junction": "roundabout"})
    graph = sheet.build()
    assert graph.junction_count == 8
    circle = graph.edge_way == 100
    assert int(circle.sum()) == 4
    assert sheet.drive(1, 2) < sheet.drive(2, 1)  # anticlockwise: a quarter against three


def test_a_loop_street_is_cut_so_that_no_edge_meets_itself(sheet: Sheet) -> None:
    sheet.line(1, 2)
    for ref, (east, north) in enumerate([(600, 100), (700, 0), (600, -100)], 3):
        sheet.node(ref, east, north)
    sheet.way(200, [2, 3, 4, 5, 2])
    graph = sheet.build()
    assert (graph.edge_tail() != graph.edge_head).all()
    assert graph.edge_length_m[graph.edge_way == 200].sum() == pytest.approx(
        4 * 141.4 * 2, rel=1e-3
    )


def test_parallel_roads_both_stay(sheet: Sheet) -> None:
    sheet.line(1, 2, maxspeed="30")
    sheet.node(3, 250, 50)
    sheet.way(200, [1, 3, 2], {"highway": "residential", "maxspeed": "60"})
    graph = sheet.build()
    assert graph.edge_count == 4
    assert sheet.drive(1, 2) < _seconds(500, 30)


@pytest.mark.parametrize("barrier", ["bollard", "block", "jersey_barrier"])
def test_a_barrier_cuts_the_road(sheet: Sheet, barrier: str) -> None:
    sheet.line(1, 2, 3, 4)
    sheet.node(2, 500, 0, {"barrier": barrier})
    assert sheet.build().edge_length_m.sum() == pytest.approx(2000, rel=1e-3)  # 2 to 4, both ways
    assert sheet.drive(1, 4) == np.inf


def test_a_gate_costs_time_and_cuts_nothing(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.build()
    free = sheet.drive(1, 3)
    sheet.node(2, 500, 0, {"barrier": "gate"})
    sheet.build()
    assert sheet.drive(1, 3) == pytest.approx(free + RULES["node_delay_s"]["gate"], abs=0.01)


@pytest.mark.parametrize("sign", ["traffic_signals", "stop", "give_way", "crossing"])
def test_signs_on_a_junction_cost_time(sheet: Sheet, sign: str) -> None:
    sheet.line(1, 2, 3)
    sheet.node(4, 500, 400)
    sheet.way(200, [2, 4])
    sheet.build()
    free = sheet.drive(1, 3)
    sheet.node(2, 500, 0, {"highway": sign})
    sheet.build()
    assert sheet.drive(1, 3) == pytest.approx(free + RULES["node_delay_s"][sign], abs=0.01)


def test_a_stop_sign_faces_the_junction_that_it_stands_before(sheet: Sheet) -> None:
    sheet.line(1, 2, 3, step_m=100)
    sheet.node(4, 200, 200)
    sheet.way(200, [3, 4])
    sheet.node(5, 300, 0)
    sheet.way(300, [3, 5])
    sheet.node(2, 190, 0, {"highway": "stop"})
    sheet.build()
    at, away = sheet.drive(1, 3), sheet.drive(3, 1)
    assert at - away >= RULES["node_delay_s"]["stop"] - 0.01


def test_driving_straight_on_is_faster_than_turning(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.node(4, 500, 500)
    sheet.way(200, [2, 4])
    sheet.build()
    straight, out_of, into = sheet.drive(1, 3), sheet.drive(4, 3), sheet.drive(1, 4)
    assert straight + 1.5 < out_of
    assert straight + 1.5 < into


def test_the_smaller_road_gives_way(sheet: Sheet) -> None:
    sheet.line(1, 2, 3, highway="secondary", maxspeed="50")
    for ref, north in ((4, 500), (5, -500)):
        sheet.node(ref, 500, north)
    sheet.way(200, [4, 2, 5], {"highway": "residential", "maxspeed": "50"})
    sheet.build()
    waits = sheet.drive(4, 5) - sheet.drive(1, 3)
    share = RULES["junction"]["give_way_s"] - RULES["junction"]["through_s"]
    assert waits == pytest.approx(share, abs=0.05)


def test_bends_slow_a_car(sheet: Sheet) -> None:
    sheet.line(1, 2, 3, step_m=300, maxspeed="90")
    sheet.build()
    straight = sheet.kmh()
    for ref in range(4, 12):  # hairpins every 40 m
        sheet.node(ref, 40 * (ref % 2), 20 * ref)
    sheet.way(200, list(range(4, 12)), {"highway": "residential", "maxspeed": "90"})
    sheet.node(12, 0, 0)
    sheet.way(300, [4, 1])
    sheet.build()
    assert sheet.kmh(200) < 0.7 * straight


def test_a_limit_in_each_direction(sheet: Sheet) -> None:
    sheet.line(1, 2, **{"maxspeed:forward": "60", "maxspeed:backward": "30"})
    sheet.build()
    assert sheet.drive(2, 1) == pytest.approx(2 * sheet.drive(1, 2), rel=0.01)


def test_a_ferry_takes_its_time_and_a_wait(sheet: Sheet) -> None:
    sheet.line(1, 2)
    sheet.node(3, 3000, 0)
    sheet.node(4, 3500, 0)
    sheet.way(300, [3, 4])
    sheet.way(200, [2, 3], {"route": "ferry", "duration": "00:20"})
    graph = sheet.build()
    ferry = graph.edge_way == 200
    assert graph.edge_seconds[0, ferry] == pytest.approx([1200 + RULES["ferry"]["boarding_s"]] * 2)
    assert (graph.edge_flags[ferry] & EdgeFlag.FERRY).all()
    assert (graph.edge_flags[ferry] & EdgeFlag.NO_SNAP).all()
    assert not (graph.edge_flags[~ferry] & EdgeFlag.FERRY).any()


def test_a_ferry_of_several_ways_waits_once(sheet: Sheet) -> None:
    sheet.line(1, 2)
    for ref, east in ((3, 1500), (4, 3000), (5, 3500)):
        sheet.node(ref, east, 0)
    sheet.way(200, [2, 3], {"route": "ferry", "interval": "00:08"})
    sheet.way(201, [3, 4], {"route": "ferry", "interval": "00:08"})
    sheet.way(300, [4, 5])
    sheet.build()
    sailing = _seconds(2500, RULES["class"]["ferry"]["open"])
    assert sheet.drive(2, 4) == pytest.approx(sailing + 240, rel=0.01)  # half of the interval


def test_conditions_shut_roads_on_the_same_edges(sheet: Sheet) -> None:
    sheet.line(1, 2)
    sheet.node(3, 250, 400)
    sheet.way(200, [2, 3, 1], {"highway": "track", "tracktype": "grade4"})
    graph = sheet.build()
    shut = ~np.isfinite(graph.edge_seconds)
    assert not shut[CONDITIONS.index("dry")].any()
    for name in ("mud", "winter"):
        assert set(graph.edge_way[shut[CONDITIONS.index(name)]]) == {200}


def test_a_winter_road_is_there_in_winter_only(sheet: Sheet) -> None:
    sheet.line(1, 2)
    sheet.node(3, 250, 400)
    sheet.way(200, [2, 3, 1], {"highway": "winter_road"})
    graph = sheet.build()
    open_ = np.isfinite(graph.edge_seconds[:, graph.edge_way == 200])
    assert [row.all() for row in open_] == [False, False, True]


def test_seasons_follow_the_hemisphere(sheet_at: Callable[[float], Sheet]) -> None:
    open_ = {}
    for lat in (44.0, -44.0):
        sheet = sheet_at(lat)
        sheet.line(1, 2)
        sheet.node(3, 250, 400)
        closure = {"highway": "unclassified", "motor_vehicle:conditional": "no @ (Dec-Mar)"}
        sheet.way(200, [2, 3, 1], closure)
        graph = sheet.build()
        open_[lat] = np.isfinite(graph.edge_seconds[:, graph.edge_way == 200]).all(axis=1).tolist()
    assert open_ == {44.0: [True, True, False], -44.0: [False, True, True]}


@pytest.mark.parametrize(
    ("on", "dry"), [(date(2019, 5, 1), False), (date(2019, 8, 1), False), (date(2020, 1, 1), True)]
)
def test_works_of_a_year_are_judged_by_the_day_that_the_map_shows(
    sheet: Sheet, on: date, dry: bool
) -> None:
    sheet.line(1, 2)
    sheet.node(3, 250, 400)
    works = {"highway": "residential", "access:conditional": "no @ (2019 Jul 01-2019 Aug 30)"}
    sheet.way(200, [2, 3, 1], works)
    collector = RoadCollector(on)
    read_extract(sheet.write(), [collector])
    graph = collector.finish()
    open_ = np.isfinite(graph.edge_seconds[:, graph.edge_way == 200]).all(axis=1)
    assert open_.tolist() == [dry, True, True]


def _grid(sheet: Sheet, first: int, east_m: float, side: int, step_m: float) -> None:
    """Draw a square town of ``side`` by ``side`` junctions."""
    for row in range(side):
        for column in range(side):
            sheet.node(first + row * side + column, east_m + column * step_m, row * step_m)
    for line in range(side):
        sheet.way(first + line, [first + line * side + k for k in range(side)])
        sheet.way(first + side + line, [first + k * side + line for k in range(side)])


def test_an_island_with_roads_of_its_own_stays_and_a_fragment_goes(sheet: Sheet) -> None:
    _grid(sheet, 1000, 0, 6, 300)  # the mainland: 18 km of streets
    _grid(sheet, 2000, 9000, 5, 200)  # an island: 8 km
    _grid(sheet, 3000, 15000, 2, 50)  # a car park: 200 m
    _grid(sheet, 4000, 1550, 5, 200)  # a barracks: 8 km, 50 m from the streets outside
    _grid(sheet, 5000, 0, 6, 290)  # beyond a channel of 120 m: 17 km
    for row in range(6):
        for column in range(6):
            sheet.node(5000 + row * 6 + column, column * 290, -120 - row * 290)
    graph = sheet.build()
    towns = graph.edge_way // 1000
    assert set(towns.tolist()) == {1, 2, 5}
    assert sheet.drive(1000, 5000) == np.inf
    assert sheet.drive(2000, 2024) < np.inf
    assert sheet.drive(1000, 2000) == np.inf


def test_a_gated_loop_goes(sheet: Sheet) -> None:
    _grid(sheet, 1000, 0, 4, 300)
    sheet.node(2, 1000, 0, {"barrier": "bollard"})
    sheet.node(3, 1100, 0)
    sheet.node(4, 1100, 100)
    sheet.way(10, [1003, 2, 3, 4, 2])
    sheet.build()
    assert sheet.junction(1003) is not None
    assert sheet.junction(3) is None


def test_a_way_out_with_no_way_back_goes(sheet: Sheet) -> None:
    _grid(sheet, 1000, 0, 4, 300)
    sheet.node(2, 2000, 0)
    sheet.way(10, [1003, 2], {"highway": "primary", "oneway": "yes"})
    sheet.build()
    assert sheet.junction(2) is None


def test_a_way_cut_at_the_edge_keeps_its_known_part(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.way(100, [99, 1, 2, 3, 98], {"highway": "residential"})  # 98 and 99 lie outside
    graph = sheet.build()
    assert graph.edge_length_m == pytest.approx([1000, 1000], rel=1e-3)


def test_a_node_written_twice_is_one_point(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.way(100, [1, 2, 2, 3])
    sheet.build()
    assert sheet.drive(1, 3) < np.inf


@pytest.mark.parametrize("tags", [{"highway": "footway"}, {"building": "yes"}])
def test_an_extract_without_roads_is_refused(sheet: Sheet, tags: dict[str, str]) -> None:
    sheet.line(1, 2)
    sheet.way(100, [1, 2], tags)
    with pytest.raises(UnreadableExtract, match="holds no road"):
        sheet.build()


def test_only_kept_roads_leave_shapes(sheet: Sheet) -> None:
    _grid(sheet, 1000, 0, 4, 300)
    sheet.node(1, 9000, 0)
    sheet.node(2, 9100, 0)
    sheet.way(10, [1, 2], {"highway": "residential"})
    graph = sheet.build()
    assert graph.shape_start[-1] == len(graph.shape_lon)
    east = (graph.shape_lon / 1e7 - 1) * METRES_PER_DEGREE
    assert east.max() < 1000


def test_dense_streets_are_slower(sheet: Sheet) -> None:
    _grid(sheet, 1000, 0, 26, 150)
    _grid(sheet, 3000, 40000, 6, 900)
    graph = sheet.build()
    pace = graph.edge_length_m / graph.edge_seconds[0]
    assert len(graph.edge_way) > 0
    assert np.median(pace[graph.edge_way < 3000]) < np.median(pace[graph.edge_way >= 3000])


def test_no_edge_takes_no_time(sheet: Sheet) -> None:
    sheet.line(1, 2, 3)
    sheet.node(2, 0, 0)  # on the same spot as node 1
    sheet.node(4, 0, 300)
    sheet.way(200, [2, 4])
    graph = sheet.build()
    assert graph.junction_count == 4
    assert (graph.edge_seconds > 0).all()
