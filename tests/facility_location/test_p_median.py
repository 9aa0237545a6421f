"""The p-median against plans counted by hand, all plans tried out, and published optima."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo.errors import InputError
from geo.facility_location import solve_p_median

LINE = [[0, 60, 300], [60, 0, 240], [300, 240, 0]]


def check(siting, case) -> None:
    unplaced, total = case.totals()
    assert siting.proven
    assert siting.gap == 0
    assert siting.unplaced.size == unplaced
    assert siting.objective == pytest.approx(total, rel=1e-7, abs=1e-9)
    assert siting.bound == siting.objective
    assert siting.sites.tolist() == sorted(set(siting.sites.tolist()))
    assert siting.sites.size == case.p
    assert set(case.forced) <= set(siting.sites.tolist())
    assert not set(case.banned) & set(siting.sites.tolist())
    placed = siting.assignment >= 0
    drive = case.seconds[np.flatnonzero(placed), siting.assignment[placed]]
    assert (case.counts[placed] * drive).sum() == pytest.approx(siting.objective, rel=1e-9)
    assert drive.tolist() == case.drives(siting.sites)[placed].tolist()


def test_three_people_on_a_line() -> None:
    siting = solve_p_median(LINE, 1)
    assert (siting.sites.tolist(), siting.objective, siting.worst_s) == ([1], 300.0, 240.0)
    assert siting.assignment.tolist() == [1, 1, 1]


def test_a_root_that_decides_every_site_is_an_answer() -> None:
    random = np.random.default_rng(40)  # a draw whose bound leaves nothing to branch on
    people, sites = random.random((200, 2)) * 40, random.random((30, 2)) * 40
    seconds = np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1)) * 60
    seconds[seconds > 700] = np.inf
    siting = solve_p_median(seconds, 3)
    drives = (seconds[:, list(chosen)].min(axis=1) for chosen in combinations(range(30), 3))
    finite = (drive[np.isfinite(drive)] for drive in drives)
    placed, total = min((-drive.size, drive.sum()) for drive in finite)
    assert siting.proven
    assert siting.unplaced.size == 200 + placed
    assert siting.objective == pytest.approx(total, rel=1e-9)


def test_a_weight_pulls_the_site() -> None:
    assert solve_p_median(LINE, 1, weights=[1, 1, 5]).sites.tolist() == [2]


def test_more_people_placed_beats_any_shorter_total() -> None:
    siting = solve_p_median(np.array([[0, 9000], [0, 9000], [np.inf, 9000]]), 1)
    assert (siting.sites.tolist(), siting.objective, siting.proven) == ([1], 27000.0, True)


def test_a_weightless_person_is_placed_too() -> None:
    siting = solve_p_median(np.array([[0, 50], [np.inf, 50]]), 1, weights=[1, 0])
    assert (siting.sites.tolist(), siting.objective) == ([1], 50.0)


def test_who_reaches_nothing_is_nowhere_and_costs_nothing() -> None:
    siting = solve_p_median(np.array([[10, 20], [np.inf, np.inf]]), 1)
    assert siting.unplaced.tolist() == [1]
    assert (siting.objective, siting.bound, siting.proven) == (10.0, 10.0, True)


def test_nobody_at_all() -> None:
    siting = solve_p_median(np.zeros((0, 4)), 2)
    assert (siting.sites.size, siting.objective, siting.proven) == (2, 0.0, True)


def test_nobody_reaches_anything() -> None:
    siting = solve_p_median(np.full((3, 4), np.inf), 2)
    assert siting.unplaced.tolist() == [0, 1, 2]
    assert (siting.sites.size, siting.objective, siting.proven) == (2, 0.0, True)


def test_small_cases_equal_trying_all_plans(cases) -> None:
    for case in cases(1, 200):
        check(solve_p_median(case.seconds, case.p, **case.rules), case)


@pytest.mark.slow
def test_many_small_cases_equal_trying_all_plans(cases) -> None:
    for case in cases(2, 2000):
        check(solve_p_median(case.seconds, case.p, **case.rules), case)


@given(
    seconds=arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 7), st.integers(1, 6)),
        elements=st.floats(0, 1e5) | st.just(np.inf) | st.integers(0, 3).map(float),
    ),
    data=st.data(),
)
@settings(max_examples=100)
def test_any_matrix_equals_trying_all_plans(seconds, data) -> None:
    p = data.draw(st.integers(1, seconds.shape[1]))
    siting = solve_p_median(seconds, p)
    from itertools import combinations

    def key(sites):
        drive = seconds[:, sites].min(axis=1)
        return int(np.isinf(drive).sum()), float(drive[np.isfinite(drive)].sum())

    unplaced, total = min(key(list(sites)) for sites in combinations(range(seconds.shape[1]), p))
    assert siting.proven
    assert siting.unplaced.size == unplaced
    assert siting.objective == pytest.approx(total, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("number", "optimum"), [(1, 5819), (6, 7824), (16, 8162), (26, 9917)])
def test_published_optima(orlib, number, optimum) -> None:
    lengths, p = orlib(number)
    siting = solve_p_median(lengths, p)
    assert (siting.objective, siting.bound, siting.proven) == (optimum, optimum, True)


def test_whole_numbers_of_any_type(county) -> None:
    seconds = np.minimum(county(40, 20, 5), 5400).astype(np.int32)
    as_int, as_float = solve_p_median(seconds, 4), solve_p_median(seconds.astype(np.float32), 4)
    assert as_int.objective == as_float.objective
    assert as_int.sites.tolist() == as_float.sites.tolist()


@pytest.mark.parametrize("weighted", [False, True])
def test_the_order_of_the_people_does_not_matter(county, weighted) -> None:
    random = np.random.default_rng(3)
    seconds = county(150, 60, 3)
    seconds = seconds[random.integers(0, 120, 150)]  # some live together
    weights = random.uniform(0.5, 2, 150) if weighted else np.ones(150)
    first = solve_p_median(seconds, 7, weights=weights, seed=5)
    for _ in range(3):
        order = random.permutation(150)
        again = solve_p_median(seconds[order], 7, weights=weights[order], seed=5)
        assert again.sites.tolist() == first.sites.tolist()
        assert again.assignment.tolist() == first.assignment[order].tolist()
        assert (again.objective, again.bound) == (first.objective, first.bound)


def test_equal_sites_tie_to_the_lowest_column() -> None:
    seconds = np.array([[5.0, 1, 1, 9], [5, 1, 1, 9], [5, 2, 2, 9]])
    assert solve_p_median(seconds, 1).sites.tolist() == [1]
    assert solve_p_median(seconds, 1, forced=[2]).sites.tolist() == [2]
    assert solve_p_median(seconds, 4).sites.tolist() == [0, 1, 2, 3]


def test_stopped_at_once_it_still_answers_honestly(county) -> None:
    seconds = county(300, 150, 1)
    best = solve_p_median(seconds, 12)
    hasty = solve_p_median(seconds, 12, time_limit_s=0)
    assert best.proven
    assert hasty.sites.size == 12
    assert hasty.bound <= best.objective <= hasty.objective
    assert hasty.proven == (hasty.gap == 0)


def test_progress_closes_in_and_stops(county) -> None:
    seconds = county(300, 150, 2)
    heard: list[tuple[float, ...]] = []

    def progress(*now: float) -> bool:
        heard.append(now)
        return len(heard) < 4

    siting = solve_p_median(seconds, 12, progress=progress)
    assert len(heard) == 4
    elapsed, objectives, bounds = zip(*heard, strict=True)
    assert list(elapsed) == sorted(elapsed)
    assert list(objectives) == sorted(objectives, reverse=True)
    assert list(bounds) == sorted(bounds)
    assert siting.bound <= siting.objective


def test_a_gap_is_kept(county) -> None:
    seconds = county(400, 150, 4)
    siting = solve_p_median(seconds, 15, gap=0.05)
    best = solve_p_median(seconds, 15)
    assert siting.gap <= 0.05
    assert siting.bound <= best.objective <= siting.objective


def test_many_left_out_is_still_proven(county) -> None:
    seconds = county(120, 50, 6)
    seconds[seconds > 1500] = np.inf
    siting = solve_p_median(seconds, 3, time_limit_s=20)
    assert siting.unplaced.size > 20
    assert siting.proven


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"p": 0}, "0 sites cannot be chosen"),
        ({"p": 4}, "only 3 are allowed"),
        ({"p": 3, "banned": [0]}, "only 2 are allowed"),
        ({"p": 1, "forced": [0, 1]}, "2 sites are forced"),
        ({"p": 1, "forced": [3]}, "the forced site 3 does not exist"),
        ({"p": 1, "banned": [-1]}, "the banned site -1 does not exist"),
        ({"p": 1, "forced": [1], "banned": [1]}, "both forced and banned"),
        ({"p": 1, "weights": [1, 2]}, "give one a row"),
        ({"p": 1, "weights": [1, 2, -1]}, "a weight is negative"),
        ({"p": 1, "weights": [1, 2, np.nan]}, "a weight is negative or not finite"),
        ({"p": 1, "time_limit_s": -1}, "a time limit of -1 s"),
        ({"p": 1, "gap": float("nan")}, "a gap of nan"),
    ],
)
def test_contradictions_are_refused(arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        solve_p_median(LINE, **arguments)


@pytest.mark.parametrize("seconds", [[[1.0, np.nan]], [[-1.0, 2.0]], [1.0, 2.0]])
def test_what_is_no_travel_time_is_refused(seconds) -> None:
    with pytest.raises(InputError):
        solve_p_median(seconds, 1)
