"""Set cover and maximal coverage: sites such that rows are near one of them, with a proof.

Set cover: choose ``y_j`` (site j is chosen), 0 or 1, to

    minimise    sum_j y_j
    subject to  sum_{j within the cutoff of i} y_j >= 1      for every row i that any site covers

Few rows decide. So the program starts with rows that share no site, and takes in the rows that its
answer leaves out until there are none: first as a linear program, whose value rounded up is a
bound, then with whole sites. Sites that reach a part of what another reaches are left out.

Maximal coverage: choose ``y_j`` and ``z_i`` (row i is covered), all 0 or 1, to

    maximise    sum_i w_i z_i
    subject to  z_i <= sum_{j within the cutoff of i} y_j
                sum_j y_j = p

It is a problem of least total in which a row costs its weight unless it is covered; see
`branch_and_bound`. Of the plans found that are as good, either takes one of short total drive.

Sources: Toregas, Swain, ReVelle & Bergman 1971, Operations Research 19: 1363 (set cover); Church &
ReVelle 1974, Papers of the Regional Science Association 32: 101 (maximal coverage); Chen & Chen
2009, Computers & Operations Research 36: 1646 (growing the set of rows).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.errors import InputError
from geo.facility_location.highs import Program, solve_program
from geo.facility_location.median_model import MedianProblem
from geo.facility_location.model import (
    TOLERANCE,
    Bools,
    Floats,
    Instance,
    Rows,
    SiteConstraints,
    Siting,
    SolveBudget,
    SolveProgress,
    read_instance,
    total,
)
from geo.facility_location.p_median import (
    common_unit,
    exchange_forced,
    median_problem,
    solve_forced,
)

_EPS = 1e-6
_NEW_ROWS = 40


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover, (c,) sites or None, and its proof: no cover has fewer sites than ``bound``."""

    chosen: Bools | None
    bound: int


def fewest_sites(
    near: Bools, forced: Bools, budget: SolveBudget, *, enough: int | None = None
) -> Cover:
    """Find a cover of the fewest sites that holds the forced ones.

    ``near`` is (c, r) whether site and row are near, where every row is near some site. Any cover
    of at most ``enough`` sites will do, and a proof that there is none.
    """
    left = ~near[forced].any(axis=0)
    taken = int(forced.sum())
    if not left.any():
        return Cover(forced.copy(), taken)
    more = None if enough is None else enough - taken
    search = _CoverSearch(near[np.ix_(~forced, left)], budget, more)
    search.solve()
    rest = search.cover()
    if rest.chosen is None:
        return Cover(None, rest.bound + taken)
    chosen = forced.copy()
    chosen[~forced] = rest.chosen
    return Cover(chosen, rest.bound + taken)


def greedy(near: Bools, rank: Floats | None = None) -> Bools:
    """Cover all rows by taking the site that covers most that are left, times its rank.

    Sites that the later ones made needless are dropped again (Chvátal 1979, Mathematics of
    Operations Research 4: 233).
    """
    chosen = np.zeros(len(near), np.bool_)
    left = np.ones(near.shape[1], np.bool_)
    counts = near.sum(axis=1).astype(np.float64)
    while left.any():
        site = int((counts if rank is None else counts * rank).argmax())
        if counts[site] <= 0:
            site = int(near[:, left.argmax()].argmax())
        chosen[site] = True
        newly = near[site] & left
        left &= ~newly
        counts -= near[:, newly].sum(axis=1)
    times = near[chosen].sum(axis=0)
    for site in np.flatnonzero(chosen).tolist():
        if (times[near[site]] > 1).all():
            chosen[site] = False
            times -= near[site]
    return chosen


