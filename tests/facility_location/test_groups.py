"""Longest drive, most people and fewest sites in groups: by hand, and against all plans tried."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import linprog

from geo.errors import InputError
from geo.facility_location import (
    GroupSize,
    SiteConstraints,
    Siting,
    SolveBudget,
    solve_group_center,
    solve_group_cover,
    solve_group_coverage,
)
from geo.facility_location.group_assignment import cheapest_assignment
from geo.facility_location.group_model import GroupLimits

Sets = dict[tuple[int, ...], int]


def most_placed(seconds: np.ndarray, sites: tuple[int, ...], least: int, most: np.ndarray) -> int:
    """Return how many can be placed at given sites; -1 where the groups cannot be filled."""
    row, site = np.nonzero(np.isfinite(seconds[:, sites]))
    k, ways = len(sites), np.arange(len(row))
    if not len(row):
        return -1 if least else 0
    limits = np.zeros((len(seconds) + 2 * k, len(row)))
    limits[row, ways] = 1
    limits[len(seconds) + site, ways] = 1
    limits[len(seconds) + k + site, ways] = -1
    upper = np.concatenate([np.ones(len(seconds)), most[list(sites)], np.full(k, -least)])
    found = linprog(-np.ones(len(row)), A_ub=limits, b_ub=upper, bounds=(0, 1), method="highs")
    return -1 if found.status == 2 else round(-found.fun)


def all_sets(seconds: np.ndarray, p: int, sizes: tuple[int, np.ndarray], forced: list[int]) -> Sets:
    """Return every set of up to p sites whose groups can be filled, and how many it places."""
    sets = itertools.chain.from_iterable(
        itertools.combinations(range(seconds.shape[1]), k) for k in range(1, p + 1)
    )
    placed = {one: most_placed(seconds, one, *sizes) for one in sets if set(forced) <= set(one)}
    return {one: count for one, count in placed.items() if count >= 0}


def check(random: np.random.Generator) -> None:
    n, m = int(random.integers(1, 9)), int(random.integers(1, 6))
    seconds = np.where(random.random((n, m)) < 0.75, random.integers(0, 12, (n, m)), np.inf)
    p, least = int(random.integers(1, min(3, m) + 1)), int(random.integers(0, 4))
    largest = int(random.integers(max(1, least), 6))
    rooms = random.choice([0, 1, 2, 3, 9, np.inf], m)
    forced = [0] if random.random() < 0.2 else []
    most = np.minimum(rooms, largest)
    size, limits = GroupSize(least, largest, rooms), SiteConstraints(forced=forced)
    center = solve_group_center(seconds, p, size, constraints=limits)
    coverage = solve_group_coverage(seconds, p, size, constraints=limits)
    cover = solve_group_cover(seconds, p, size, constraints=limits)
    sets = all_sets(seconds, p, (least, most), forced)
    answers = (center, coverage, cover)
    assert all(siting.proven for siting in answers)
    if not sets:
        assert not any(siting.feasible for siting in answers)
        return
    placed = max(sets.values())
    for siting in answers:
        assert (siting.assignment >= 0).sum() == placed
        keeps(siting, seconds, least, most, forced)
    assert coverage.objective == coverage.bound == placed
    assert (
        cover.objective
        == len(cover.sites)
        == min(len(one) for one, count in sets.items() if count == placed)
    )
    longest = next(
        cutoff
        for cutoff in sorted({0.0, *seconds[np.isfinite(seconds)]})
        if any(
            most_placed(np.where(seconds <= cutoff, seconds, np.inf), one, least, most) == placed
            for one in sets
        )
    )
    assert center.objective == center.bound == longest


def keeps(
    siting: Siting, seconds: np.ndarray, least: int, most: np.ndarray, forced: list[int]
) -> None:
    going = siting.assignment[siting.assignment >= 0]
    sizes = np.bincount(going, minlength=len(most))
    assert (sizes[siting.sites] >= least).all()
    assert (sizes <= most).all()
    assert set(forced) <= set(siting.sites.tolist())
    assert set(going.tolist()) <= set(siting.sites.tolist())
    assert np.isfinite(seconds[np.flatnonzero(siting.assignment >= 0), going]).all()


def test_small_cases_equal_trying_all_plans() -> None:
    random = np.random.default_rng(11)
    for _ in range(60):
        check(random)


@pytest.mark.slow
def test_many_small_cases_equal_trying_all_plans() -> None:
    random = np.random.default_rng(12)
    for _ in range(600):
        check(random)


def test_a_full_site_sends_somebody_far() -> None:
    drives = [[0, 60], [10, 60], [20, 60], [30, 50]]
    siting = solve_group_center(drives, 2, GroupSize(max_size=3))
    assert (siting.assignment.tolist(), siting.objective) == ([0, 0, 0, 1], 50.0)
    assert siting.proven


def test_fewer_sites_are_taken_where_more_leave_somebody_out() -> None:
    inf = np.inf
    seconds = np.array([[1, inf], [1, inf], [1, inf], [2, 5], [2, 5]])
    siting = solve_group_center(seconds, 2, GroupSize(3))
    assert (siting.sites.tolist(), siting.objective, siting.proven) == ([0], 2.0, True)


SOLVERS: list[Callable[..., Siting]] = [
    lambda seconds, **more: solve_group_center(seconds, 6, GroupSize(3, 9), **more),
    lambda seconds, **more: solve_group_coverage(seconds, 6, GroupSize(3, 9), **more),
    lambda seconds, **more: solve_group_cover(seconds, None, GroupSize(3, 9), **more),
]


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_order_of_people_does_not_matter(solver: Callable[..., Siting], county) -> None:
    seconds = county(40, 25, 3)
    order = np.random.default_rng(0).permutation(40)
    one, other = solver(seconds), solver(seconds[order])
    assert (one.sites.tolist(), one.objective) == (other.sites.tolist(), other.objective)
    assert one.assignment[order].tolist() == other.assignment.tolist()


@pytest.mark.parametrize("solver", SOLVERS)
def test_stopped_at_once_there_is_an_answer_with_an_honest_bound(
    solver: Callable[..., Siting], county
) -> None:
    seconds = county(40, 25, 3)
    best = solver(seconds)
    stopped = solver(seconds, budget=SolveBudget(progress=lambda *_told: False))
    assert best.proven
    if stopped.feasible:
        least, most = sorted((stopped.objective, stopped.bound))
        assert least <= best.objective <= most


def test_groups_are_filled_at_the_least_total() -> None:
    random = np.random.default_rng(3)
    for _ in range(80):
        sites, rows = int(random.integers(1, 5)), int(random.integers(1, 12))
        cost = np.where(
            random.random((sites, rows)) < 0.7, random.uniform(0, 99, (sites, rows)), np.inf
        )
        least, most = int(random.integers(0, 3)), random.integers(3, 6, sites)
        sizes = GroupLimits(least, most, np.zeros(sites, np.bool_))
        going = cheapest_assignment(cost, np.ones(sites, np.bool_), sizes)
        known = cheapest(cost, least, most)
        assert (going is None) == (known is None)
        if going is not None and known is not None:
            rows_placed = np.flatnonzero(going >= 0)
            assert len(rows_placed) == known[0]
            assert cost[going[rows_placed], rows_placed].sum() == pytest.approx(known[1])


def cheapest(cost: np.ndarray, least: int, most: np.ndarray) -> tuple[int, float] | None:
    """Return how many a linear program places at all sites, and at what cost."""
    site, row = np.nonzero(np.isfinite(cost))
    sites, rows = cost.shape
    if not len(site):
        return None if least else (0, 0.0)
    ways = np.arange(len(site))
    limits = np.zeros((rows + 2 * sites, len(site)))
    limits[row, ways] = 1
    limits[rows + site, ways] = 1
    limits[rows + sites + site, ways] = -1
    upper = np.concatenate([np.ones(rows), most, np.full(sites, -least)])
    found = linprog(cost[site, row] - 1e4, A_ub=limits, b_ub=upper, bounds=(0, 1), method="highs")
    if found.status == 2:
        return None
    count = round(found.x.sum())
    return count, found.fun + 1e4 * count


@pytest.mark.parametrize(
    ("size", "word"),
    [
        (GroupSize(4, 2), "smaller"),
        (GroupSize(-1), "smallest"),
        (GroupSize(capacities=[1]), "capacities"),
    ],
)
def test_wrong_limits_are_refused(size: GroupSize, word: str) -> None:
    with pytest.raises(InputError, match=word):
        solve_group_center([[1, 2], [2, 1]], 1, size)


def test_without_time_groups_that_stay_too_small_are_closed() -> None:
    """Four clusters of ten, and six people who are alone at their site."""
    seconds = np.full((46, 10), np.inf)
    for cluster in range(4):
        seconds[10 * cluster : 10 * cluster + 10, cluster] = 60.0
    for alone in range(6):
        seconds[40 + alone, 4 + alone] = 60.0
    siting = solve_group_coverage(seconds, 10, GroupSize(min_size=4), budget=SolveBudget(0.0))
    assert siting.objective == 40
    assert siting.bound >= 40


def test_a_cover_stops_between_two_numbers_of_sites() -> None:
    """Eight can be placed in groups of four only by chance: nobody waits for every number."""
    asked = []

    def stop(_elapsed_s: float, _value: float, _bound: float) -> bool:
        asked.append(1)
        return False

    seconds = np.where(np.random.default_rng(3).random((60, 60)) < 0.05, 60.0, np.inf)
    siting = solve_group_cover(
        seconds, None, GroupSize(min_size=4), budget=SolveBudget(10.0, 0.0, stop)
    )
    assert len(asked) < 10
    assert not siting.proven
