"""Groups of limited size against plans counted by hand, all plans tried out, and HiGHS."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import optimize, sparse

from geo.errors import InputError
from geo.facility_location import solve_capacitated, solve_p_median


def best_groups(case, least: int, rooms: np.ndarray) -> tuple[int, float] | None:
    """Return the fewest people nowhere and the least total, over all plans; None = no plan."""
    best = None
    for sites in case.sets():
        totals = {(0,) * case.p: (0, 0.0)}  # by sizes of the groups
        for drives, weight in zip(case.seconds, case.counts, strict=True):
            after: dict[tuple[int, ...], tuple[int, float]] = {}
            for sizes, (nowhere, total) in totals.items():
                after[sizes] = min(after.get(sizes, (99, 0.0)), (nowhere + 1, total))
                for k, site in enumerate(sites):
                    if np.isfinite(drives[site]) and sizes[k] < rooms[site]:
                        larger = (*sizes[:k], sizes[k] + 1, *sizes[k + 1 :])
                        value = (nowhere, total + float(weight * drives[site]))
                        after[larger] = min(after.get(larger, (99, 0.0)), value)
            totals = after
        for sizes, value in totals.items():
            if min(sizes) >= least and (best is None or value < best):
                best = value
    return best


def check(case, random: np.random.Generator) -> None:
    least = int(random.integers(0, 3))
    most = int(random.integers(max(1, least), 5))
    rooms = random.choice([0, 1, 2, 3, 9, np.inf], case.seconds.shape[1])
    siting = solve_capacitated(
        case.seconds, case.p, min_size=least, max_size=most, capacities=rooms, **case.rules
    )
    known = best_groups(case, least, np.minimum(rooms, most))
    assert siting.proven
    if known is None:
        assert not siting.feasible
        assert siting.sites.size == 0
        assert (siting.assignment == -1).all()
        return
    assert siting.unplaced.size == known[0]
    assert siting.objective == pytest.approx(known[1], rel=1e-6, abs=1e-9)
    assert siting.sites.size == case.p
    assert set(case.forced) <= set(siting.sites.tolist())
    assert not set(case.banned) & set(siting.sites.tolist())
    sizes = np.bincount(siting.assignment[siting.assignment >= 0], minlength=len(rooms))
    assert (sizes[siting.sites] >= least).all()
    assert (sizes <= np.minimum(rooms, most)).all()
    assert sizes.sum() == sizes[siting.sites].sum()


def test_the_fourth_must_go_elsewhere() -> None:
    siting = solve_capacitated([[0, 60], [10, 60], [20, 50], [30, 60]], 2, max_size=3)
    assert siting.assignment.tolist() in ([0, 0, 1, 0], [0, 0, 0, 1])
    assert siting.objective == 90.0 or siting.objective == 0 + 10 + 30 + 50


def test_a_smallest_group_draws_somebody_over() -> None:
    siting = solve_capacitated([[0, 90], [0, 90], [0, 70], [90, 0]], 2, min_size=2)
    assert (siting.assignment.tolist(), siting.objective) == ([0, 0, 1, 1], 70.0)


def test_too_little_room_leaves_the_fewest_out() -> None:
    siting = solve_capacitated([[5], [1], [9]], 1, max_size=2)
    assert (siting.unplaced.tolist(), siting.objective, siting.proven) == ([2], 6.0, True)


def test_no_plan_is_said_to_be_none() -> None:
    siting = solve_capacitated([[5, 5], [1, 1]], 2, min_size=2)
    assert not siting.feasible
    assert siting.proven
    assert siting.objective == siting.bound == float("inf")


def test_small_cases_equal_trying_all_plans(cases) -> None:
    random = np.random.default_rng(41)
    for case in itertools.islice((case for case in cases(41, 600) if case.p <= 3), 150):
        check(case, random)


@pytest.mark.slow
def test_many_small_cases_equal_trying_all_plans(cases) -> None:
    random = np.random.default_rng(42)
    for case in (case for case in cases(42, 3000) if case.p <= 4):
        check(case, random)


def test_without_limits_it_is_the_p_median(county) -> None:
    seconds = county(80, 30, 1)
    free, median = solve_capacitated(seconds, 5), solve_p_median(seconds, 5)
    assert free.proven
    assert free.objective == pytest.approx(median.objective, rel=1e-6)


def test_a_full_plan_equals_one_large_program(county) -> None:
    n, m, p, least, most = 60, 25, 7, 4, 10
    seconds = np.minimum(county(n, m, 2).astype(np.float64), 5400)
    pair = np.arange(n * m)
    row, site = np.divmod(pair, m)
    ones = np.ones(n * m)
    at = sparse.csr_matrix((ones, (site, pair)), shape=(m, n * m))
    blocks = [
        [sparse.csr_matrix((ones, (row, pair))), None],
        [at, -most * sparse.eye(m)],
        [at, -least * sparse.eye(m)],
        [sparse.eye(n * m), sparse.csr_matrix((-ones, (pair, site)))],
        [None, np.ones((1, m))],
    ]
    lower = np.concatenate([np.ones(n), np.full(m, -np.inf), np.zeros(m), -np.inf * ones, [p]])
    upper = np.concatenate([np.ones(n), np.zeros(m), np.full(m, np.inf), 0 * ones, [p]])
    whole = optimize.milp(
        np.concatenate([seconds.ravel(), np.zeros(m)]),
        constraints=optimize.LinearConstraint(sparse.bmat(blocks, format="csc"), lower, upper),
        bounds=optimize.Bounds(0, 1),
        integrality=np.repeat([0, 1], [n * m, m]),
        options={"mip_rel_gap": 0},
    )
    siting = solve_capacitated(seconds, p, min_size=least, max_size=most)
    assert siting.proven
    assert siting.objective == pytest.approx(whole.fun, rel=1e-6)


def test_the_order_of_the_people_does_not_matter(county) -> None:
    seconds = county(60, 25, 3)
    order = np.random.default_rng(0).permutation(60)
    first = solve_capacitated(seconds, 7, min_size=4, max_size=10)
    again = solve_capacitated(seconds[order], 7, min_size=4, max_size=10)
    assert again.sites.tolist() == first.sites.tolist()
    assert again.assignment.tolist() == first.assignment[order].tolist()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"min_size": -1}, "a smallest group of -1"),
        ({"min_size": 3, "max_size": 2}, "a largest group of 2 is smaller than 3"),
        ({"capacities": [1]}, "give one a site"),
        ({"capacities": [1, -2]}, "a capacity is negative"),
    ],
)
def test_contradictions_are_refused(limits, message) -> None:
    with pytest.raises(InputError, match=message):
        solve_capacitated([[5, 5], [1, 1], [1, 1]], 1, **limits)
