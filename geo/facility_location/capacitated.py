"""The capacitated p-median: groups no smaller and no larger than allowed.

Choose ``y_j`` (site j is chosen), ``x_ij`` (row i goes to site j) and ``u_i`` (row i goes nowhere),
all 0 or 1, to

    minimise    sum_ij  w_i seconds_ij x_ij
    subject to  sum_j x_ij + u_i = 1
                x_ij <= y_j
                least y_j <= sum_i x_ij <= most_j y_j
                sum_j y_j = p
                sum_i u_i = as few as can be

With ``y`` whole, ``x`` is a flow and is whole by itself. Few pairs of row and site matter: one that
would add more to a bound over all pairs than the gap is in no better plan (`group_bound`).

Sources: Mulvey & Beck 1984, EJOR 18: 339 (the problem); Ceselli & Righini 2005, Networks 45: 125
(how its bounds behave). How it is solved: `group_search`, which leaves the rest to HiGHS.

How many people can be placed in groups of allowed size, at up to p sites.

Groups of limited size as an integer program over some of the pairs; see `capacitated`.

The search for the cheapest groups of limited size; see `capacitated` for the problem.

How many people can be placed comes first. Then a bound over all pairs of site and row
(`group_bound`) tries the sites that it would choose, and leaves the few pairs that a better plan
could use to an integer program (`group_program`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.group_assignment import Assignment, fill_groups
from geo.facility_location.group_bound import GroupDual
from geo.facility_location.group_cuts import GroupFinder
from geo.facility_location.group_model import (
    GroupSize,
    Sizes,
    group_siting,
    no_siting,
    rooms_of,
    site_capacity,
    weighted,
)
from geo.facility_location.highs import Outcome, Program, solve_program
from geo.facility_location.local_search import Interchange, random_set
from geo.facility_location.model import (
    TOLERANCE,
    Floats,
    Instance,
    Progress,
    Rows,
    SiteConstraints,
    Siting,
    SolveBudget,
    read_unmerged,
    relative_gap,
)

_TRIES = 60
"""Exchanges that are tried before a program is asked."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Groups that leave few rows out.

    Attributes
    ----------
    filled
        The groups; None where none are known.
    nowhere
        How many rows they leave out.
    fewest
        No groups leave fewer out; ``inf`` where so many groups cannot be filled at all.
    """

    filled: Assignment | None
    nowhere: int
    fewest: float

    @property
    def proven(self) -> bool:
        """Whether it is shown that none leave fewer out, or that there are none."""
        return self.nowhere <= self.fewest if self.filled else self.fewest == float("inf")


def place_most(
    cost: Floats, sizes: Sizes, number: tuple[int, int], budget: SolveBudget, seed: int = 0
) -> Placed:
    """Place as many rows as can be.

    Parameters
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    sizes
        What the groups must keep to.
    number
        How many sites at least and at most.
    budget, seed
        How long to try, and where to begin.
    """
    near = np.isfinite(cost)
    finder = GroupFinder(near, sizes, budget)
    order = np.lexsort((sizes.most, sizes.forced))[::-1]
    room = int(sizes.most[order[: number[1]]].sum())
    least = max(near.shape[1] - room, int((~near.any(axis=0)).sum()))
    if number[1] <= len(near):
        start = start_sites(cost, sizes, number[1], budget, seed)
        filled = finder.nearby(start, least, _TRIES)
        if filled is not None:
            return Placed(filled, least, least)
        finder.prune(start, number[0])
    fit = finder.within(number, least)
    if fit.filled is None and fit.bound > least:
        fit = finder.most_people(number)
    best = fit.filled or finder.best
    nowhere = near.shape[1] if best is None else int((best.holder < 0).sum())
    return Placed(best, nowhere, max(fit.bound, least))


def start_sites(cost: Floats, sizes: Sizes, p: int, budget: SolveBudget, seed: int) -> Bools:
    """Return (c,) the forced sites and others that are near, by a local search without sizes."""
    open_ = sizes.forced.copy()
    able = ~open_ & (sizes.most >= max(1, sizes.least))
    q = p - int(open_.sum())
    beyond = 2.0 * float(cost.max(initial=1.0, where=np.isfinite(cost)))
    within = np.minimum(cost, beyond)
    near = within[open_].min(axis=0, initial=beyond)
    if q > int(able.sum()):
        able = ~open_
    if q and cost.shape[1]:
        random = np.random.default_rng(seed)
        local = Interchange(np.minimum(within[able], near), q)
        some = random_set(int(able.sum()), q, random)
        open_[able] = local.descend(some, budget.goes_on)[0]
    elif q:
        open_[np.flatnonzero(able)[:q]] = True
    return open_


Bools = npt.NDArray[np.bool_]


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


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of site and row that take part in a program."""

    site: Rows
    row: Rows


