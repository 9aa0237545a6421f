"""The capacitated p-median: groups no smaller and no larger than allowed.

Choose ``y_j`` (site j is chosen), ``x_ij`` (row i goes to site j) and ``u_i`` (row i goes nowhere),
all 0 or 1, to

    minimise    sum_ij  w_i seconds_ij x_ij
    subject to  sum_j x_ij + u_i = 1
                x_ij <= y_j
                min_size y_j <= sum_i x_ij <= max_size_j y_j
                sum_j y_j = p
                sum_i u_i = as few as can be

How few rows go nowhere comes first. Then a Lagrangian bound over all pairs of site and row
(`group_bound`) tries the sites that it would choose. Few pairs matter then: one that would add more
to the bound than the gap is in no better plan (variables fixed by their reduced costs), and the
others are left to an integer program. With ``y`` whole, ``x`` is a flow and is whole by itself.

Sources: Mulvey & Beck 1984, EJOR 18: 339 (the problem); Ceselli & Righini 2005, Networks 45: 125
(how its bounds behave).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.group_assignment import cheapest_assignment
from geo.facility_location.group_bound import GroupDual
from geo.facility_location.group_cuts import GroupFinder, GroupFit
from geo.facility_location.group_model import (
    GroupLimits,
    GroupSize,
    SiteCapacity,
    group_siting,
    no_siting,
)
from geo.facility_location.highs import Outcome, Program, solve_program
from geo.facility_location.local_search import Interchange, random_set
from geo.facility_location.model import (
    TOLERANCE,
    Bools,
    Floats,
    Rows,
    SiteConstraints,
    Siting,
    SolveBudget,
    SolveProgress,
    read_unmerged,
    relative_gap,
)

_TRIES = 60
"""Exchanges that are tried before a program is asked."""


def place_most(
    cost: Floats, limits: GroupLimits, number: tuple[int, int], budget: SolveBudget, seed: int = 0
) -> GroupFit:
    """Place as many rows as can be; the bound is how few can go nowhere.

    ``cost`` is (c, r) by site, ``inf`` = cannot; ``number`` is how many sites, at least and at
    most.
    """
    near = np.isfinite(cost)
    finder = GroupFinder(near, limits, budget)
    order = np.lexsort((limits.max_size, limits.forced))[::-1]
    room = int(limits.max_size[order[: number[1]]].sum())
    fewest = max(near.shape[1] - room, int((~near.any(axis=0)).sum()))
    if number[1] <= len(near):
        # Often a set of near sites is soon exchanged into one that leaves out no more than must be:
        # then no program is needed.
        start = start_sites(cost, limits, number[1], budget, seed)
        assignment = finder.repair(start, fewest, _TRIES)
        if assignment is not None:
            return GroupFit(assignment, fewest)
        finder.prune(start, number[0])
    # Whether the lower bound is reached is answered faster than how few rows are left out at best.
    fit = finder.within(number, fewest)
    if fit.assignment is None and fit.bound > fewest:
        fit = finder.most_people(number)
    return GroupFit(fit.assignment or finder.best, max(fit.bound, fewest))


def start_sites(cost: Floats, limits: GroupLimits, p: int, budget: SolveBudget, seed: int) -> Bools:
    """Return (c,) the forced sites and others that are near, by a local search without sizes."""
    chosen = limits.forced.copy()
    allowed = ~chosen & (limits.max_size >= max(1, limits.min_size))
    q = p - int(chosen.sum())
    beyond = 2.0 * float(cost.max(initial=1.0, where=np.isfinite(cost)))
    within = np.minimum(cost, beyond)
    near = within[chosen].min(axis=0, initial=beyond)
    if q > int(allowed.sum()):
        allowed = ~chosen
    if q and cost.shape[1]:
        random = np.random.default_rng(seed)
        local = Interchange(np.minimum(within[allowed], near), q)
        some = random_set(int(allowed.sum()), q, random)
        chosen[allowed] = local.descend(some, budget.should_continue)[0]
    elif q:
        chosen[np.flatnonzero(allowed)[:q]] = True
    return chosen


def _program(cost: Floats, limits: GroupLimits, p: int, pairs: Bools, unplaced: int) -> Program:
    """State the problem over some (c, r) pairs, in which exactly so many rows go nowhere.

    Variables are the pairs, the sites, and the rows that go nowhere.
    """
    sites, rows = cost.shape
    site, row = np.nonzero(pairs)
    k = len(site)
    pair = np.arange(k)
    x = sparse.csr_matrix((np.ones(k), (row, pair)), shape=(rows, k))
    at = sparse.csr_matrix((np.ones(k), (site, pair)), shape=(sites, k))
    y = sparse.csr_matrix((-np.ones(k), (pair, site)), shape=(k, sites))
    largest = limits.max_size.astype(np.float64)
    blocks = [
        [x, None, sparse.eye(rows)],
        [at, sparse.diags(-largest), None],
        [at, sparse.diags(np.full(sites, -float(limits.min_size))), None],
        [None, np.ones((1, sites)), None],
        [None, None, np.ones((1, rows))],
        [sparse.eye(k), y, None],
    ]
    counts = [rows, sites, sites, 1, 1, k]
    allowed = (largest >= limits.min_size).astype(np.float64)
    return Program(
        cost=np.concatenate([cost[site, row], np.zeros(sites + rows)]),
        lower=np.concatenate([np.zeros(k), limits.forced, np.zeros(rows)]),
        upper=np.concatenate([np.ones(k), np.maximum(allowed, limits.forced), np.ones(rows)]),
        integer=np.repeat([False, True, False], [k, sites, rows]),
        matrix=sparse.bmat(blocks, format="csr"),
        row_lower=np.repeat([1.0, -np.inf, 0.0, p, unplaced, -np.inf], counts),
        row_upper=np.repeat([1.0, 0.0, np.inf, p, unplaced, 0.0], counts),
    )


_SCALE = 1000.0
"""The dearest pair costs this in a program, since the tolerances of HiGHS are absolute."""
_EPS = 1e-6
_ROUNDS, _ROUND_STEPS = 12, 40
"""How often what the bound chose is tried, and after how many steps each."""
_MOST_FAILURES = 40
"""So many exchanges of one site in a row that do not help end the local search."""
_FIRST_SLACK = 0.01
"""Pairs within this fraction of the bound take part in the first program with whole sites."""


@dataclass(slots=True)
class GroupIncumbent:
    """The best plan so far.

    Attributes
    ----------
    chosen
        (c,) the sites.
    site_of
        (r,) where every row goes, -1 = nowhere.
    value, bound
        Its cost, ``inf`` where no plan is known, and what none is below.
    """

    chosen: Bools
    site_of: Rows
    value: float = math.inf
    bound: float = -math.inf
    proven: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a plan."""
        return math.isfinite(self.value)

    def raise_bound(self, bound: float) -> None:
        """Take a bound that holds for every plan; it never passes the value."""
        self.bound = max(self.bound, min(bound, self.value))


