"""The p-center against plans counted by hand, all plans tried out, and published optima."""

from __future__ import annotations

import numpy as np
import pytest

from geo.facility_location import solve_p_center


def best_key(case):
    """Return people nowhere, drives from the worst on, weighted total, of the best plan."""
    keys = []
    for sites in case.sets():
        drive = case.drives(sites)
        placed = np.isfinite(drive)
        total = float((case.counts[placed] * drive[placed]).sum())
        keys.append((int((~placed).sum()), sorted(drive[placed].tolist(), reverse=True), total))
    return min(keys)


def check(siting, case) -> None:
    unplaced, drives, total = best_key(case)
    assert siting.proven
    assert siting.ties_proven
    assert siting.unplaced.size == unplaced
    assert siting.objective == siting.bound == siting.worst_s == (drives[0] if drives else 0)
    assert siting.sites.size == case.p
    assert set(case.forced) <= set(siting.sites.tolist())
    assert not set(case.banned) & set(siting.sites.tolist())
    drive = case.drives(siting.sites)
    placed = np.isfinite(drive)
    assert sorted(drive[placed].tolist(), reverse=True) == drives
    assert (case.counts[placed] * drive[placed]).sum() == pytest.approx(total)


def test_the_worst_counts_first_then_the_next_worst() -> None:
    siting = solve_p_center([[100, 100, 90], [80, 70, 110], [10, 60, 0]], 1)
    assert (siting.sites.tolist(), siting.objective, siting.ties_proven) == ([1], 100.0, True)


def test_weights_only_break_the_last_tie() -> None:
    seconds = [[10, 20], [20, 10]]
    assert solve_p_center(seconds, 1, weights=[9, 1]).sites.tolist() == [0]
    assert solve_p_center(seconds, 1, weights=[1, 9]).sites.tolist() == [1]
    assert solve_p_center(seconds, 1, weights=[1, 9]).objective == 20


def test_small_cases_equal_trying_all_plans(cases) -> None:
    for case in cases(11, 200):
        check(solve_p_center(case.seconds, case.p, **case.rules), case)


@pytest.mark.slow
def test_many_small_cases_equal_trying_all_plans(cases) -> None:
    for case in cases(12, 2000):
        check(solve_p_center(case.seconds, case.p, **case.rules), case)


@pytest.mark.parametrize(("number", "optimum"), [(1, 127), (6, 84), (16, 47), (26, 38)])
def test_published_optima(orlib, number, optimum) -> None:
    lengths, p = orlib(number)  # optima: Daskin 2000; Elloumi, Labbé & Pochet 2004
    siting = solve_p_center(lengths, p)
    assert (siting.objective, siting.bound, siting.proven) == (optimum, optimum, True)


def test_the_order_of_the_people_does_not_matter(county) -> None:
    seconds = county(120, 50, 8)
    order = np.random.default_rng(0).permutation(120)
    first, again = solve_p_center(seconds, 6), solve_p_center(seconds[order], 6)
    assert again.sites.tolist() == first.sites.tolist()
    assert again.assignment.tolist() == first.assignment[order].tolist()


def test_stopped_at_once_it_still_answers_honestly(county) -> None:
    seconds = county(150, 60, 9)
    best = solve_p_center(seconds, 5)
    hasty = solve_p_center(seconds, 5, time_limit_s=0)
    assert best.proven
    assert hasty.bound <= best.objective <= hasty.objective or hasty.unplaced.size > 0
    assert not hasty.proven
