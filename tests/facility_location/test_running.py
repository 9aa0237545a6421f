"""How the solvers run: lazily imported, compiled ahead, side by side, beside another HiGHS."""

from __future__ import annotations

import subprocess
import sys
import threading

import highspy
import numpy as np
import pytest
from scipy import sparse

from geo.facility_location import (
    SolveBudget,
    branch_and_bound,
    lagrangian,
    local_search,
    solve_capacitated,
    solve_p_center,
    solve_p_median,
    solve_set_cover,
    warm,
)
from geo.facility_location.highs import Program, solve_program


def test_importing_the_package_imports_neither_numba_nor_highs() -> None:
    code = (
        "import sys, geo.facility_location as f; f.__all__;"
        "assert not {'numba', 'highspy', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_unknown_names_are_unknown() -> None:
    import geo.facility_location

    with pytest.raises(AttributeError, match="solve_everything"):
        _ = geo.facility_location.solve_everything


def test_warm_compiles_all_that_solvers_call(county) -> None:
    warm()
    kernels = [
        kernel
        for module in (local_search, lagrangian, lagrangian, lagrangian)
        for kernel in vars(module).values()
        if hasattr(kernel, "overloads")
    ]
    assert len(kernels) >= 15
    before = [len(kernel.overloads) for kernel in kernels]
    frozen = county(60, 30, 1)
    frozen.setflags(write=False)
    for seconds in (frozen, frozen.astype(np.float64), frozen[:, :1], frozen[:1], frozen.T):
        p = min(3, seconds.shape[1])
        solve_p_median(seconds, p, weights=np.arange(len(seconds)))
        solve_p_center(seconds, p)
        solve_capacitated(seconds, p, max_size=40)
    assert [len(kernel.overloads) for kernel in kernels] == before


def test_threads_do_not_disturb_each_other(county) -> None:
    seconds = county(100, 50, 3)
    expected = solve_p_median(seconds, 6).sites.tolist(), solve_set_cover(seconds, 1200).objective
    found = []

    def solve() -> None:
        sites = solve_p_median(seconds, 6).sites.tolist()
        found.append((sites, solve_set_cover(seconds, 1200).objective))

    threads = [threading.Thread(target=solve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_one_thread_or_two_make_no_difference(monkeypatch) -> None:
    costs = np.random.default_rng(5).integers(1, 100, (80, 40))  # no map: bounds are poor
    runs = []
    for threads in (1, 2):
        heard: list[tuple[float, float]] = []
        monkeypatch.setattr(branch_and_bound, "_THREADS", threads)
        siting = solve_p_median(costs, 6, progress=lambda _s, *now, heard=heard: heard.append(now))
        runs.append((siting.sites.tolist(), siting.objective, siting.proven, heard))
    assert len(runs[0][-1]) > 40  # it did branch
    assert runs[0] == runs[1]


def knapsack() -> Program:
    """Three things of weight 2, 3 and 4 worth 3, 4 and 5.5, into 6."""
    return Program(
        cost=np.array([-3.0, -4.0, -5.5]),
        upper=np.ones(3),
        integer=np.ones(3, np.bool_),
        matrix=sparse.csr_matrix([[2.0, 3.0, 4.0]]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([6.0]),
    )


def test_another_highs_with_other_threads_is_survived() -> None:
    other = highspy.Highs()
    other.setOptionValue("output_flag", False)
    other.setOptionValue("threads", 2)
    other.addVar(0.0, 1.0)
    other.run()
    outcome = solve_program(knapsack(), SolveBudget())
    assert (outcome.objective, outcome.bound) == (-8.5, -8.5)
    assert not outcome.infeasible


def test_infeasible_and_unfinished_are_told_apart() -> None:
    program = knapsack()
    impossible = Program(
        program.cost,
        program.upper,
        program.integer,
        program.matrix,
        row_lower=np.array([99.0]),
        row_upper=np.array([np.inf]),
    )
    assert solve_program(impossible, SolveBudget()).infeasible
    unfinished = solve_program(program, SolveBudget(0.0))
    assert not unfinished.infeasible
    assert unfinished.bound == -np.inf
