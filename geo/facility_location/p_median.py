"""The p-median: p sites with the least total drive.

Choose ``y_j`` (site j is chosen) and ``x_ij`` (row i goes to site j), all 0 or 1, to

    minimise    sum_ij  w_i seconds_ij x_ij
    subject to  sum_j x_ij = 1         every row goes somewhere
                x_ij <= y_j            only to chosen sites
                sum_j y_j = p

Where p sites cannot reach everybody, as many rows as possible are placed first: a row that goes
nowhere costs more than all drives together.

Sources: Hakimi 1964, Operations Research 12: 450; ReVelle & Swain 1970, Geographical Analysis 2:
30; Daskin 2013, Network and Discrete Location, chapter 6. How it is solved: `branch_and_bound`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.facility_location.branch_and_bound import solve_median
from geo.facility_location.local_search import Interchange
from geo.facility_location.median_model import Incumbent, MedianProblem
from geo.facility_location.model import (
    Bools,
    Floats,
    Instance,
    SiteConstraints,
    Siting,
    SolveBudget,
    SolveProgress,
    read_instance,
    total,
)


def solve_p_median(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    *,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
) -> Siting:
    """Choose p sites so that the total of weighted travel times is least.

    Parameters
    ----------
    seconds
        (n, m) travel times from demand points to candidate sites; ``inf`` = cannot.
    p
        How many sites to choose, forced ones included.
    weights
        (n,) how much each row counts in the total, 0 or more; None = 1 each.
    forced, banned
        Columns that must, and must not, be chosen.
    time_limit_s
        Return the best so far after this many seconds, with what is proven of it.
    seed
        Of the random exchanges of the local search. The same seed gives the same siting, in
        whatever order the rows come, unless the time limit or ``progress`` ends it early.
    gap
        Stop when the objective is proven within this fraction of the best; 0 = prove it.
    progress
        Called now and then with elapsed seconds, objective and bound; answers False to stop.

    Returns
    -------
    Siting
        ``objective`` is ``sum_i w_i seconds_i`` over the rows that are placed.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    Three people on a line at 0, 1 and 5 minutes; where should two of these meet points be?

    >>> siting = solve_p_median([[0, 60, 300], [60, 0, 240], [300, 240, 0]], 2)
    >>> siting.objective, siting.proven
    (60.0, True)
    """
    budget = SolveBudget(time_limit_s, gap, progress)
    instance = read_instance(seconds, SiteConstraints(weights, forced, banned), p)
    problem = median_problem(instance, p)
    best = solve_forced(problem, instance.forced, budget, seed)
    columns = instance.chosen_columns(best.chosen, p)
    bound = max(0.0, best.bound - problem.penalties(best.value))
    return instance.total_siting(columns, bound, best.proven, budget)


def solve_forced(
    problem: MedianProblem, forced: Bools, budget: SolveBudget, seed: int
) -> Incumbent:
    """Solve a problem of least total in which some sites must be chosen."""
    left = replace(problem, p=min(problem.p, len(forced)))
    if forced.any():
        left = left.reduced(forced, ~forced)
    chosen = forced.copy()
    if left.p == 0:
        value = float(left.cap.sum())
        return Incumbent(chosen, value, value, proven=True)
    best = solve_median(left, budget, seed)
    chosen[~forced] = best.chosen
    return Incumbent(chosen, best.value, best.bound, best.proven)


def exchange_forced(
    problem: MedianProblem, forced: Bools, budget: SolveBudget, start: Bools
) -> Bools:
    """Improve a set that holds the forced sites by exchanging the others; nothing is proven."""
    left = MedianProblem(problem.cost, problem.cap, problem.p).reduced(forced, ~forced)
    if left.p == 0 or left.p >= len(left.cost) or left.cost.shape[1] == 0:
        return start
    chosen = forced.copy()
    chosen[~forced] = Interchange(left.cost, left.p).descend(
        start[~forced], budget.should_continue
    )[0]
    return chosen


def median_problem(instance: Instance, p: int) -> MedianProblem:
    """State the p-median of an instance as a problem of least total with penalties."""
    weighted = instance.weighted
    finite = np.isfinite(weighted)
    unit = common_unit(weighted)
    dearest = weighted.max(axis=0, initial=0.0, where=finite)
    # Whoever goes nowhere costs more than all others can save by it.
    penalty = np.ceil(total(dearest) + 1.0) * (unit or 1.0)
    cap = instance.people * penalty
    cost = weighted if finite.all() else np.minimum(weighted, cap)
    return MedianProblem(cost, cap, p, unit, float(penalty))


def common_unit(values: Floats) -> float:
    """Return the greatest whole number that divides all finite values; 0.0 where there is none.

    Examples
    --------
    >>> common_unit(np.array([60.0, 90.0, np.inf]))
    30.0
    >>> common_unit(np.array([0.5]))
    0.0
    """
    unit = 0
    for line in np.atleast_2d(values):
        known = line[np.isfinite(line)]
        if (known > 2**52).any() or (known != np.floor(known)).any():
            return 0.0
        unit = int(np.gcd.reduce(known.astype(np.int64), initial=unit))
    return float(max(unit, 1))