class GroupSearch:
    """A search for the cheapest groups.

    Parameters
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    """

    def __init__(
        self, cost: Floats, limits: GroupLimits, p: int, budget: SolveBudget, seed: int
    ) -> None:
        self._limits, self._p, self._budget, self._seed = limits, p, budget, seed
        dearest = float(cost.max(initial=0.0, where=np.isfinite(cost)))
        self._scale = _SCALE / max(dearest, 1e-300)
        self._cost = cost * self._scale if dearest else cost
        self._unplaced = 0
        self._incumbent = GroupIncumbent(
            np.zeros(len(cost), np.bool_), np.full(cost.shape[1], -1, np.intp)
        )

    def solve(self) -> GroupIncumbent:
        """Return the best plan that the budget allows."""
        incumbent = self._incumbent
        certain = self._place_most()
        if not incumbent.known and certain:
            incumbent.proven, incumbent.bound = True, math.inf
        elif self._budget.report(incumbent.value / self._scale, 0.0):
            self._minimise()
            enough = incumbent.value * (1 - TOLERANCE) - 1e-9
            incumbent.proven = certain and incumbent.bound >= enough
        incumbent.bound /= self._scale
        incumbent.value /= self._scale
        return incumbent

    def _place_most(self) -> bool:
        """Find how many rows must go nowhere, and a plan; return whether the number is proven."""
        number = self._p, self._p
        placed = place_most(self._cost, self._limits, number, self._budget, self._seed)
        self._unplaced = self._cost.shape[1]
        if placed.assignment is not None:
            self._unplaced = placed.assignment.nowhere
            self._try(placed.assignment.chosen)
        return placed.fewest_proven

    def _try(self, chosen: Bools) -> None:
        """Fill the groups of a set of sites, and keep the plan if it is the best."""
        site_of = cheapest_assignment(self._cost, chosen, self._limits)
        if site_of is None:
            return
        placed = np.flatnonzero(site_of >= 0)
        value = float(self._cost[site_of[placed], placed].sum())
        incumbent = self._incumbent
        if len(site_of) - len(placed) <= self._unplaced and value < incumbent.value:
            incumbent.chosen, incumbent.site_of, incumbent.value = chosen, site_of, value

    def _minimise(self) -> None:
        """Find the cheapest plan that places as many rows, with its bound."""
        incumbent = self._incumbent
        bound, added = self._solve_relaxed()
        incumbent.raise_bound(bound)
        slack = max(min(_FIRST_SLACK * abs(bound), incumbent.value - bound), _EPS)
        pairs = self._pairs_of_plan()
        while self._should_continue():
            pairs |= added <= slack
            # A plan that needs a pair that is left out costs at least this much more than the bound
            missing = float(added.min(initial=math.inf, where=~pairs))
            outcome = self._solve_program(pairs)
            if outcome.values is not None:
                k = int(pairs.sum())
                self._try(outcome.values[k : k + len(self._cost)] > 0.5)
            incumbent.raise_bound(min(outcome.bound, bound + missing))
            if outcome.bound <= bound + missing or incumbent.value <= bound + missing:
                return
            slack = incumbent.value - bound

    def _should_continue(self) -> bool:
        incumbent, budget = self._incumbent, self._budget
        close = relative_gap(incumbent.value, incumbent.bound) <= max(budget.gap, TOLERANCE)
        in_time = budget.report(incumbent.value / self._scale, incumbent.bound / self._scale)
        return not close and in_time

    def _pairs_of_plan(self) -> Bools:
        """Return (c, r) the pairs of the best plan."""
        pairs = np.zeros(self._cost.shape, np.bool_)
        placed = np.flatnonzero(self._incumbent.site_of >= 0)
        pairs[self._incumbent.site_of[placed], placed] = True
        return pairs

    def _solve_relaxed(self) -> tuple[float, Floats]:
        """Raise the Lagrangian bound, trying the sites that it would choose.

        Returns it and (c, r) what using each pair would add at least; ``inf`` = cannot.
        """
        incumbent = self._incumbent
        if not incumbent.known:
            return 0.0, np.where(np.isfinite(self._cost), 0.0, math.inf)
        capacity = SiteCapacity.of(self._cost, self._limits, self._p, self._unplaced)
        near = np.sort(self._cost, axis=0)[:2]
        dual = GroupDual(capacity, np.where(np.isfinite(near), near, near[0]).mean(axis=0))
        tried = {incumbent.chosen.tobytes()}
        for _ in range(_ROUNDS):
            more = dual.volume_algorithm(incumbent.value, incumbent.value, _ROUND_STEPS)
            incumbent.raise_bound(dual.bound)
            if (key := dual.chosen.tobytes()) not in tried:
                tried.add(key)
                self._try(dual.chosen.copy())
            if not more or not self._should_continue():
                break
        if self._should_continue():
            self._exchange(dual, tried)
        return dual.bound, dual.pair_bounds(self._cost) - dual.bound

    def _exchange(self, dual: GroupDual, tried: set[bytes]) -> None:
        """Exchange one site of the best plan for another, those first that the bound likes best."""
        failures = 0
        while failures < _MOST_FAILURES:
            chosen, before = self._incumbent.chosen, self._incumbent.value
            for closed, opened in dual.exchanges(chosen, before, _MOST_FAILURES):
                other = chosen.copy()
                other[closed], other[opened] = False, True
                if (key := other.tobytes()) not in tried:
                    tried.add(key)
                    self._try(other)
                    failures += 1
                if self._incumbent.value < before or failures >= _MOST_FAILURES:
                    break
                if self._budget.stopped:
                    return
            if self._incumbent.value >= before or not self._should_continue():
                break
            failures = 0

    def _solve_program(self, pairs: Bools) -> Outcome:
        """Solve the integer program over some pairs, (c, r)."""
        site, row = np.nonzero(pairs)
        budget, incumbent = self._budget, self._incumbent

        def unscaled(_elapsed_s: float, objective: float, bound: float) -> bool:
            known = max(bound, incumbent.bound)
            if relative_gap(objective, known) <= budget.gap:
                return False
            return budget.report(objective / self._scale, known / self._scale)

        goes = incumbent.site_of[row] == site
        start = np.concatenate([goes, incumbent.chosen, incumbent.site_of < 0])
        return solve_program(
            _program(self._cost, self._limits, self._p, pairs, self._unplaced),
            SolveBudget(budget.left_s, progress=unscaled),
            start=start.astype(np.float64),
        )


