"""Least total with a proof: local search from above, a Lagrangian bound from below, branching.

Minimises, over sets S of p sites, ``sum_i min(cap_i, min_{j in S} c_ij)``.
A branch has open, closed and free sites. Opening a site lowers the caps and closing it shortens the
choice, so every branch is again such a problem, and the multipliers of its parent are a good start.
The branches with the least bounds are looked at first, a few side by side (`branches`); when the
least bound reaches the best total, the proof is done.

What is minimised, and which problems are of this kind, is told in `medians`.

Branches of a search: some sites are open, some closed, and what follows for the others.

A look at a branch is a function of the branch, of the tree and of the best total that is known, and
nothing else; so several are looked at side by side, in threads, and the search stays the same.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.facility_location.lagrangian import (
    Ascent,
    NeighbourLists,
    near_limits,
    nearest_lists,
    thinned,
)
from geo.facility_location.local_search import Bools, Interchange, kick, kick_nearby, random_set
from geo.facility_location.median_model import (
    Incumbent,
    MedianProblem,
    count_pairs,
    solve_median_program,
)
from geo.facility_location.model import TOLERANCE, Floats, Rows, SolveBudget, relative_gap

CLOSED, FREE, OPEN = -1, 0, 1
_STEPS, _ROUNDS, _HOPE = 20, 5, 3.0
"""A climb goes on for so many steps, so often, if so many times the last gain would end it."""
_DECIDED = 0.2
"""A branch is looked at again once so much of it was decided by the way."""


@dataclass(order=True, slots=True)
class Branch:
    """A branch; the one of least bound comes first, and of these the oldest.

    Attributes
    ----------
    bound
        No plan in it has a lower total.
    serial
        How many came before.
    status
        (m,) `CLOSED`, `FREE` or `OPEN`.
    lam
        (n,) the multipliers of its parent.
    """

    bound: float
    serial: int
    status: npt.NDArray[np.int8] = field(compare=False)
    lam: Floats = field(compare=False)


@dataclass(frozen=True, slots=True)
class SearchTree:
    """What all branches share.

    Attributes
    ----------
    problem, lists
        What to solve, and the near sites of its rows.
    stopped
        Whether the time is over.
    """

    problem: MedianProblem
    lists: NeighbourLists
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What a look at a branch has found.

    Attributes
    ----------
    halves
        The two parts of it that are worth a look, or none.
    chosen
        (m,) a set of p sites in it that may be good; None where there is none.
    only
        Whether it is the only one.
    """

    halves: tuple[Branch, ...] = ()
    chosen: Bools | None = None
    only: bool = False


def evaluate_node(tree: SearchTree, branch: Branch, target: float, enough: float) -> NodeResult:
    """Climb in a branch, fix what that decides, and halve the rest.

    Parameters
    ----------
    tree, branch
        Where.
    target
        The best total that is known.
    enough
        Plans that cost this or more are of no interest.
    """
    status, bound, lam = branch.status, branch.bound, branch.lam
    while True:
        free = np.flatnonzero(status == FREE)
        opened = status == OPEN
        q = tree.problem.p - int(opened.sum())
        if not 0 <= q <= free.size:
            return NodeResult()
        if q in (0, free.size):
            opened[free[:q]] = True
            return NodeResult(chosen=opened, only=True)
        ascent = _ascend(tree, status, q, lam)
        bound = _settle(tree, ascent, bound, (target, enough))
        chosen = ascent.chosen | opened
        status, lam = status.copy(), ascent.lam
        fits = _decide(ascent, free, status, enough)
        if bound >= enough or not fits:
            return NodeResult(chosen=chosen)
        left = int((status == FREE).sum())
        if left > (1 - _DECIDED) * free.size or tree.stopped():
            return NodeResult(_halves(ascent, free, Branch(bound, 0, status, lam)), chosen)


def _ascend(tree: SearchTree, status: npt.NDArray[np.int8], q: int, lam: Floats) -> Ascent:
    free = status == FREE
    open_cost = tree.problem.cost[status == OPEN].min(axis=0, initial=np.inf)
    cap = np.minimum(tree.lists.cap, open_cost)
    return Ascent(thinned(tree.lists, free, cap), np.flatnonzero(free), q, lam)


def _settle(tree: SearchTree, ascent: Ascent, bound: float, goal: tuple[float, float]) -> float:
    """Settle for as long as that promises to end the branch; return its bound."""
    enough = goal[1]
    for _ in range(_ROUNDS):
        more = ascent.settle(*goal, _STEPS)
        gain, missing = ascent.bound - bound, enough - ascent.bound
        bound = max(bound, ascent.bound)
        if not more or _HOPE * gain < missing or tree.stopped():
            break
    return bound