def group_program(groups: Groups, pairs: Pairs, unplaced: int | None = None) -> Program:
    """State the problem over some pairs: rows, largest and smallest groups, numbers, links.

    Variables are the pairs, the sites, and the rows that go nowhere.

    Parameters
    ----------
    groups, pairs
        What to choose from.
    unplaced
        Exactly so many rows go nowhere, and each pair is linked to its site; None for any number,
        and no links.
    """
    sites, rows = groups.cost.shape
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
    nowhere = (-np.inf, np.inf) if unplaced is None else (unplaced, unplaced)
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
    if unplaced is not None:
        y = sparse.csr_matrix((-np.ones(k), (np.arange(k), pairs.site)), shape=(k, sites))
        blocks.append([sparse.eye(k), y, None])
        lower.append(np.full(k, -np.inf))
        upper.append(np.zeros(k))
    able = (groups.most >= groups.least).astype(np.float64)
    kinds = np.repeat([False, True, False], [k, sites, rows])
    return Program(
        cost=np.concatenate([groups.cost[pairs.site, pairs.row], np.zeros(sites + rows)]),
        lower=np.concatenate([np.zeros(k), groups.forced, np.zeros(rows)]),
        upper=np.concatenate([np.ones(k), np.maximum(able, groups.forced), np.ones(rows)]),
        integer=kinds,
        matrix=sparse.bmat(blocks, format="csr"),
        row_lower=np.hstack(lower),
        row_upper=np.hstack(upper),
    )


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
class SearchResult:
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

    def __init__(self, groups: Groups, budget: SolveBudget, seed: int) -> None:
        self._budget, self._seed = budget, seed
        finite = np.isfinite(groups.cost)
        dearest = float(groups.cost.max(initial=0.0, where=finite))
        self._scale = _SCALE / max(dearest, 1e-300)
        self._cost = groups.cost * self._scale if dearest else groups.cost
        self._groups = replace(groups, cost=self._cost)
        self._sizes = Sizes(groups.least, groups.most.astype(np.int64), groups.forced)
        self._unplaced = 0
        self._found = SearchResult(
            np.zeros(len(groups.cost), np.bool_), np.full(groups.cost.shape[1], -1, np.intp)
        )

    def solve(self) -> SearchResult:
        """Return the best plan that the budget allows."""
        found = self._found
        certain = self._place_most()
        if not found.known and certain:
            found.proven, found.bound = True, math.inf
        elif self._budget.report(found.value / self._scale, 0.0):
            self._minimise()
            found.proven = certain and found.bound >= found.value * (1 - TOLERANCE) - 1e-9
        found.bound /= self._scale
        found.value /= self._scale
        return found

    def _place_most(self) -> bool:
        """Find how many rows must go nowhere, and a plan; return whether the number is proven."""
        number = self._groups.p, self._groups.p
        placed = place_most(self._cost, self._sizes, number, self._budget, self._seed)
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
        found, budget = self._found, self._budget
        close = relative_gap(found.value, found.bound) <= max(budget.gap, TOLERANCE)
        goes_on = budget.report(found.value / self._scale, found.bound / self._scale)
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
        offers = site_capacity(self._cost, groups.least, groups.most, groups.forced, counts)
        near = np.sort(self._cost, axis=0)[:2]
        dual = GroupDual(offers, np.where(np.isfinite(near), near, near[0]).mean(axis=0))
        tried = {found.chosen.tobytes()}
        for _ in range(_ROUNDS):
            more = dual.volume_algorithm(found.value, found.value, _ROUND_STEPS)
            found.bound = max(found.bound, min(dual.bound, found.value))
            if (key := dual.chosen.tobytes()) not in tried:
                tried.add(key)
                self._offer(dual.chosen.copy())
            if not more or not self._wants_more():
                break
        if self._wants_more():
            self._exchange(dual, tried)
        return dual.bound, dual.pair_bounds(self._cost) - dual.bound

    def _exchange(self, dual: GroupDual, tried: set[bytes]) -> None:
        """Exchange one site of the best plan for another, those first that the bound likes best."""
        failures = 0
        while failures < _MOST_FAILURES:
            chosen, before = self._found.chosen, self._found.value
            for leave, come in dual.exchanges(chosen, before, _MOST_FAILURES):
                other = chosen.copy()
                other[leave], other[come] = False, True
                if (key := other.tobytes()) not in tried:
                    tried.add(key)
                    self._offer(other)
                    failures += 1
                if self._found.value < before or failures >= _MOST_FAILURES:
                    break
                if self._budget.stopped:
                    return
            if self._found.value >= before or not self._wants_more():
                break
            failures = 0

    def _solve_whole(self, take: Bools) -> Outcome:
        pairs = Pairs(*np.nonzero(take))
        budget = self._budget

        def unscaled(_elapsed_s: float, objective: float, bound: float) -> bool:
            known = max(bound, self._found.bound)
            if relative_gap(objective, known) <= budget.gap:
                return False
            return budget.report(objective / self._scale, known / self._scale)

        return solve_program(
            group_program(self._groups, pairs, self._unplaced),
            SolveBudget(budget.left_s, progress=unscaled),
            start=self._point(pairs),
        )

    def _point(self, pairs: Pairs) -> Floats:
        found = self._found
        goes = found.site[pairs.row] == pairs.site
        return np.concatenate([goes, found.chosen, found.site < 0]).astype(np.float64)

    def _sites(self, values: Floats, k: int) -> Bools:
        return np.asarray(values[k : k + len(self._cost)] > 0.5)


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
    progress: Progress | None = None,
) -> Siting:
    """Choose exactly p sites, each with a group of allowed size, of least total drive.

    Parameters
    ----------
    seconds, p
        As in `geo.facility_location.solve_p_median`.
    min_size, max_size
        Every chosen site has at least and at most so many rows, whatever their weight; ``max_size``
        None = any number.
    capacities
        (m,) at most so many rows at each site besides, ``inf`` = any number; None = any number.
    weights, forced, banned, time_limit_s, seed, gap, progress
        As in `geo.facility_location.solve_p_median`.

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
    rooms = rooms_of(GroupSize(min_size, max_size, capacities), instance.given.shape)
    groups = Groups(
        cost=weighted(instance),
        least=min_size,
        most=rooms[instance.columns],
        p=p,
        forced=instance.forced,
    )
    search = GroupSearch(groups, budget, seed)
    return _siting(instance, search, budget)


def _siting(instance: Instance, search: GroupSearch, budget: SolveBudget) -> Siting:
    """Turn what was found into given rows and columns."""
    found = search.solve()
    if not found.known:
        return no_siting(instance, budget, proven=found.proven)
    sited = group_siting(instance, found.chosen, found.site, budget)
    bound = sited.objective if found.proven else min(max(0.0, found.bound), sited.objective)
    return replace(sited, bound=bound, proven=found.proven)
