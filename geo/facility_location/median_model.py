"""Least total as an integer program, for the small and knotty rest that branching leaves.

Minimise ``sum_i cap_i - sum_ij (cap_i - c_ij) x_ij`` subject to ``sum_j x_ij <= 1``,
``x_ij <= y_j``, ``sum_j y_j = p``, ``y`` whole, over the pairs with ``c_ij < cap_i``: the strong
formulation of ReVelle & Swain 1970, Geographical Analysis 2: 30. Its cuts close gaps of half a unit
that would cost branching thousands of branches.

A problem of least total over sites, and the best set that is known for one.

Minimises, over sets S of p sites, ``sum_i min(cap_i, min_{j in S} c_ij)``. With ``c`` the travel
times and caps without end this is the p-median problem (Hakimi 1964, Operations Research 12: 450);
with ``c`` = 0 within a cutoff and caps = weights it is maximal coverage (Church & ReVelle 1976,
Geographical Analysis 8: 406, show the link).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.highs import GoesOn, Outcome, Program, solve_program
from geo.facility_location.local_search import Bools
from geo.facility_location.model import Floats

_DEAREST = 1000.0
"""Costs are scaled to this, since the tolerances of HiGHS are absolute."""


def count_pairs(cost: Floats, cap: Floats) -> int:
    """Return how many pairs of row and site the program would have."""
    return int(np.count_nonzero(cost < cap))


def solve_median_program(
    cost: Floats,
    cap: Floats,
    p: int,
    *,
    start: npt.NDArray[np.bool_] | None,
    time_limit_s: float,
    goes_on: GoesOn,
) -> tuple[npt.NDArray[np.bool_] | None, float]:
    """Solve a problem of least total.

    Parameters
    ----------
    cost, cap, p
        As in `geo.facility_location.median_model.MedianProblem`.
    start
        (m,) sites to begin with, p of them.
    time_limit_s
        Seconds.
    goes_on
        Asked with objective and bound; False stops.

    Returns
    -------
    tuple
        (m,) the sites, None where none were found, and what no total is below.
    """
    site, row = np.nonzero(cost < cap)
    saving = cap[row] - cost[site, row]
    scale = _DEAREST / saving.max(initial=1e-300)
    program = _program(len(cost), len(cap), site, row, -saving * scale, p)
    total = float(cap.sum())

    def unscaled(objective: float, bound: float) -> bool:
        return goes_on(total + objective / scale, total + bound / scale)

    outcome = solve_program(
        program,
        time_limit_s=time_limit_s,
        start=None if start is None else _point(start, site, row, saving),
        goes_on=unscaled,
    )
    return _sites(outcome, len(cost)), total + outcome.bound / scale


def _program(
    m: int, n: int, site: npt.NDArray[np.intp], row: npt.NDArray[np.intp], cost: Floats, p: int
) -> Program:
    k = len(site)
    pair = np.arange(k)
    ones = np.ones(k)
    served = sparse.csr_matrix((ones, (row, pair)), shape=(n, k + m))
    link = sparse.csr_matrix(
        (np.concatenate([ones, -ones]), (np.tile(pair, 2), np.concatenate([pair, k + site]))),
        shape=(k, k + m),
    )
    number = sparse.csr_matrix((np.ones(m), (np.zeros(m, int), k + np.arange(m))), shape=(1, k + m))
    return Program(
        cost=np.concatenate([cost, np.zeros(m)]),
        upper=np.ones(k + m),
        integer=np.arange(k + m) >= k,
        matrix=sparse.vstack([served, link, number], format="csr"),
        row_lower=np.concatenate([np.full(n + k, -np.inf), [p]]),
        row_upper=np.concatenate([np.ones(n), np.zeros(k), [p]]),
    )


def _point(
    chosen: npt.NDArray[np.bool_],
    site: npt.NDArray[np.intp],
    row: npt.NDArray[np.intp],
    saving: Floats,
) -> Floats:
    """Return the variables of a set of sites: every row at the one that saves most."""
    value = np.where(chosen[site], saving, -1.0)
    order = np.lexsort((-value, row))
    first = order[np.unique(row[order], return_index=True)[1]]
    served = np.zeros(len(site))
    served[first] = value[first] > 0
    return np.concatenate([served, chosen.astype(np.float64)])


def _sites(outcome: Outcome, m: int) -> npt.NDArray[np.bool_] | None:
    return None if outcome.values is None else outcome.values[-m:] > 0.5


@dataclass(frozen=True, slots=True)
class MedianProblem:
    """A problem of least total over sites.

    Attributes
    ----------
    cost
        (m, n) by site, finite, nowhere above the cap.
    cap
        (n,) what a row costs at most.
    p
        How many sites to choose, 1 to m.
    unit
        Every total is a multiple of this; 0.0 where totals may be any number.
    penalty
        What a person costs who is placed nowhere; more than any total without; 0.0 for none.
    slack
        Totals that are closer than this are equal, where there is no unit.
    """

    cost: Floats
    cap: Floats
    p: int
    unit: float = 0.0
    penalty: float = 0.0
    slack: float = 0.0

    def reduced(self, opened: Bools, free: Bools) -> MedianProblem:
        """Return what is left to choose when some sites are open and only some are free."""
        cap = np.minimum(self.cap, self.cost[opened].min(axis=0, initial=np.inf))
        cost = np.minimum(self.cost[free], cap)
        return replace(self, cost=cost, cap=cap, p=self.p - int(opened.sum()))

    def penalties(self, value: float) -> float:
        """Return how much of a total is penalties."""
        if not self.penalty or math.isinf(value):
            return 0.0
        return self.penalty * (value // self.penalty)


@dataclass(slots=True)
class Incumbent:
    """The best set so far, and what is proven of it.

    Attributes
    ----------
    chosen
        (m,) the sites.
    value, bound
        Their total, and what no total is below.
    """

    chosen: Bools
    value: float
    bound: float = -math.inf
    proven: bool = False