def _decide(ascent: Ascent, free: Rows, status: npt.NDArray[np.int8], enough: float) -> bool:
    """Fix the sites that no better plan has, or does without; return whether any is possible."""
    closed, opened = ascent.opened_bounds() >= enough, ascent.closed_bounds() >= enough
    status[free[closed]] = CLOSED
    status[free[opened]] = OPEN
    return not (closed & opened).any()


def _halves(ascent: Ascent, free: Rows, branch: Branch) -> tuple[Branch, ...]:
    """Halve a branch at the free site that is in most doubt."""
    share = ascent.share[free]
    doubt = np.where(branch.status[free] == FREE, np.minimum(share, 1 - share), -1.0)
    k = int(doubt.argmax())
    if doubt[k] < 0:
        return (branch,)
    halves = []
    for value, bounds in ((OPEN, ascent.opened_bounds()), (CLOSED, ascent.closed_bounds())):
        status = branch.status.copy()
        status[free[k]] = value
        halves.append(Branch(max(branch.bound, float(bounds[k])), 0, status, branch.lam))
    return tuple(halves)


_SMALL, _FIRST_PATIENCE = 2_000_000, 2
"""Problems of so many pairs are shaken before there is a bound to say where."""
_ROOT_STEPS = 100
_ROOT_ROUNDS = (0, 10, 40, 20, 60, 20, 60)
"""After so many steps each, the best set is shaken until it fails so often."""
_LATE_PATIENCE = 30
_CORE, _CORE_SHARE = 100, 8
"""Shaking tries so many sites at least, and so many for each that is chosen."""
_NEARBY, _MOST_NEARBY = 0.85, 5
"""How many of the shakes are around one row, and of how many sites at most."""
_OFFER_EVERY = 16
"""An exchange costs as much as a climb in a branch, and most branches end where others did."""
_SHAKES, _AT_ONCE, _THREADS = 2, 4, 2
"""So many sets are shaken and branches looked at side by side, in so many threads.

The first two are the same on every computer, so that the answer is.
"""
_ENTRIES = 30_000_000
"""List entries that are read between two looks at the clock: some 50 ms."""
_BRANCHES_BEFORE_PROGRAM = 200
_PROGRAM_PAIRS = 20_000


