"""Driving history: minutes, priorities from them, and what a plan that makes up for them costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadTable, InputError
from geo.facility_location import SolveBudget
from geo.meetup import MeetupPlan, PlanRequest, plan_meetups
from geo.meetup.history import DrivingHistory, history_cost
from geo.meetup.request import Problem
from geo.meetup.solve import solve
from geo.model import Point
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Person, read_roster
from geo.texts import exported_plan
from tests.meetup.test_plan import random_people

MakeRegion = Callable[..., Region]
At = Callable[..., tuple[Point, ...]]
Roads = list[tuple[int, int, float]]


def _plan(
    make_region: MakeRegion, at: At, roads: Roads, *, share: float, minutes: float = 1000.0
) -> MeetupPlan:
    """Plan one meetup for people on a road; the one at its end has driven much."""
    region = make_region(5, roads, [0, 1, 2, 3, 4])
    people = [Person(f"p{i}", point) for i, point in enumerate(at(0, 0, 1, 1, 4, 2))]
    people = DrivingHistory({"p4": minutes}).prioritise(people)
    return plan_meetups(
        PlanRequest(meetups=1, history_share=share, cutoff_s=math.inf), region=region, people=people
    )


def test_sparing_one_costs_no_more_than_the_share(
    make_region: MakeRegion, at: At, five_minutes: Roads
) -> None:
    # At junction 1: 2 x 300 + 900 + 300 = 1800; at junction 2 four drive 300 more and two less.
    at_one = _plan(make_region, at, five_minutes, share=0.1)
    assert at_one.meetups[0].place.osm_id == "n1"
    assert (at_one.total_s, at_one.bound, at_one.proven) == (1800, 1800, True)
    at_two = _plan(make_region, at, five_minutes, share=0.4)
    assert at_two.meetups[0].place.osm_id == "n2"
    assert (at_two.total_s, at_two.value, at_two.bound) == (2400, 2400, 1800)
    assert not at_two.proven
    assert at_two.gap == pytest.approx(600 / 2400)
    cost = at_two.history
    assert cost is not None
    assert (cost.spared, cost.saved_s, cost.extra_s, cost.share) == (1, 300, 600, 0.4)


def test_the_price_is_said(make_region: MakeRegion, at: At, five_minutes: Roads) -> None:
    spared = exported_plan.history_cost(_plan(make_region, at, five_minutes, share=0.4))
    assert spared == (
        "Sparing 1 person who drove far to past meetups costs 10 min in total"
        " (at most 40 % of the total drive)."
    )
    same = exported_plan.history_cost(_plan(make_region, at, five_minutes, share=0.1))
    assert same == "Driving history makes no difference within 10 % extra total drive."
    assert (
        exported_plan.history_cost(_plan(make_region, at, five_minutes, share=0.1, minutes=0)) == ""
    )


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_is_a_fraction(share: float) -> None:
    with pytest.raises(InputError, match="history share"):
        PlanRequest(history_share=share)


_times = st.integers(1, 40).map(lambda minutes: 60.0 * minutes)


@settings(max_examples=60)
@given(
    data=st.data(),
    people=st.integers(2, 6),
    sites=st.integers(2, 6),
    p=st.integers(1, 3),
    share=st.sampled_from([0.0, 0.05, 0.1, 0.3, 1.0]),
    sized=st.booleans(),
)
def test_no_plan_costs_more_than_its_share(
    data: st.DataObject, people: int, sites: int, p: int, share: float, *, sized: bool
) -> None:
    seconds = np.array(
        data.draw(st.lists(_times, min_size=people * sites, max_size=people * sites))
    )
    priority = np.array(data.draw(st.lists(st.floats(0.1, 50.0), min_size=people, max_size=people)))
    problem = Problem(
        seconds.reshape(people, sites), np.ones(people), np.full(sites, np.inf),
        max_size=max(1, people - 1) if sized else math.inf, priority=priority, history_share=share,
    )  # fmt: skip
    plain = solve(replace(problem, priority=None), "total", p, SolveBudget(10))
    answer = solve(problem, "total", p, SolveBudget(10))
    assert plain.proven
    assert problem.is_feasible(answer)
    assert answer.placed == plain.placed
    assert problem.total_s(answer) <= (1 + share) * problem.total_s(plain) + 1e-6
    assert answer.bound == pytest.approx(plain.bound)
    assert answer.bound <= answer.value + 1e-9
    cost = history_cost(problem, answer)
    assert cost is not None
    assert cost.extra_s == pytest.approx(problem.total_s(answer) - problem.total_s(plain))
    if not sized:
        _check_best(problem, answer, p)


def _check_best(problem: Problem, answer: Any, p: int) -> None:
    """Check that the full priorities are taken where their best plan keeps the share."""
    assert problem.priority is not None
    best, least = None, math.inf
    plain = math.inf
    sites = problem.seconds.shape[1]
    for some in combinations(range(sites), min(p, sites)):
        drives = problem.seconds[:, some].min(axis=1)
        plain = min(plain, drives.sum())
        if problem.priority @ drives < least - 1e-9:
            best, least = drives, problem.priority @ drives
    assert best is not None
    if best.sum() <= (1 + problem.history_share) * plain - 1e-6:
        assert problem.priority @ problem.drives_s(answer) == pytest.approx(least)


@pytest.mark.parametrize("objective", ["fairest", "coverage", "fewest"])
def test_history_makes_no_other_objective_worse(county: Region, objective: Any) -> None:
    people = random_people(county, 25, seed=2)
    driven = DrivingHistory({person.id: float(i) ** 3 for i, person in enumerate(people)})
    request = PlanRequest(
        meetups=None if objective == "fewest" else 3, objective=objective, cutoff_s=1500
    )
    before = plan_meetups(request, region=county, people=people)
    after = plan_meetups(request, region=county, people=driven.prioritise(people))
    assert after.history is not None
    assert (after.placed, after.proven) == (before.placed, before.proven)
    assert after.value == pytest.approx(before.value)
    assert after.total_s <= 1.1 * before.total_s + 1e-6


PEOPLE = [Person("a", Point(0, 0)), Person("b", Point(0, 0), weight=2.0)]


def test_priorities_are_shares_of_the_mean_beside_own_weights() -> None:
    far, near = DrivingHistory({"a": 30.0, "b": 10.0}).prioritise(PEOPLE)
    assert (far.priority, near.priority) == (1.5, 0.5)
    assert (far.weight, near.weight) == (1.0, 2.0)
    far, near = DrivingHistory({"a": 40.0}).prioritise(PEOPLE, strength=2)
    assert (far.priority, near.priority) == pytest.approx((4.0, 0.01))
    assert DrivingHistory().prioritise(PEOPLE) == PEOPLE
    assert DrivingHistory({"a": 9.0}).prioritise(PEOPLE, strength=0) == PEOPLE
    with pytest.raises(InputError, match="strength"):
        DrivingHistory().prioritise(PEOPLE, strength=math.nan)


def test_a_ledger_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("id,minutes\na,12.5\nb,0\n", "utf-8")
    assert DrivingHistory.read(path).minutes == {"a": 12.5, "b": 0.0}
    path.write_text("id,minutes\na,-1\na,x\nb,1,5\n", "utf-8")
    with pytest.raises(BadTable) as caught:
        DrivingHistory.read(path)
    assert len(caught.value.problems) == 3


def test_ten_rounds_become_more_even(county: Region) -> None:
    roster = read_roster(sample_path().with_name("roster.csv"), county.gazetteer)
    request = PlanRequest(meetups=2, cutoff_s=math.inf, time_limit_s=2)
    spreads = []
    for strength in (0.0, 1.0):
        ledger = DrivingHistory()
        for _ in range(10):
            people = ledger.prioritise(roster.people, strength=strength)
            ledger = ledger.after(plan_meetups(request, region=county, people=people))
        spreads.append(np.std([ledger.minutes.get(one.id, 0.0) for one in roster.people]))
    assert spreads[1] < 0.9 * spreads[0]
