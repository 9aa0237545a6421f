"""Maximal coverage and set cover against plans counted by hand and all plans tried out."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InputError
from geo.facility_location import solve_max_coverage, solve_set_cover


def cutoff_of(case) -> float:
    finite = case.seconds[np.isfinite(case.seconds)]
    return float(np.median(finite)) if finite.size else 5.0


def check_coverage(case) -> None:
    cutoff_s = cutoff_of(case)
    siting = solve_max_coverage(case.seconds, case.p, cutoff_s, **case.rules)
    most = max(float(case.counts[case.drives(s) <= cutoff_s].sum()) for s in case.sets())
    assert siting.proven
    assert siting.objective == pytest.approx(most)
    assert siting.bound == siting.objective
    assert siting.sites.size == case.p
    assert set(case.forced) <= set(siting.sites.tolist())
    assert not set(case.banned) & set(siting.sites.tolist())
    covered = case.drives(siting.sites) <= cutoff_s
    assert (siting.assignment >= 0).tolist() == covered.tolist()


def check_cover(case) -> None:
    cutoff_s = cutoff_of(case)
    siting = solve_set_cover(case.seconds, cutoff_s, **case.rules)
    allowed = [j for j in range(case.seconds.shape[1]) if j not in case.banned]
    possible = case.drives(allowed) <= cutoff_s
    fewest = min(
        p
        for p in range(len(case.forced), len(allowed) + 1)
        for sites in case.sets(p)
        if (case.drives(sites) <= cutoff_s)[possible].all()
    )
    assert siting.proven
    assert siting.objective == siting.bound == siting.sites.size == fewest
    assert set(case.forced) <= set(siting.sites.tolist())
    assert not set(case.banned) & set(siting.sites.tolist())
    assert (siting.assignment >= 0).tolist() == possible.tolist()


def test_most_within_the_cutoff() -> None:
    siting = solve_max_coverage([[10, 99], [10, 99], [99, 10]], 1, 50)
    assert (siting.sites.tolist(), siting.objective) == ([0], 2.0)
    assert siting.assignment.tolist() == [0, 0, -1]


def test_weight_counts_as_coverage() -> None:
    siting = solve_max_coverage([[10, 99], [10, 99], [99, 10]], 1, 50, weights=[1, 1, 3])
    assert (siting.sites.tolist(), siting.objective) == ([1], 3.0)


def test_of_equal_coverage_the_shorter_drive() -> None:
    assert solve_max_coverage([[40, 10], [40, 10]], 1, 50).sites.tolist() == [1]


def test_two_sites_are_needed() -> None:
    siting = solve_set_cover([[10, 99, 40], [10, 99, 99], [99, 10, 40]], 50)
    assert (siting.sites.tolist(), siting.objective) == ([0, 1], 2.0)


def test_nobody_to_cover_needs_no_site() -> None:
    siting = solve_set_cover([[99, 99]], 50)
    assert (siting.sites.tolist(), siting.assignment.tolist()) == ([], [-1])
    assert siting.proven


def test_small_cases_equal_trying_all_plans(cases) -> None:
    for case in cases(21, 200):
        check_coverage(case)
        check_cover(case)


@pytest.mark.slow
def test_many_small_cases_equal_trying_all_plans(cases) -> None:
    for case in cases(22, 2000):
        check_coverage(case)
        check_cover(case)


def test_larger_covers_are_proven_and_agree(county) -> None:
    seconds = county(200, 80, 1)
    cover = solve_set_cover(seconds, 1500)
    assert cover.proven
    p = int(cover.objective)
    all_covered = solve_max_coverage(seconds, p, 1500)
    one_less = solve_max_coverage(seconds, p - 1, 1500)
    placeable = int((cover.assignment >= 0).sum())
    assert all_covered.objective == placeable
    assert one_less.proven
    assert one_less.objective < placeable


def test_progress_hears_coverage(county) -> None:
    heard: list[tuple[float, float]] = []

    def progress(_elapsed: float, objective: float, bound: float) -> bool:
        heard.append((objective, bound))
        return True

    siting = solve_max_coverage(county(200, 80, 2), 4, 1200, progress=progress)
    assert all(bound >= objective - 1e-6 for objective, bound in heard)
    assert heard[-1][0] == siting.objective


@pytest.mark.parametrize("cutoff_s", [-1, float("nan")])
def test_what_is_no_cutoff_is_refused(cutoff_s) -> None:
    with pytest.raises(InputError, match="cutoff"):
        solve_max_coverage([[1.0]], 1, cutoff_s)
    with pytest.raises(InputError, match="cutoff"):
        solve_set_cover([[1.0]], cutoff_s)
