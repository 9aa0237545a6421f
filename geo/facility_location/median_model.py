"""A problem of least total over sites, the best set that is known, and its integer program.

Minimise, over sets S of p sites, ``sum_i min(cap_i, min_{j in S} c_ij)``. With ``c`` the travel
times and caps without end this is the p-median problem (Hakimi 1964, Operations Research 12: 450);
with ``c`` = 0 within a cutoff and caps = weights it is maximal coverage (Church & ReVelle 1976,
Geographical Analysis 8: 406, show the link).

As an integer program: minimise ``sum_i cap_i - sum_ij (cap_i - c_ij) x_ij`` subject to
``sum_j x_ij <= 1``, ``x_ij <= y_j``, ``sum_j y_j = p``, ``y`` whole, over the pairs with
``c_ij < cap_i``: the strong formulation of ReVelle & Swain 1970, Geographical Analysis 2: 30.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from geo.facility_location.highs import Program, solve_program
from geo.facility_location.model import TOLERANCE, Bools, Floats, Rows, SolveBudget, relative_gap


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
        How many sites to choose, 0 to m.
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

    @property
    def only_choice(self) -> Bools | None:
        """(m,) the only set of p sites, or any where no row is left; None where there are more."""
        m, n = self.cost.shape
        return None if 0 < self.p < m and n else np.arange(m) < self.p

    def total(self, chosen: Bools) -> float:
        """Return the total of a set of sites."""
        return float(np.vstack([self.cost[chosen], self.cap]).min(axis=0).sum())

    def penalties(self, value: float) -> float:
        """Return how much of a total is penalties."""
        if not self.penalty or math.isinf(value):
            return 0.0
        return self.penalty * (value // self.penalty)

    def fathoming_bound(self, value: float) -> float:
        """Return the least bound of a node that holds nothing better than a known total.

        Where totals are multiples of a unit, a better one is a whole unit less. Otherwise better
        means by more than the tolerance, of which penalties are no part.
        """
        if self.unit:
            return value - self.unit + 1e-6 * self.unit + 1e-12 * value
        tolerance = TOLERANCE * (value - self.penalties(value))
        return value - max(tolerance, self.slack)


@dataclass(slots=True)
class Incumbent:
    """The best (m,) set of sites so far, its total, and what no total is below."""

    chosen: Bools
    value: float
    bound: float = -math.inf
    proven: bool = False

    def raise_bound(self, bound: float) -> None:
        """Take a bound that holds for every set; it never passes the value."""
        self.bound = max(self.bound, min(bound, self.value))

    def report(self, problem: MedianProblem, budget: SolveBudget) -> bool:
        """Report value and bound without penalties; return whether to go on."""
        penalties = problem.penalties(self.value)
        return budget.report(self.value - penalties, self.bound - penalties)

    def settled(self, problem: MedianProblem, budget: SolveBudget) -> bool:
        """Whether it is proven or near enough to the bound, or the budget is spent."""
        penalties = problem.penalties(self.value)
        gap = relative_gap(self.value - penalties, self.bound - penalties)
        proven = self.bound >= problem.fathoming_bound(self.value)
        return gap <= budget.gap or proven or budget.stopped


_DEAREST = 1000.0
"""Costs are scaled to this, since the tolerances of HiGHS are absolute."""


def count_pairs(cost: Floats, cap: Floats) -> int:
    """Return how many pairs of row and site the program would have."""
    return int(np.count_nonzero(cost < cap))


def solve_median_program(problem: MedianProblem, budget: SolveBudget) -> tuple[Bools | None, float]:
    """Solve a problem of least total: return (m,) sites, or None, and what no total is below."""
    cost, cap = problem.cost, problem.cap
    site, row = np.nonzero(cost < cap)
    saving = cap[row] - cost[site, row]
    scale = _DEAREST / saving.max(initial=1e-300)
    program = _program(len(cost), len(cap), site, row, -saving * scale, problem.p)
    total = float(cap.sum())

    def unscaled(_elapsed_s: float, objective: float, bound: float) -> bool:
        return budget.report(total + objective / scale, total + bound / scale)

    outcome = solve_program(program, SolveBudget(budget.left_s, progress=unscaled))
    chosen = None if outcome.values is None else outcome.values[-len(cost) :] > 0.5
    return chosen, total + outcome.bound / scale


def _program(m: int, n: int, site: Rows, row: Rows, cost: Floats, p: int) -> Program:
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
