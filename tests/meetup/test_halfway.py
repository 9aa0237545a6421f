"""Meeting halfway: places ranked, people left out, and what a choice costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InputError, UnknownName
from geo.meetup import (
    OBJECTIVES,
    Halfway,
    HalfwayRequest,
    MeetingPlace,
    Objective,
    common_area,
    meet_halfway,
)
from geo.model import Place, Point
from geo.region import Region

At = Callable[..., tuple[Point, ...]]
Roads = list[tuple[int, int, float]]
MakeRegion = Callable[..., Region]


def ids(found: Halfway) -> list[str]:
    return [one.place.osm_id for one in found.places]


def minutes(found: MeetingPlace) -> list[int]:
    return [round(seconds / 60) for seconds in found.travel_times_s]


def test_the_middle_is_fairest(make_region: MakeRegion, five_minutes: Roads, at: At) -> None:
    region = make_region(5, five_minutes, [1, 2, 4])
    found = meet_halfway(region, HalfwayRequest(at(0, 4)))
    assert ids(found) == ["n2", "n1", "n4"]
    assert [minutes(one) for one in found.places] == [[10, 10], [5, 15], [20, 0]]
    assert [one.worst_s for one in found.places] == [600, 900, 1200]
    assert {one.total_s for one in found.places} == {1200}
    np.testing.assert_allclose(found.places[1].lengths_m, [1000, 3000])
    assert found.within
    assert found.trade_off is None
    assert found.unreachable == ()


def test_the_least_total_lies_where_most_live(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    region = make_region(5, five_minutes, [1, 2, 4])
    found = meet_halfway(region, HalfwayRequest(at(0, 0, 4), objective="total"))
    assert ids(found) == ["n1", "n2", "n4"]
    assert [one.total_s / 60 for one in found.places] == [25, 30, 40]
    choice = found.trade_off
    assert choice is not None
    assert (choice.fairest.place.osm_id, choice.least_total.place.osm_id) == ("n2", "n1")
    assert (choice.person, choice.extra_s, choice.saved_s) == (2, 300, 300)


def test_ties_of_the_worst_are_broken_by_the_next_worst(make_region: MakeRegion, at: At) -> None:
    # People at 0, 1, 2; place 3 is 10, 6 and 2 min away, place 4 is 10, 4 and 4 min away.
    roads = [(0, 3, 600.0), (1, 3, 360.0), (2, 3, 120.0), (0, 4, 600.0), (1, 4, 240.0),
             (2, 4, 240.0)]  # fmt: skip
    found = meet_halfway(make_region(5, roads, [3, 4]), HalfwayRequest(at(0, 1, 2)))
    assert [sorted(minutes(one)) for one in found.places] == [[4, 4, 10], [2, 6, 10]]


def test_mix_weighs_the_longest_and_the_mean(make_region: MakeRegion, at: At) -> None:
    # Longest + mean, minutes: place 3 -> 20 + 20, place 4 -> 26 + 10, so mix prefers 4.
    roads = [(0, 3, 1200.0), (1, 3, 1200.0), (2, 3, 1200.0), (0, 4, 1560.0), (1, 4, 120.0),
             (2, 4, 120.0)]  # fmt: skip
    region = make_region(5, roads, [3, 4])
    order = {
        objective: ids(meet_halfway(region, HalfwayRequest(at(0, 1, 2), objective=objective)))
        for objective in OBJECTIVES
    }
    assert order == {"fairest": ["n3", "n4"], "total": ["n4", "n3"], "mix": ["n4", "n3"]}


def test_empty_overlap_gives_the_fairest_anyway(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    region = make_region(5, five_minutes, [1, 3, 4])
    request = HalfwayRequest(at(0, 0, 4), objective="total", cutoff_s=480)
    found = meet_halfway(region, request)
    assert not found.within
    assert found.trade_off is None
    assert ids(found) == ["n1", "n3", "n4"]  # 15 min at worst before 15, 15, 5
    assert found.places[0].beyond_s(480) == (0, 0, 420)


def test_nobody_is_forgotten_because_nothing_is_near(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    """Person 0 reaches no place in time; that is beyond the limit, not out of reach."""
    region = make_region(5, five_minutes, [3, 4])
    found = meet_halfway(region, HalfwayRequest(at(0, 4), cutoff_s=600))
    assert not found.within
    assert found.unreachable == ()
    assert ids(found) == ["n3", "n4"]
    assert found.places[0].beyond_s(600) == (300, 0)


def test_people_beyond_the_roads_are_reported(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    region = make_region(5, five_minutes, [1, 2, 4])
    people = (*at(0), Point(30.0, 10.0), *at(4))
    for cutoff_s in (math.inf, 900.0):
        found = meet_halfway(region, HalfwayRequest(people, cutoff_s=cutoff_s))
        assert list(found.unreachable) == [1]
        assert found.within
        assert ids(found)[0] == "n2"
        assert list(found.places[0].travel_times_s) == [600, math.inf, 600]
        assert found.places[0].lengths_m[1] == math.inf
        assert found.reaches[1] is None


def test_people_on_a_piece_of_road_without_places_are_reported(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    region = make_region(7, [*five_minutes, (5, 6, 60.0)], [1, 2])
    for cutoff_s in (math.inf, 900.0):
        found = meet_halfway(region, HalfwayRequest(at(0, 4, 5), cutoff_s=cutoff_s))
        assert found.unreachable == (2,)
        assert found.within
        assert ids(found)[0] == "n2"


def test_two_islands_keep_the_larger_group(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    region = make_region(7, [*five_minutes, (5, 6, 60.0)], [1, 2, 6])
    found = meet_halfway(region, HalfwayRequest(at(0, 4, 5)))
    assert not found.within
    assert found.unreachable == ()
    assert ids(found) == ["n2", "n1"]
    assert found.places[0].travel_times_s == (600, 600, math.inf)


def test_nobody_near_a_road_finds_nothing(make_region: MakeRegion, five_minutes: Roads) -> None:
    region = make_region(5, five_minutes, [1])
    found = meet_halfway(region, HalfwayRequest((Point(30, 10), Point(31, 10)), cutoff_s=60))
    assert (found.places, found.within, found.unreachable) == ((), False, (0, 1))


def test_no_place_of_a_kind_finds_nothing(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    region = make_region(5, five_minutes, [1])
    found = meet_halfway(region, HalfwayRequest(at(0, 1), kinds=("library",)))
    assert (found.places, found.within) == ((), False)


def test_closed_places_are_left_out_but_unknown_ones_stay(
    make_region: MakeRegion, five_minutes: Roads, at: At
) -> None:
    point = at(2)[0]
    shut = Place("n20", "Shut", "cafe", point, {"opening_hours": "Sa 10:00-12:00"})
    region = make_region(5, five_minutes, [1, shut])
    monday = datetime(2026, 5, 4, 10)
    assert ids(meet_halfway(region, HalfwayRequest(at(0, 4)))) == ["n20", "n1"]
    assert ids(meet_halfway(region, HalfwayRequest(at(0, 4), open_at=monday))) == ["n1"]
    # Where only closed places are near, a place beyond the limit that may be open comes instead.
    near = HalfwayRequest(at(0, 4), open_at=monday, cutoff_s=600)
    found = meet_halfway(region, near)
    assert (ids(found), found.within) == (["n1"], False)


def test_the_way_back_stands_beside(make_region: MakeRegion, five_minutes: Roads, at: At) -> None:
    region = make_region(5, five_minutes, [1])
    request = HalfwayRequest((*at(0, 4), Point(30, 10)), with_return=True)
    assert meet_halfway(region, request).places[0].return_times_s == (300, 900, math.inf)


@pytest.mark.parametrize("count", [0, 1, 31])
def test_two_to_thirty_people(at: At, count: int) -> None:
    with pytest.raises(InputError, match=str(count)):
        HalfwayRequest(at(*[0] * count))


def test_unknown_names_are_refused(make_region: MakeRegion, five_minutes: Roads, at: At) -> None:
    with pytest.raises(UnknownName, match="fairest"):
        HalfwayRequest(at(0, 1), objective="fairst")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="cafe"):
        meet_halfway(make_region(5, five_minutes, [1]), HalfwayRequest(at(0, 1), kinds=("caffe",)))


def test_common_area_lies_between(make_region: MakeRegion, five_minutes: Roads, at: At) -> None:
    region = make_region(5, five_minutes, [2])
    found = meet_halfway(region, HalfwayRequest(at(0, 4), cutoff_s=750))
    area = common_area(found, 750)
    assert not area.is_empty
    west, _, east, _ = area.bounds
    assert at(1)[0].lon < west < at(2)[0].lon < east < at(3)[0].lon
    assert common_area(found, 300).is_empty
    with pytest.raises(ValueError, match="750"):
        common_area(found, 800)


def brute_force(seconds: list[list[float]], objective: Objective) -> list[tuple[float, ...]]:
    """Return the sort key of every column, in the order that a ranking must have."""
    keys: list[tuple[float, ...]] = []
    for column in zip(*seconds, strict=True):
        worst_first = sorted(column, reverse=True)
        total, worst = math.fsum(column), worst_first[0]
        keys.append(
            {
                "fairest": tuple(worst_first),
                "total": (total, worst),
                "mix": (worst + total / len(column), worst),
            }[objective]
        )
    return sorted(keys)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    lengths=st.lists(st.integers(10, 900), min_size=9, max_size=9),
    people=st.lists(st.integers(0, 9), min_size=2, max_size=6),
    objective=st.sampled_from(OBJECTIVES),
)
def test_ranking_equals_brute_force_for_every_order_of_people(
    make_region: MakeRegion, at: At, lengths: list[int], people: list[int], objective: Objective
) -> None:
    roads = [(i, i + 1, float(s)) for i, s in enumerate(lengths)]
    region = make_region(10, roads, list(range(0, 10, 2)))
    along = np.concatenate([[0], np.cumsum(lengths)]).astype(float)
    seconds = [[abs(along[p] - along[q]) for q in range(0, 10, 2)] for p in people]
    found = meet_halfway(region, HalfwayRequest(at(*people), objective=objective))
    ranked = [list(one.travel_times_s) for one in found.places]
    columns = [list(row) for row in zip(*ranked, strict=True)]
    assert brute_force(columns, objective) == brute_force(seconds, objective)
    keys = [brute_force([[s] for s in times], objective)[0] for times in ranked]
    assert keys == sorted(keys)
    turned = meet_halfway(region, HalfwayRequest(at(*people[::-1]), objective=objective))
    assert ids(turned) == ids(found)
    assert [one.travel_times_s[::-1] for one in turned.places] == [
        one.travel_times_s for one in found.places
    ]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_drives_equal_the_matrix_on_a_real_region(
    real_region: Region, objective: Objective
) -> None:
    rng = np.random.default_rng(7)
    rows = rng.choice(len(real_region.places), 4, replace=False)
    people = tuple(real_region.places[int(row)].point for row in rows)
    found = meet_halfway(real_region, HalfwayRequest(people, objective=objective))
    goals = [one.place.point for one in found.places]
    seconds = real_region.network.matrix(people, goals).seconds
    for i, one in enumerate(found.places):
        np.testing.assert_allclose(one.travel_times_s, seconds[:, i], rtol=1e-6, atol=0.01)
    key = {
        "fairest": lambda one: one.worst_s,
        "total": lambda one: one.total_s,
        "mix": lambda one: one.worst_s + one.total_s / 4,
    }[objective]
    keys = [key(one) for one in found.places]
    assert keys == sorted(keys)