def solve_capacitated(  # noqa: PLR0913 - the options of the contract, all of them keywords
    seconds: npt.ArrayLike,
    p: int,
    *,
    min_size: int = 0,
    max_size: int | None = None,
    capacities: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    forced: Sequence[int] = (),
    banned: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    gap: float = 0.0,
    progress: SolveProgress | None = None,
) -> Siting:
    """Choose exactly p sites, each with a group of allowed size, of least total drive.

    Other parameters are those of `geo.facility_location.solve_p_median`.

    Parameters
    ----------
    min_size, max_size
        Every chosen site has at least and at most so many rows, whatever their weight; ``max_size``
        None = any number.
    capacities
        (m,) at most so many rows at each site besides, ``inf`` = any number; None = any number.

    Returns
    -------
    Siting
        ``objective`` is ``sum_i w_i seconds_i`` over the rows that are placed. Where no plan of p
        sites keeps the limits, ``sites`` is empty, all rows are -1 and ``objective`` is ``inf``:
        ``proven`` says whether that is sure or only nothing was found in time.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_capacitated([[0, 60], [10, 60], [20, 60], [30, 60]], 2, max_size=2)
    >>> siting.assignment.tolist(), siting.objective, siting.proven
    ([0, 0, 1, 1], 130.0, True)
    """
    budget = SolveBudget(time_limit_s, gap, progress)
    instance = read_unmerged(seconds, SiteConstraints(weights, forced, banned), p)
    limits = GroupLimits.of(instance, GroupSize(min_size, max_size, capacities))
    found = GroupSearch(instance.weighted, limits, p, budget, seed).solve()
    if not found.known:
        return no_siting(instance, budget, proven=found.proven)
    sited = group_siting(instance, found.chosen, found.site_of, budget)
    bound = sited.objective if found.proven else min(max(0.0, found.bound), sited.objective)
    return replace(sited, bound=bound, proven=found.proven)
