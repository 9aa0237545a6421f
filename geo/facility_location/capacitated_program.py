"""Groups of limited size: the programs behind the capacitated p-median; see `capacitated`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.effort import Effort
from geo.facility_location.highs import Outcome, Program, solve_program
from geo.facility_location.interchange import Bools, Interchange, random_set
from geo.facility_location.siting import TOLERANCE, Floats, Rows, relative_gap

_NEAREST = 10
_SCALE = 1000.0
"""The dearest pair costs this in a program, since the tolerances of HiGHS are absolute."""
_EPS = 1e-6
_FIRST_SLACK = 0.01
"""Pairs within this fraction of the bound take part in the first program with whole sites."""


@dataclass(frozen=True, slots=True)
class Groups:
    """A capacitated problem.

    Attributes
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    least, most
        The smallest group, and (c,) the largest at each site.
    p
        How many sites.
    forced
        (c,) sites that must be chosen.
    """

    cost: Floats
    least: int
    most: Floats
    p: int
    forced: Bools


@dataclass(slots=True)
class Found:
    """The best plan so far.

    Attributes
    ----------
    chosen
        (c,) the sites.
    site
        (r,) where every row goes, -1 = nowhere.
    value, bound
        Its cost, ``inf`` where no plan is known, and what none is below.
    """

    chosen: Bools
    site: Rows
    value: float = math.inf
    bound: float = -math.inf
    proven: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a plan."""
        return math.isfinite(self.value)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs of site and row that take part in a program."""

    site: Rows
    row: Rows


class GroupSearch:
    """A search for the cheapest groups."""

    def __init__(self, groups: Groups, effort: Effort, seed: int) -> None:
        self._groups, self._effort, self._seed = groups, effort, seed
        finite = np.isfinite(groups.cost)
        dearest = float(groups.cost.max(initial=0.0, where=finite))
        self._scale = _SCALE / max(dearest, 1e-300)
        self._cost = groups.cost * self._scale if dearest else groups.cost
        self._unplaced = 0
        self._found = Found(
            np.zeros(len(groups.cost), np.bool_), np.full(groups.cost.shape[1], -1, np.intp)
        )

    def solve(self) -> Found:
        """Return the best plan that the effort allows."""
        found = self._found
        certain = self._place_most()
        if not found.known and certain:
            found.proven, found.bound = True, math.inf
        elif self._effort.goes_on(found.value / self._scale, 0.0):
            self._minimise()
            found.proven = certain and found.bound >= found.value * (1 - TOLERANCE) - 1e-9
        found.bound /= self._scale
        found.value /= self._scale
        return found

    def _place_most(self) -> bool:
        """Find how many rows must go nowhere, and a plan; return whether the number is proven."""
        groups = self._groups
        rows = groups.cost.shape[1]
        order = np.lexsort((groups.most, groups.forced))[::-1]
        least = max(0, rows - int(groups.most[order[: groups.p]].sum()))
        self._offer(self._start(), rows)
        if self._unplaced == least and self._found.known:
            return True
        site, row = np.nonzero(np.isfinite(self._cost))
        pairs = _Pairs(site, row)
        program = self._program(pairs, strong=False)
        cost = np.zeros(len(program.cost))
        cost[-rows or len(cost) :] = 1.0
        outcome = solve_program(
            replace(program, cost=cost),
            time_limit_s=self._effort.left_s / 2,
            goes_on=lambda _objective, _bound: self._effort.still_on(),
        )
        if outcome.values is not None:
            self._offer(self._sites(outcome.values, len(pairs.site)), rows)
        if outcome.infeasible:
            return True
        return self._found.known and outcome.bound > self._unplaced - 0.5

    def _start(self) -> Bools:
        """Return the forced sites and others that are near, by a local search without sizes."""
        groups = self._groups
        open_ = groups.forced.copy()
        able = ~open_ & (groups.most >= max(1, groups.least))
        q = groups.p - int(open_.sum())
        beyond = 2 * _SCALE
        cost = np.minimum(self._cost, beyond)
        near = cost[open_].min(axis=0, initial=beyond)
        if q > int(able.sum()):
            able = ~open_
        if q and cost.shape[1]:
            random = np.random.default_rng(self._seed)
            local = Interchange(np.minimum(cost[able], near), q)
            some = random_set(int(able.sum()), q, random)
            open_[able] = local.descend(some, self._effort.still_on)[0]
        elif q:
            open_[np.flatnonzero(able)[:q]] = True
        return open_

    def _offer(self, chosen: Bools, unplaced: int) -> None:
        """Fill the groups of a set of sites, and keep the plan if it is the best."""
        site = self._fill(chosen)
        if site is None:
            return
        nowhere = int((site < 0).sum())
        placed = np.flatnonzero(site >= 0)
        value = float(self._cost[site[placed], placed].sum())
        known = self._unplaced if self._found.known else unplaced + 1
        if nowhere < known or (nowhere == known and value < self._found.value):
            self._unplaced = nowhere
            self._found.chosen, self._found.site, self._found.value = chosen, site, value

    def _fill(self, chosen: Bools) -> Rows | None:
        """Send every row to one of the sites at the least cost; None where sizes forbid it."""
        site, row = np.nonzero(np.isfinite(self._cost) & chosen[:, None])
        program = self._program(_Pairs(site, row), strong=False)
        rows = self._cost.shape[1]
        dear = _SCALE * (rows + 1)
        cost = program.cost.copy()
        cost[len(cost) - rows :] = dear
        lower = np.zeros(len(cost))
        upper = program.upper.copy()
        lower[len(site) : len(site) + len(chosen)] = chosen
        upper[len(site) : len(site) + len(chosen)] = chosen
        none = np.zeros(len(cost), np.bool_)
        outcome = solve_program(replace(program, cost=cost, lower=lower, upper=upper, integer=none))
        if outcome.values is None:
            return None
        target = np.full(rows, -1, np.intp)
        goes = outcome.values[: len(site)] > 0.5
        target[row[goes]] = site[goes]
        return target

    def _minimise(self) -> None:
        """Find the cheapest plan that places as many rows, with its bound."""
        found = self._found
        take = self._nearest_pairs()
        bound, reduced = self._price(take)
        found.bound = max(found.bound, bound)
        slack = max(_FIRST_SLACK * abs(bound), _EPS)
        while self._wants_more():
            take |= reduced <= slack
            missing = float(reduced.min(initial=math.inf, where=~take))
            outcome = self._solve_whole(take)
            if outcome.values is not None:
                self._offer(self._sites(outcome.values, int(take.sum())), self._unplaced)
            found.bound = max(found.bound, min(outcome.bound, bound + missing, found.value))
            if outcome.bound <= bound + missing or found.value <= bound + missing:
                return
            slack = found.value - bound

    def _wants_more(self) -> bool:
        found, effort = self._found, self._effort
        close = relative_gap(found.value, found.bound) <= max(effort.gap, TOLERANCE)
        goes_on = effort.goes_on(found.value / self._scale, found.bound / self._scale)
        return not close and goes_on

    def _nearest_pairs(self) -> Bools:
        """Return (c, r) the pairs to begin with: the nearest, and those of the plan."""
        k = min(_NEAREST, len(self._cost))
        edge = np.partition(self._cost, k - 1, axis=0)[k - 1]
        take = (self._cost <= edge) & np.isfinite(self._cost)
        placed = np.flatnonzero(self._found.site >= 0)
        take[self._found.site[placed], placed] = True
        return np.asarray(take)

    def _price(self, take: Bools) -> tuple[float, Floats]:
        """Solve the linear program over all pairs, taking in those that it wants.

        Returns its value and (c, r) what using each pair that is out would add at least.
        """
        sites, rows = self._cost.shape
        while True:
            pairs = _Pairs(*np.nonzero(take))
            program = self._program(pairs, strong=True)
            none = np.zeros(len(program.cost), np.bool_)
            outcome = solve_program(
                replace(program, integer=none), time_limit_s=self._effort.left_s
            )
            if outcome.duals is None:
                return -math.inf, np.full_like(self._cost, -math.inf)
            at_row = outcome.duals[:rows]
            at_site = outcome.duals[rows : rows + sites]
            at_site = at_site + outcome.duals[rows + sites : rows + 2 * sites]
            reduced = self._cost - at_row - at_site[:, None]
            wanted = ~take & (reduced < -_EPS)
            if not wanted.any():
                return outcome.bound, np.where(take, math.inf, np.maximum(reduced, 0.0))
            take |= wanted

    def _solve_whole(self, take: Bools) -> Outcome:
        pairs = _Pairs(*np.nonzero(take))
        effort = self._effort

        def goes_on(objective: float, bound: float) -> bool:
            known = max(bound, self._found.bound)
            if relative_gap(objective, known) <= effort.gap:
                return False
            return effort.goes_on(objective / self._scale, known / self._scale)

        return solve_program(
            self._program(pairs, strong=True),
            time_limit_s=effort.left_s,
            start=self._point(pairs),
            goes_on=goes_on,
        )

    def _point(self, pairs: _Pairs) -> Floats:
        found = self._found
        goes = found.site[pairs.row] == pairs.site
        return np.concatenate([goes, found.chosen, found.site < 0]).astype(np.float64)

    def _sites(self, values: Floats, k: int) -> Bools:
        return np.asarray(values[k : k + len(self._cost)] > 0.5)

    def _program(self, pairs: _Pairs, *, strong: bool) -> Program:
        """State the problem over some pairs: rows, largest and smallest groups, numbers, links."""
        groups = self._groups
        sites, rows = self._cost.shape
        k = len(pairs.site)
        x = sparse.csr_matrix((np.ones(k), (pairs.row, np.arange(k))), shape=(rows, k))
        at = sparse.csr_matrix((np.ones(k), (pairs.site, np.arange(k))), shape=(sites, k))
        blocks = [
            [x, None, sparse.eye(rows)],
            [at, sparse.diags(-groups.most), None],
            [at, sparse.diags(np.full(sites, -float(groups.least))), None],
            [None, np.ones((1, sites)), None],
            [None, None, np.ones((1, rows))],
        ]
        nowhere = (self._unplaced, self._unplaced) if strong else (-np.inf, np.inf)
        lower: list[npt.ArrayLike] = [
            np.ones(rows),
            np.full(sites, -np.inf),
            np.zeros(sites),
            [groups.p, nowhere[0]],
        ]
        upper: list[npt.ArrayLike] = [
            np.ones(rows),
            np.zeros(sites),
            np.full(sites, np.inf),
            [groups.p, nowhere[1]],
        ]
        if strong:
            y = sparse.csr_matrix((-np.ones(k), (np.arange(k), pairs.site)), shape=(k, sites))
            blocks.append([sparse.eye(k), y, None])
            lower.append(np.full(k, -np.inf))
            upper.append(np.zeros(k))
        able = (groups.most >= groups.least).astype(np.float64)
        kinds = np.repeat([False, True, False], [k, sites, rows])
        return Program(
            cost=np.concatenate([self._cost[pairs.site, pairs.row], np.zeros(sites + rows)]),
            lower=np.concatenate([np.zeros(k), groups.forced, np.zeros(rows)]),
            upper=np.concatenate([np.ones(k), np.maximum(able, groups.forced), np.ones(rows)]),
            integer=kinds,
            matrix=sparse.bmat(blocks, format="csr"),
            row_lower=np.hstack(lower),
            row_upper=np.hstack(upper),
        )
