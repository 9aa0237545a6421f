"""Covers: sites such that every row is near one of them, as few as possible, with a proof.

Minimise ``sum_j y_j`` subject to ``sum_{j near i} y_j >= 1`` for every row i, ``y`` 0 or 1.

Few rows decide. So the program starts with rows that share no site, and takes in the rows that its
answer leaves out until there are none: first as a linear program, whose value rounded up is a
bound, then with whole sites. Sites that reach a part of what another reaches are left out.

Sources: Toregas, Swain, ReVelle & Bergman 1971, Operations Research 19: 1363 (set cover); Chen &
Chen 2009, Computers & Operations Research 36: 1646 (growing the set of rows).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.effort import Effort
from geo.facility_location.highs import Program, solve_program
from geo.facility_location.siting import Floats, Rows

Bools = npt.NDArray[np.bool_]

_EPS = 1e-6
_NEW_ROWS = 40


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover and its proof.

    Attributes
    ----------
    chosen
        (c,) sites; None where none was found that is small enough.
    bound
        No cover has fewer sites.
    """

    chosen: Bools | None
    bound: int


def fewest(near: Bools, effort: Effort, *, enough: int | None = None) -> Cover:
    """Find a cover of the fewest sites.

    Parameters
    ----------
    near
        (c, r) whether site and row are near; every row is near some site.
    effort
        How long to try.
    enough
        Any cover of at most so many sites will do, and a proof that there is none.
    """
    search = _Search(near, effort, enough)
    if search.settled():
        return search.cover()
    while search.grow_linear():
        pass
    while not search.settled() and search.grow_whole():
        pass
    return search.cover()


def fewest_with(near: Bools, forced: Bools, effort: Effort, *, enough: int | None = None) -> Cover:
    """Find a cover of the fewest sites that holds the forced ones; otherwise as `fewest`."""
    left = ~near[forced].any(axis=0)
    taken = int(forced.sum())
    more = None if enough is None else enough - taken
    if not left.any():
        return Cover(forced.copy(), taken)
    rest = fewest(near[np.ix_(~forced, left)], effort, enough=more)
    if rest.chosen is None:
        return Cover(None, rest.bound + taken)
    chosen = forced.copy()
    chosen[~forced] = rest.chosen
    return Cover(chosen, rest.bound + taken)


def greedy(near: Bools, rank: Floats | None = None) -> Bools:
    """Cover all rows by taking the site that covers most that are left, weighed by a rank.

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


class _Search:
    """The rows that are in, the best cover so far and the bound."""

    def __init__(self, near: Bools, effort: Effort, enough: int | None) -> None:
        self._near, self._effort, self._enough = near, effort, enough
        self._best = greedy(near)
        self._inside = self._apart()
        self._bound = int(self._inside.sum())

    def cover(self) -> Cover:
        size = int(self._best.sum())
        fits = self._enough is None or size <= self._enough
        return Cover(self._best if fits else None, min(self._bound, size))

    def settled(self) -> bool:
        size = int(self._best.sum())
        if self._enough is not None and (size <= self._enough or self._bound > self._enough):
            return True
        return self._bound >= size or not self._effort.still_on()

    def _apart(self) -> Bools:
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
        outcome = solve_program(self._program(sites, whole=False), time_limit_s=self._effort.left_s)
        if outcome.values is None or not math.isfinite(outcome.bound):
            return False
        self._bound = max(self._bound, math.ceil(outcome.bound - _EPS))
        rank = np.zeros(len(self._near))
        rank[sites] = outcome.values
        self._offer(greedy(self._near, rank + 1e-6))
        return not self.settled() and self._take_in(rank @ self._near)

    def grow_whole(self) -> bool:
        """Solve the program with whole sites and take in what it leaves out."""
        sites = self._useful_sites()
        outcome = solve_program(
            self._program(sites, whole=True),
            time_limit_s=self._effort.left_s,
            first=self._enough is not None,
            goes_on=lambda _objective, _bound: self._effort.still_on(),
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
        if covered.min() > 0:
            self._offer(chosen)
        else:
            self._offer(self._completed(chosen))
        return self._take_in(covered)

    def _completed(self, chosen: Bools) -> Bools:
        left = ~self._near[chosen].any(axis=0)
        return chosen | greedy(self._near[:, left])

    def _offer(self, chosen: Bools) -> None:
        if chosen.sum() < self._best.sum():
            self._best = chosen

    def _take_in(self, covered: Floats) -> bool:
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