class MedianBranchAndBound:
    """A search for the least total; `solve` it once.

    Parameters
    ----------
    problem
        What to solve.
    budget
        How long.
    seed
        Of the random exchanges.
    """

    def __init__(self, problem: MedianProblem, budget: SolveBudget, seed: int) -> None:
        m = len(problem.cost)
        self._budget = budget
        self._random = np.random.default_rng(seed)
        self._sites = np.arange(m)
        self._opened = np.zeros(m, np.bool_)
        self._seen: set[bytes] = set()
        self._looked = 0
        self._use(problem)
        self.best = Incumbent(np.zeros(m, np.bool_), math.inf)

    def solve(self, start: Bools | None = None) -> Incumbent:
        """Return the best set that the budget allows, with its bound.

        Parameters
        ----------
        start
            (m,) a set to begin with.
        """
        with ThreadPoolExecutor(_THREADS) as self._pool:
            return self._solved(start)

    def _solved(self, start: Bools | None) -> Incumbent:
        m, p = len(self._problem.cost), self._problem.p
        if p == m or self._problem.cost.shape[1] == 0:
            chosen = np.arange(m) < p
            value = float(self._problem.cost[chosen].min(axis=0).sum())
            return Incumbent(chosen, value, value, proven=True)
        self.best.bound = float(self._problem.cost.min(axis=0).sum())
        self._offer(random_set(m, p, self._random) if start is None else start)
        if self._problem.cost.size <= _SMALL:
            self._shake(np.ones(m, np.bool_), _FIRST_PATIENCE)
        ascent = self._climb_root()
        while not self._done() and self._fix(ascent):
            if self._settled():
                break
            ascent = self._climb_root()
        if not self._done():
            self._branch(ascent)
        if self.best.bound >= self._enough:
            self.best.bound, self.best.proven = self.best.value, True
        return self.best

    @property
    def _enough(self) -> float:
        """A branch with this bound or more holds nothing that is better than the best."""
        value, unit = self.best.value, self._problem.unit
        if unit:
            return value - unit + 1e-6 * unit + 1e-12 * value
        tolerance = TOLERANCE * (value - self._problem.penalties(value))
        return value - max(tolerance, self._problem.slack)

    def _goes_on(self) -> bool:
        penalties = self._problem.penalties(self.best.value)
        return self._budget.report(self.best.value - penalties, self.best.bound - penalties)

    def _done(self) -> bool:
        best = self.best
        penalties = self._problem.penalties(best.value)
        close = relative_gap(best.value - penalties, best.bound - penalties) <= self._budget.gap
        return close or best.bound >= self._enough or self._budget.stopped

    def _use(self, problem: MedianProblem) -> None:
        self._problem = problem
        self._local = Interchange(problem.cost, problem.p)
        self._seen.clear()
        self._small = count_pairs(problem.cost, problem.cap) <= _PROGRAM_PAIRS

    def _offer(self, chosen: Bools) -> None:
        """Improve a set by exchanges and keep it if it is the best."""
        if (key := chosen.tobytes()) in self._seen:
            return
        self._seen.add(key)
        improved, value = self._local.descend(chosen, self._goes_on)
        if value < self.best.value:
            self.best.chosen = self._opened.copy()
            self.best.chosen[self._sites[improved]] = True
            self.best.value = value

    def _shake(self, core: Bools, patience: int) -> None:
        """Leave the best set by a few random exchanges and descend, until that fails too often.

        Parameters
        ----------
        core
            (m,) exchanges are tried among these sites only.
        patience
            So many failures in a row end it.
        """
        problem = self._problem
        best = self._filled(self.best.chosen[self._sites])
        sites = np.flatnonzero(core | best)
        pool = problem.cost[sites]
        first = Interchange(pool, problem.p)
        searches = [first, *(first.twin() for _ in range(_SHAKES - 1))]
        inside, value = first.descend(best[sites], self._goes_on)
        failures = 0
        while failures < patience and not self._done() and sites.size > problem.p:
            starts = [self._kicked(pool, inside) for _ in searches]
            others = list(self._pool.map(self._descend, searches, starts))
            failures += len(others)
            for other, other_value in others:
                if other_value < value:
                    failures = 0
                if other_value <= value:
                    inside, value = other, other_value
            self._goes_on()
        chosen = np.zeros(len(problem.cost), np.bool_)
        chosen[sites[inside]] = True
        self._offer(chosen)

    def _kicked(self, pool: Floats, inside: Bools) -> Bools:
        """Return a set of sites of a pool after a few random exchanges."""
        p = self._problem.p
        if self._random.random() < _NEARBY:
            exchanges = int(self._random.integers(2, 2 + _MOST_NEARBY))
            return kick_nearby(pool, inside, exchanges, self._random)
        return kick(inside, int(self._random.integers(2, max(4, p // 4))), self._random)

    def _descend(self, search: Interchange, start: Bools) -> tuple[Bools, float]:
        """Descend in a thread, where the caller hears nothing."""
        return search.descend(start, lambda: not self._budget.stopped)

    def _core(self, ascent: Ascent) -> Bools:
        """Return (m,) the sites that the bound would choose first, some eight for each chosen."""
        core = np.zeros(len(self._problem.cost), np.bool_)
        core[ascent.first_sites(max(_CORE, _CORE_SHARE * self._problem.p))] = True
        return core

    def _filled(self, chosen: Bools) -> Bools:
        """Return p of the sites that are left: the best set may have held others."""
        missing = self._problem.p - int(chosen.sum())
        filled = chosen.copy()
        filled[np.flatnonzero(~chosen)[: max(0, missing)]] = True
        filled[np.flatnonzero(chosen)[: max(0, -missing)]] = False
        return filled

    def _climb_root(self) -> Ascent:
        """Climb at the root, trying the sites that the bound would choose."""
        problem = self._problem
        self._lists = nearest_lists(
            problem.cost, np.minimum(problem.cap, near_limits(problem.cost, problem.p))
        )
        lam = self._middle()
        free = np.arange(len(problem.cost))
        ascent = Ascent(self._lists, free, problem.p, lam)
        climb = ascent.climb
        for patience in _ROOT_ROUNDS:
            more = self._climb(climb, _ROOT_STEPS) or climb == ascent.climb
            climb = ascent.settle
            self.best.bound = max(self.best.bound, min(ascent.bound, self.best.value))
            self._offer(ascent.chosen)
            if self._done():
                break
            self._shake(self._core(ascent), patience)
            if not more or self._done():
                break
        return ascent

    def _middle(self) -> Floats:
        """Return multipliers between the nearest and the next nearest site of the best set.

        At most the row's dearest site, so that a penalty does not drown what can be chosen.
        """
        problem, lists = self._problem, self._lists
        costs = problem.cost[self._filled(self.best.chosen[self._sites])]
        costs = np.sort(np.vstack([costs, problem.cap]), axis=0)
        dearest = lists.cost[np.arange(len(lists.cap)), np.maximum(lists.length - 1, 0)]
        unplaced = costs[0] >= problem.cap
        return np.where(unplaced, problem.cap, np.minimum(costs[:2].mean(axis=0), dearest))

    def _climb(self, climb: Callable[[float, float, int], bool], steps: int) -> bool:
        """Climb or settle so many steps, looking at the clock; return whether there is more."""
        at_once = max(1, _ENTRIES // (1 + self._lists.site.size))
        for begin in range(0, steps, at_once):
            if not climb(self.best.value, self._enough, min(at_once, steps - begin)):
                return False
            if not self._goes_on():
                break
        return True

    def _fix(self, ascent: Ascent) -> bool:
        """Drop the sites that the root decides; return whether that made it much smaller."""
        opened = ascent.closed_bounds() > self._enough
        closed = ascent.opened_bounds() > self._enough
        left = self._problem.p - int(opened.sum())
        if (opened & closed).any() or not 0 <= left <= int((~closed & ~opened).sum()):
            self.best.bound = self.best.value
            return True
        if (opened | closed).mean() < 0.2:
            return False
        free = ~(opened | closed)
        self._opened[self._sites[opened]] = True
        self._sites = self._sites[free]
        problem = self._problem.reduced(opened, free)
        self._use(problem)
        return True

    def _settled(self) -> bool:
        """Return whether what is left allows one set only; that is weighed, and the bound closed.

        Sites that were decided are no longer in the problem, so nothing else can be better.
        """
        problem = self._problem
        m = len(problem.cost)
        if 0 < problem.p < m and problem.cost.shape[1]:
            return False
        chosen = np.arange(m) < problem.p
        value = float(np.vstack([problem.cost[chosen], problem.cap]).min(axis=0).sum())
        if value < self.best.value:
            self.best.chosen = self._opened.copy()
            self.best.chosen[self._sites[chosen]] = True
            self.best.value = value
        self.best.bound = self.best.value
        return True

    def _branch(self, root: Ascent) -> None:
        """Look at branches, those of least bound first, until that reaches the best total."""
        tree = SearchTree(self._problem, self._lists, lambda: self._budget.stopped)
        status = np.zeros(len(self._problem.cost), np.int8)
        heap = [Branch(root.bound, 0, status, root.lam)]
        serial = shake_at = 0
        while heap and heap[0].bound < self._enough:
            self.best.bound = max(self.best.bound, heap[0].bound)
            if not self._goes_on() or self._done():
                return
            if serial > _BRANCHES_BEFORE_PROGRAM and self._program():
                return
            if serial >= shake_at:
                shake_at = 2 * serial + 1
                self._shake(self._core(root), _LATE_PATIENCE)
            for half in self._look(tree, heap):
                serial += 1
                half.serial = serial
                heapq.heappush(heap, half)
        self.best.bound = self.best.value

    def _look(self, tree: SearchTree, heap: list[Branch]) -> list[Branch]:
        """Look at the first few branches; return what is left of them."""
        first = [heapq.heappop(heap) for _ in range(min(_AT_ONCE, len(heap)))]
        target, enough = self.best.value, self._enough
        looks = list(
            self._pool.map(lambda branch: evaluate_node(tree, branch, target, enough), first)
        )
        for one in looks:
            self._looked += 1
            if one.chosen is not None and (one.only or self._looked % _OFFER_EVERY == 1):
                self._offer(one.chosen)
        return [half for one in looks for half in one.halves]

    def _closes_in(self, _objective: float, bound: float) -> bool:
        """Keep the bound of the integer program; return whether it should go on."""
        self.best.bound = max(self.best.bound, min(bound, self.best.value))
        return self._goes_on() and not self._done()

    def _program(self) -> bool:
        """Finish by an integer program if what is left is small; return whether it was done."""
        problem = self._problem
        if not self._small:
            return False
        chosen, bound = solve_median_program(
            problem.cost,
            problem.cap,
            problem.p,
            start=None,
            time_limit_s=self._budget.left_s,
            goes_on=self._closes_in,
        )
        if chosen is not None:
            self._offer(chosen)
        self.best.bound = max(self.best.bound, min(bound, self.best.value))
        return True
