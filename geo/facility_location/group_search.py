"""The search for the cheapest groups of limited size; see `capacitated` for the problem.

How many people can be placed comes first. Then a bound over all pairs of site and row
(`group_bound`) tries the sites that it would choose, and leaves the few pairs that a better plan
could use to an integer program (`group_program`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.facility_location.effort import Effort
from geo.facility_location.group_bound import GroupAscent
from geo.facility_location.group_fill import fill_groups
from geo.facility_location.group_offers import offers_of
from geo.facility_location.group_people import place_most
from geo.facility_location.group_program import Groups, Pairs, group_program
from geo.facility_location.group_size import Bools, Sizes
from geo.facility_location.highs import Outcome, solve_program
from geo.facility_location.siting import TOLERANCE, Floats, Rows, relative_gap

_SCALE = 1000.0
"""The dearest pair costs this in a program, since the tolerances of HiGHS are absolute."""
_EPS = 1e-6
_ROUNDS, _ROUND_STEPS = 12, 40
"""How often the climb stops to try what it chose, and after how many steps each."""
_MOST_FAILURES = 40
"""So many exchanges of one site in a row that do not help end the local search."""
_FIRST_SLACK = 0.01
"""Pairs within this fraction of the bound take part in the first program with whole sites."""


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


class GroupSearch:
    """A search for the cheapest groups."""

    def __init__(self, groups: Groups, effort: Effort, seed: int) -> None:
        self._effort, self._seed = effort, seed
        finite = np.isfinite(groups.cost)
        dearest = float(groups.cost.max(initial=0.0, where=finite))
        self._scale = _SCALE / max(dearest, 1e-300)
        self._cost = groups.cost * self._scale if dearest else groups.cost
        self._groups = replace(groups, cost=self._cost)
        self._sizes = Sizes(groups.least, groups.most.astype(np.int64), groups.forced)
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
        number = self._groups.p, self._groups.p
        placed = place_most(self._cost, self._sizes, number, self._effort, self._seed)
        self._unplaced = placed.nowhere
        if placed.filled is not None:
            self._offer(placed.filled.chosen)
        return placed.proven

    def _offer(self, chosen: Bools) -> None:
        """Fill the groups of a set of sites, and keep the plan if it is the best."""
        site = fill_groups(self._cost, chosen, self._sizes)
        if site is None:
            return
        placed = np.flatnonzero(site >= 0)
        value = float(self._cost[site[placed], placed].sum())
        if len(site) - len(placed) <= self._unplaced and value < self._found.value:
            self._found.chosen, self._found.site, self._found.value = chosen, site, value

    def _minimise(self) -> None:
        """Find the cheapest plan that places as many rows, with its bound."""
        found = self._found
        bound, added = self._climb()
        found.bound = max(found.bound, min(bound, found.value))
        slack = max(min(_FIRST_SLACK * abs(bound), found.value - bound), _EPS)
        take = self._pairs_of_plan()
        while self._wants_more():
            take |= added <= slack
            missing = float(added.min(initial=math.inf, where=~take))
            outcome = self._solve_whole(take)
            if outcome.values is not None:
                self._offer(self._sites(outcome.values, int(take.sum())))
            found.bound = max(found.bound, min(outcome.bound, bound + missing, found.value))
            if outcome.bound <= bound + missing or found.value <= bound + missing:
                return
            slack = found.value - bound

    def _wants_more(self) -> bool:
        found, effort = self._found, self._effort
        close = relative_gap(found.value, found.bound) <= max(effort.gap, TOLERANCE)
        goes_on = effort.goes_on(found.value / self._scale, found.bound / self._scale)
        return not close and goes_on

    def _pairs_of_plan(self) -> Bools:
        """Return (c, r) the pairs of the best plan."""
        take = np.zeros(self._cost.shape, np.bool_)
        placed = np.flatnonzero(self._found.site >= 0)
        take[self._found.site[placed], placed] = True
        return take

    def _climb(self) -> tuple[float, Floats]:
        """Climb to a bound, trying the sites that it would choose.

        Returns it and (c, r) what using each pair would add at least; ``inf`` = cannot.
        """
        groups, found = self._groups, self._found
        if not found.known:
            return 0.0, np.where(np.isfinite(self._cost), 0.0, math.inf)
        counts = groups.p, self._unplaced
        offers = offers_of(self._cost, groups.least, groups.most, groups.forced, counts)
        near = np.sort(self._cost, axis=0)[:2]
        ascent = GroupAscent(offers, np.where(np.isfinite(near), near, near[0]).mean(axis=0))
        tried = {found.chosen.tobytes()}
        for _ in range(_ROUNDS):
            more = ascent.settle(found.value, found.value, _ROUND_STEPS)
            found.bound = max(found.bound, min(ascent.bound, found.value))
            if (key := ascent.chosen.tobytes()) not in tried:
                tried.add(key)
                self._offer(ascent.chosen.copy())
            if not more or not self._wants_more():
                break
        if self._wants_more():
            self._exchange(ascent, tried)
        return ascent.bound, ascent.pair_bounds(self._cost) - ascent.bound

    def _exchange(self, ascent: GroupAscent, tried: set[bytes]) -> None:
        """Exchange one site of the best plan for another, those first that the bound likes best."""
        failures = 0
        while failures < _MOST_FAILURES:
            chosen, before = self._found.chosen, self._found.value
            for leave, come in ascent.exchanges(chosen, before, _MOST_FAILURES):
                other = chosen.copy()
                other[leave], other[come] = False, True
                if (key := other.tobytes()) not in tried:
                    tried.add(key)
                    self._offer(other)
                    failures += 1
                if self._found.value < before or failures >= _MOST_FAILURES:
                    break
                if self._effort.stopped:
                    return
            if self._found.value >= before or not self._wants_more():
                break
            failures = 0

    def _solve_whole(self, take: Bools) -> Outcome:
        pairs = Pairs(*np.nonzero(take))
        effort = self._effort

        def goes_on(objective: float, bound: float) -> bool:
            known = max(bound, self._found.bound)
            if relative_gap(objective, known) <= effort.gap:
                return False
            return effort.goes_on(objective / self._scale, known / self._scale)

        return solve_program(
            group_program(self._groups, pairs, self._unplaced),
            time_limit_s=effort.left_s,
            start=self._point(pairs),
            goes_on=goes_on,
        )

    def _point(self, pairs: Pairs) -> Floats:
        found = self._found
        goes = found.site[pairs.row] == pairs.site
        return np.concatenate([goes, found.chosen, found.site < 0]).astype(np.float64)

    def _sites(self, values: Floats, k: int) -> Bools:
        return np.asarray(values[k : k + len(self._cost)] > 0.5)