class _CoverSearch:
    """The rows that are in, the best cover so far and the bound."""

    def __init__(self, near: Bools, budget: SolveBudget, enough: int | None) -> None:
        self._near, self._budget, self._enough = near, budget, enough
        self._best = greedy(near)
        self._inside = self._disjoint_rows()
        self._bound = int(self._inside.sum())

    def solve(self) -> None:
        """Take rows in, as a linear program and then with whole sites, until no row is left out."""
        if self.settled():
            return
        while self.grow_linear():
            pass
        while not self.settled() and self.grow_whole():
            pass

    def cover(self) -> Cover:
        """Return the best cover, if it is small enough."""
        size = int(self._best.sum())
        fits = self._enough is None or size <= self._enough
        return Cover(self._best if fits else None, min(self._bound, size))

    def settled(self) -> bool:
        size = int(self._best.sum())
        if self._enough is not None and (size <= self._enough or self._bound > self._enough):
            return True
        return self._bound >= size or not self._budget.should_continue()

    def _disjoint_rows(self) -> Bools:
        """Return (r,) rows of which no two share a site, those with few sites first."""
        sites_of = self._near.sum(axis=0)
        inside = np.zeros(self._near.shape[1], np.bool_)
        used = np.zeros(len(self._near), np.bool_)
        for row in np.argsort(sites_of, kind="stable").tolist():
            if not (self._near[:, row] & used).any():
                inside[row] = True
                used |= self._near[:, row]
        return inside

    def grow_linear(self) -> bool:
        """Solve the linear program and take in what it leaves out; return whether to go on."""
        sites = self._useful_sites()
        outcome = solve_program(self._program(sites, whole=False), self._budget)
        if outcome.values is None or not math.isfinite(outcome.bound):
            return False
        self._bound = max(self._bound, math.ceil(outcome.bound - _EPS))
        rank = np.zeros(len(self._near))
        rank[sites] = outcome.values
        self._accept(greedy(self._near, rank + 1e-6))
        return not self.settled() and self._add_rows(rank @ self._near)

    def grow_whole(self) -> bool:
        """Solve the program with whole sites and take in what it leaves out."""
        sites = self._useful_sites()
        outcome = solve_program(
            self._program(sites, whole=True),
            self._budget.part(silent=True),
            first=self._enough is not None,
        )
        if outcome.infeasible:
            self._bound = (self._enough or 0) + 1
            return False
        if math.isfinite(outcome.bound):
            self._bound = max(self._bound, math.ceil(outcome.bound - _EPS))
        if outcome.values is None:
            return False
        chosen = np.zeros(len(self._near), np.bool_)
        chosen[sites] = outcome.values > 0.5
        covered = self._near[chosen].sum(axis=0).astype(np.float64)
        if covered.min() == 0:
            chosen = chosen | greedy(self._near[:, covered == 0])
        self._accept(chosen)
        return self._add_rows(covered)

    def _accept(self, chosen: Bools) -> None:
        if chosen.sum() < self._best.sum():
            self._best = chosen

    def _add_rows(self, covered: Floats) -> bool:
        """Take in the rows that are covered least; return whether there were any."""
        missing = np.flatnonzero((covered < 1 - _EPS) & ~self._inside)
        order = np.lexsort((self._near[:, missing].sum(axis=0), covered[missing]))
        self._inside[missing[order[:_NEW_ROWS]]] = True
        return missing.size > 0

    def _useful_sites(self) -> Rows:
        """Return the sites that no other site replaces, for the rows that are in."""
        part = np.unique(self._near[:, self._inside], axis=0, return_index=True)[1]
        part.sort()
        lines = self._near[np.ix_(part, self._inside)].astype(np.float32)
        common = lines @ lines.T
        size = lines.sum(axis=1)
        replaced = (common == size[:, None]) & (size[None, :] > size[:, None])
        return np.asarray(part[~replaced.any(axis=1) & (size > 0)])

    def _program(self, sites: Rows, *, whole: bool) -> Program:
        lines = self._near[np.ix_(sites, self._inside)].T.astype(np.float64)
        rows = [sparse.csr_matrix(lines)]
        lower, upper = np.ones(len(lines)), np.full(len(lines), np.inf)
        if whole and self._enough is not None:
            rows.append(sparse.csr_matrix(np.ones((1, len(sites)))))
            lower, upper = np.append(lower, -np.inf), np.append(upper, self._enough)
        return Program(
            cost=np.ones(len(sites)),
            upper=np.ones(len(sites)),
            integer=np.full(len(sites), whole),
            matrix=sparse.vstack(rows, format="csr"),
            row_lower=lower,
            row_upper=upper,
        )


