"""The mix of least total and least worst: every plan of the front is the best under its cap."""

from __future__ import annotations

import itertools

import pytest

from geo.errors import InputError
from geo.facility_location import solve_fair_mix, solve_p_center, solve_p_median


def check(front, case) -> None:
    unplaced, total = case.totals()
    assert front[-1].objective == pytest.approx(total, abs=1e-9)
    for siting in front:
        assert siting.proven
        assert siting.unplaced.size == unplaced
        assert siting.objective == pytest.approx(case.totals(siting.worst_s)[1], abs=1e-9)
    for fairer, shorter in itertools.pairwise(front):
        assert fairer.worst_s < shorter.worst_s
        assert fairer.objective > shorter.objective


def test_small_fronts_equal_trying_all_plans(cases) -> None:
    for case in cases(31, 100):
        check(solve_fair_mix(case.seconds, case.p, **case.rules), case)


@pytest.mark.slow
def test_many_small_fronts_equal_trying_all_plans(cases) -> None:
    for case in cases(32, 2000):
        check(solve_fair_mix(case.seconds, case.p, **case.rules), case)


def test_the_ends_are_the_fairest_and_the_shortest(county) -> None:
    seconds = county(120, 60, 1)
    front = solve_fair_mix(seconds, 6)
    assert front[0].worst_s == solve_p_center(seconds, 6).objective
    assert front[-1].objective == solve_p_median(seconds, 6).objective
    assert 2 <= len(front) <= 8


def test_one_plan_is_no_mix() -> None:
    with pytest.raises(InputError, match="2 or more"):
        solve_fair_mix([[1.0]], 1, plans=1)
