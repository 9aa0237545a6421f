"""The curve of numbers: each point is the plan of that number, and says the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from geo.facility_location import SolveBudget
from geo.meetup import PlanRequest, curve, plan_meetups
from geo.meetup.curve import knee, trade_off_curve, with_plan
from geo.meetup.history import DrivingHistory
from geo.meetup.request import Problem, Solution
from geo.meetup.solve import solve
from geo.region import Region
from geo.roster import Person
from tests.meetup.test_plan import random_people


@pytest.mark.parametrize(
    "asked",
    [
        PlanRequest(),
        PlanRequest(objective="fairest"),
        PlanRequest(objective="coverage", cutoff_s=1200),
        PlanRequest(min_size=3, max_size=12),
        PlanRequest(together=(("p1", "p2"),), apart=(("p3", "p4"),)),
    ],
)
def test_no_point_is_at_odds_with_the_plan_of_its_number(
    county: Region, asked: PlanRequest
) -> None:
    people = _driven(random_people(county, 24, seed=4))
    found = plan_meetups(replace(asked, time_limit_s=30), region=county, people=people)
    assert len(found.curve) > 2
    for point in found.curve:
        alone = plan_meetups(replace(asked, meetups=point.meetups), region=county, people=people)
        assert point.placed == alone.placed
        if point.solution.proven and alone.proven:
            assert point.solution.value == pytest.approx(alone.value)
        assert point.solution.bound <= alone.value + 1e-6 or asked.objective == "coverage"
        assert alone.bound <= point.solution.value + 1e-6 or asked.objective == "coverage"
    here = knee(found.curve, asked.objective)
    assert here is not None
    assert (here.placed, here.worst_s) == (found.placed, found.worst_s)
    assert here.total_s == pytest.approx(found.total_s)


def _driven(people: list[Person]) -> list[Person]:
    """Return people of whom some have weights of their own, and all a driving history."""
    ledger = DrivingHistory({person.id: 30.0 * (i % 5) for i, person in enumerate(people)})
    heavy = [replace(person, weight=1.0 + i % 3) for i, person in enumerate(people)]
    return ledger.prioritise(heavy)


def test_points_are_minutes_whatever_the_weights() -> None:
    seconds = np.array([[0.0, 600.0, 900.0], [600.0, 0.0, 300.0], [900.0, 300.0, 0.0]])
    problem = Problem(np.tile(seconds, (2, 1)), np.full(6, 5.0), np.full(3, np.inf))
    points = trade_off_curve(problem, SolveBudget(10))
    assert [point.total_s for point in points] == [1800.0, 600.0, 0.0]


def test_a_number_without_time_is_at_least_as_good_as_the_number_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = np.array([[0.0, 60.0, 90.0, 9.0], [60.0, 0.0, 30.0, 9.0], [90.0, 30.0, 0.0, 9.0]])

    def hurried(problem: Problem, objective: Any, p: int | None, budget: SolveBudget) -> Solution:
        return solve(problem, objective, 1 if p == 2 else p, budget)

    monkeypatch.setattr(curve, "solve", hurried)
    problem = Problem(seconds, np.ones(3), np.full(4, np.inf))
    totals = [point.total_s for point in trade_off_curve(problem, SolveBudget(10))]
    assert totals == sorted(totals, reverse=True)


def test_the_curve_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    asked = []
    problem = Problem(np.random.default_rng(1).random((60, 30)), np.ones(60), np.full(30, np.inf))

    def slow(problem: Problem, _objective: Any, p: int, _budget: SolveBudget) -> Solution:
        nonlocal now
        now += 4.0
        asked.append(p)
        assignment = problem.seconds[:, :p].argmin(axis=1)
        return Solution(
            np.arange(p), assignment, problem.seconds[:, :p].min(axis=1).sum(), 0.0, False
        )

    monkeypatch.setattr("geo.facility_location.model.time.perf_counter", lambda: now)
    monkeypatch.setattr(curve, "solve", slow)
    points = trade_off_curve(problem, SolveBudget(10.0))
    assert len(asked) == 3
    assert [point.meetups for point in points] == sorted(asked)


def test_a_plan_made_later_takes_the_place_of_its_point(county: Region) -> None:
    people = random_people(county, 12, seed=4)
    found = plan_meetups(PlanRequest(), region=county, people=people)
    later = plan_meetups(PlanRequest(meetups=2, cutoff_s=9000), region=county, people=people)
    points = with_plan(found.curve, later)
    assert [point.meetups for point in points] == [point.meetups for point in found.curve]
    (two,) = (point for point in points if point.meetups == 2)
    assert (two.placed, two.total_s, two.worst_s) == (later.placed, later.total_s, later.worst_s)
