"""Mixed-integer programs, solved by HiGHS: the one module that knows it.

HiGHS keeps one pool of threads per process. To ask for another number of threads makes it return
an error and an empty solution, which must not be read as "infeasible"; so every program here runs
on one thread, and an answer counts only with a model status that says so.

Source: Huangfu & Hall 2018, Mathematical Programming Computation 10: 119 (HiGHS).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import SetupError
from geo.facility_location.model import Floats, SolveBudget

if TYPE_CHECKING:
    import highspy
    import scipy.sparse


@dataclass(frozen=True, slots=True)
class Program:
    """Minimise ``cost @ x`` over ``row_lower <= matrix @ x <= row_upper`` and ``0 <= x <= upper``.

    Attributes
    ----------
    cost, upper
        (k,) by variable.
    integer
        (k,) which variables must be whole.
    matrix
        (r, k) sparse.
    row_lower, row_upper
        (r,) limits, ``-inf`` and ``inf`` for none.
    lower
        (k,) least values; None = 0.
    """

    cost: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    matrix: scipy.sparse.csr_matrix
    row_lower: Floats
    row_upper: Floats
    lower: Floats | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What HiGHS found.

    Attributes
    ----------
    values
        (k,) the best point; None where none was found.
    objective
        Its cost; ``inf`` where there is none.
    bound
        No point costs less; ``inf`` where it is proven that there is none.
    """

    values: Floats | None
    objective: float
    bound: float

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that there is no point at all."""
        return self.values is None and self.bound == math.inf


def solve_program(
    program: Program,
    budget: SolveBudget,
    *,
    first: bool = False,
    start: Floats | None = None,
) -> Outcome:
    """Solve a program.

    Parameters
    ----------
    program, budget
        What to solve; the best so far and its bound are returned when the budget is spent. An
        integer program reports its objective and bound now and then.
    first
        Stop at the first point whose variables are whole where they must be.
    start
        (k,) a point to begin with.

    Raises
    ------
    SetupError
        HiGHS ended in a state that is no answer.
    """
    import highspy

    if budget.left_s <= 0:
        return Outcome(start, _cost(program, start), -math.inf)
    for _ in range(2):
        solver = _load(program, budget.left_s)
        if first:
            solver.setOptionValue("mip_max_improving_sols", 1)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = start.tolist()
            solver.setSolution(solution)
        if program.integer.any():
            _report(solver, budget)
        if solver.run() != highspy.HighsStatus.kError:
            return _outcome(solver, program)
        # Somebody else in this process ran HiGHS on another number of threads: begin anew.
        highspy.Highs.resetGlobalScheduler(True)
    raise SetupError("HiGHS could not run; close what else uses it in this process and try again.")


def _cost(program: Program, point: Floats | None) -> float:
    return math.inf if point is None else float(program.cost @ point)


def _load(program: Program, time_limit_s: float) -> highspy.Highs:
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-9),
        ("time_limit", time_limit_s),
    ):
        solver.setOptionValue(name, value)
    matrix = program.matrix.tocsr()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = program.cost
    lp.col_lower_ = np.zeros(len(program.cost)) if program.lower is None else program.lower
    lp.col_upper_ = program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    if program.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in program.integer.tolist()]
    solver.passModel(lp)
    return solver


def _report(solver: highspy.Highs, budget: SolveBudget) -> None:
    from highspy import cb

    def interrupt(kind: Any, _text: str, data_out: Any, data_in: Any, _extra: Any) -> None:
        if kind == cb.HighsCallbackType.kCallbackMipInterrupt and not budget.report(
            data_out.mip_primal_bound, data_out.mip_dual_bound
        ):
            data_in.user_interrupt = True

    solver.setCallback(interrupt, None)
    solver.startCallback(cb.HighsCallbackType.kCallbackMipInterrupt)


def _outcome(solver: highspy.Highs, program: Program) -> Outcome:
    from highspy import HighsModelStatus as Status

    status = solver.getModelStatus()
    if status == Status.kInfeasible:
        return Outcome(None, math.inf, math.inf)
    known = (Status.kOptimal, Status.kTimeLimit, Status.kInterrupt, Status.kObjectiveTarget)
    if status not in (*known, Status.kSolutionLimit, Status.kIterationLimit):
        raise SetupError(f"HiGHS ended with {solver.modelStatusToString(status)!r}; no answer.")
    info = solver.getInfo()
    solution = solver.getSolution()
    whole = program.integer.any()
    found = info.primal_solution_status == 2  # kSolutionStatusFeasible
    optimal = status == Status.kOptimal
    bound = (
        info.mip_dual_bound if whole else (info.objective_function_value if optimal else -math.inf)
    )
    return Outcome(
        values=np.asarray(solution.col_value) if found else None,
        objective=info.objective_function_value if found else math.inf,
        bound=float(bound),
    )