def solve_max_coverage(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    cutoff_s: float,
    *,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
) -> Siting:
    """Choose p sites so that the weight of the rows within the cutoff is greatest.

    Other parameters are those of `geo.facility_location.solve_p_median`.

    Parameters
    ----------
    cutoff_s
        A row is covered by a chosen site at most so many seconds away.
    progress
        Called with elapsed seconds, covered weight and a bound from above; False stops.

    Returns
    -------
    Siting
        ``objective`` is the covered weight and ``bound`` is no less. Rows are assigned only within
        the cutoff; all others are -1.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_max_coverage([[0, 60], [60, 0], [900, 300]], 1, 300)
    >>> siting.sites.tolist(), siting.objective, siting.assignment.tolist()
    ([1], 3.0, [1, 1, 1])
    """
    check_cutoff(cutoff_s)
    everything = read_instance(seconds, SiteConstraints(weights, forced, banned), p)
    instance = everything.within(cutoff_s)
    whole = total(instance.weights)

    def report(elapsed_s: float, objective: float, bound: float) -> bool | None:
        return None if progress is None else progress(elapsed_s, whole - objective, whole - bound)

    budget = SolveBudget(time_limit_s, gap, report)
    # As a problem of least total, a row costs its weight unless it is within the cutoff.
    weight = instance.weights
    cost = np.where(np.isfinite(instance.seconds), 0.0, weight)
    problem = MedianProblem(cost, weight, p, common_unit(weight), slack=TOLERANCE * whole)
    best = solve_forced(problem, instance.forced, budget, seed)
    chosen = shorter_drives(instance, p, best.chosen, budget)
    siting = instance.total_siting(instance.chosen_columns(chosen, p), 0.0, False, budget)
    covered = total(instance.given_weights[siting.assignment >= 0])
    bound = covered if best.proven else max(covered, whole - best.bound)
    return replace(siting, objective=covered, bound=bound, proven=best.proven)


def check_cutoff(cutoff_s: float) -> None:
    """Raise InputError for a cutoff that is negative or no number."""
    if not cutoff_s >= 0:
        raise InputError(f"a cutoff of {cutoff_s} s is none; give 0 or more.")


def shorter_drives(instance: Instance, p: int, chosen: Bools, budget: SolveBudget) -> Bools:
    """Exchange sites for a shorter total drive, if that covers no less."""
    problem = median_problem(instance, p)
    shorter = exchange_forced(problem, instance.forced, budget, chosen)

    def covered(sites: Bools) -> float:
        return total(instance.weights[np.isfinite(instance.seconds[sites]).any(axis=0)])

    return shorter if covered(shorter) >= covered(chosen) else chosen


def solve_set_cover(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    cutoff_s: float,
    *,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    progress: SolveProgress | None = None,
) -> Siting:
    """Choose the fewest sites that cover every row that can be covered.

    Other parameters are those of `geo.facility_location.solve_p_median`.

    Parameters
    ----------
    cutoff_s
        A row is covered by a chosen site at most so many seconds away.
    weights
        (n,) how much a row counts in the total drive of two covers of one size; None = 1 each.
    progress
        Called with elapsed seconds, number of sites and its bound; False stops.

    Returns
    -------
    Siting
        ``objective`` is the number of sites. A row that no allowed site covers is assigned -1;
        all others are covered.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_set_cover([[0, 60], [60, 0], [900, 300]], 300)
    >>> siting.sites.tolist(), siting.objective, siting.proven
    ([1], 1.0, True)
    """
    check_cutoff(cutoff_s)
    budget = SolveBudget(time_limit_s, 0.0, progress)
    instance = read_instance(seconds, SiteConstraints(weights, forced, banned)).within(cutoff_s)
    near = np.isfinite(instance.seconds)
    coverable = near.any(axis=0)
    cover = fewest_sites(near[:, coverable], instance.forced, budget)
    chosen = instance.forced if cover.chosen is None else cover.chosen
    size = int(chosen.sum())
    budget.report(size, cover.bound)
    if size:
        chosen = shorter_drives(instance, size, chosen, budget)
    columns = instance.chosen_columns(chosen)
    proven = cover.bound >= size
    siting = instance.total_siting(columns, 0.0, proven, budget)
    return replace(siting, objective=float(size), bound=float(min(cover.bound, size)))
