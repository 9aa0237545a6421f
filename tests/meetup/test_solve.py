"""A large plan over its likely sites: a plan of the whole, and a bound of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from geo.facility_location import SolveBudget
from geo.meetup import PLAN_OBJECTIVES, PlanObjective
from geo.meetup.group_limits import solve_groups
from geo.meetup.request import Problem, Solution
from geo.meetup.solve import Restriction, most_people, solve


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few sites be too many."""
    monkeypatch.setattr("geo.meetup.solve._MOST_PAIRS", 300)
    monkeypatch.setattr("geo.meetup.solve._LEAST_SITES", 8)
    monkeypatch.setattr("geo.meetup.solve._SITES_A_MEETUP", 2)


def _problem(seed: int, forced: tuple[int, ...] = ()) -> Problem:
    rng = np.random.default_rng(seed)
    homes, spots = rng.random((20, 2)), rng.random((40, 2))
    seconds = 3600 * np.hypot(*(homes[:, None] - spots[None]).transpose(2, 0, 1))
    seconds[seconds > 1500] = np.inf
    rooms = np.where(rng.random(40) < 0.3, 5.0, np.inf)
    return Problem(
        seconds, np.ones(20), rooms, min_size=2, max_size=9, forced=np.array(forced, np.intp)
    )


@pytest.mark.parametrize("objective", PLAN_OBJECTIVES)
@pytest.mark.parametrize("seed", range(6))
def test_plans_keep_the_rules_and_bounds_hold(objective: PlanObjective, seed: int) -> None:
    problem = _problem(seed, forced=(3,) if seed % 2 else ())
    p = None if objective == "fewest" else 5
    answer = solve(problem, objective, p, SolveBudget(20))
    best = solve_groups(problem, objective, p, SolveBudget(20), Solution.empty(20, proven=False))
    assert best.proven
    assert problem.is_feasible(answer)
    assert set(problem.forced_list) <= set(answer.sites.tolist())
    assert np.isfinite(
        problem.seconds[np.arange(20), answer.assignment][answer.assignment >= 0]
    ).all()
    assert answer.placed <= best.placed <= most_people(problem, p)
    if objective == "coverage":
        assert answer.value <= best.value <= answer.bound
    elif answer.placed == best.placed:
        assert 0 < answer.bound <= best.value + 1e-6
        assert best.value <= answer.value + 1e-6
    if answer.proven:
        assert answer.placed == best.placed
        assert answer.value == pytest.approx(best.value)


def test_everybody_keeps_their_nearest_site_with_room() -> None:
    problem = _problem(1, forced=(7,))
    few = Restriction.of(problem, 2, Solution.empty(20))
    assert few is not None
    assert len(few.columns) < 40
    assert 7 in few.columns
    reached = np.isfinite(problem.seconds).any(axis=1)
    assert (np.isfinite(few.problem.seconds).any(axis=1) == reached).all()
    nearest = problem.seconds.argmin(axis=1)[reached]
    assert set(nearest.tolist()) <= set(few.columns.tolist())
    assert few.columns[few.problem.forced].tolist() == [7]


def test_a_small_problem_is_solved_whole() -> None:
    seconds = np.ones((3, 40))
    assert Restriction.of(Problem(seconds, np.ones(3), np.ones(40)), 2, Solution.empty(3)) is None
