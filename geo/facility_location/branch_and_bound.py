"""Branch and bound for the p-median and maximal coverage: least total with a proof.

Minimises, over sets S of p sites, ``sum_i min(cap_i, min_{j in S} c_ij)``; `median_model` shows how
both problems are of this form.

1. *Root.* The Lagrangian dual (`lagrangian`) gives a bound, and the sites that it would choose;
   local search among those (`local_search`) gives the incumbent.
2. *Reduction* (fixing variables by the bound). A site is fixed open, or closed, where the bound on
   every plan without it, or with it, passes the incumbent. If that fixes much, what is left is a
   smaller problem: back to 1.
3. *Tree.* A node has open, closed and free sites. Opening a site lowers the caps and closing it
   shortens the choice, so every node is again such a problem, and the multipliers of its parent
   are a good start. The node of the least bound comes first (best-first search), and is branched
   at the site whose estimated ``y`` is nearest to a half (most fractional). A node whose bound
   passes the incumbent is fathomed; when the least bound does, the incumbent is proven.
4. *Integer program.* What is small and still open after many nodes is left to HiGHS.

Whatever is decided depends on the problem and the seed alone: several nodes are evaluated side by
side, in threads, but always the same number, and each of them is a function of the node and of
the incumbent's value before all of them.

Sources: Land & Doig 1960, Econometrica 28: 497 (branch and bound); Beasley 1993, EJOR 65: 383 (for
the p-median, with reduction); Hansen & Mladenović 1997, Location Science 5: 207 (local search from
the incumbent, shaken: variable neighbourhood search).
"""

from __future__ import annotations

import heapq
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.facility_location.lagrangian import (
    MedianDual,
    NeighbourLists,
    near_limits,
    neighbour_lists,
    restrict_lists,
)
from geo.facility_location.local_search import Interchange, random_set, shake
from geo.facility_location.median_model import (
    Incumbent,
    MedianProblem,
    count_pairs,
    solve_median_program,
)
from geo.facility_location.model import Bools, Floats, Rows, SolveBudget

_SHAKES, _NODES_AT_ONCE, _THREADS = 2, 4, 2
"""So many sets are shaken and nodes evaluated side by side, in so many threads.

The first two are the same on every computer, so that the answer is.
"""


@dataclass(frozen=True, slots=True)
class _Run:
    """What all steps of one search share, and none replaces."""

    budget: SolveBudget
    random: np.random.Generator
    threads: ThreadPoolExecutor


@dataclass(frozen=True, slots=True)
class _Residual:
    """A problem after reduction.

    ``sites`` are the original numbers of its (m,) sites, and ``opened`` those that are fixed open;
    ``tried`` are sets from which the local search has begun, which would end where it did.
    """

    problem: MedianProblem
    sites: Rows
    opened: Bools
    interchange: Interchange
    tried: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, problem: MedianProblem, sites: Rows, opened: Bools) -> _Residual:
        return cls(problem, sites, opened, Interchange(problem.cost, problem.p))

    def reduced(self, opened: Bools, free: Bools) -> _Residual:
        """Return what is left when some sites are fixed open, and only some are free."""
        fixed = self.opened.copy()
        fixed[self.sites[opened]] = True
        return _Residual.of(self.problem.reduced(opened, free), self.sites[free], fixed)

    def original(self, chosen: Bools) -> Bools:
        """Return a set of the sites that are left, and those fixed open, as original sites."""
        original = self.opened.copy()
        original[self.sites[chosen]] = True
        return original

    def restricted(self, incumbent: Incumbent) -> Bools:
        """Return (m,) p of the sites that are left, those of the incumbent before others."""
        chosen = incumbent.chosen[self.sites]
        # The incumbent may hold sites fixed closed, or lack sites fixed open: it need not be of
        # those plans that reduction leaves.
        missing = self.problem.p - int(chosen.sum())
        filled = chosen.copy()
        filled[np.flatnonzero(~chosen)[: max(0, missing)]] = True
        filled[np.flatnonzero(chosen)[: max(0, -missing)]] = False
        return filled


def solve_median(problem: MedianProblem, budget: SolveBudget, seed: int) -> Incumbent:
    """Return the best set that the budget allows, with its bound; at least one is to be chosen."""
    m = len(problem.cost)
    only = problem.only_choice
    if only is not None:
        value = problem.total(only)
        return Incumbent(only, value, value, proven=True)
    incumbent = Incumbent(np.zeros(m, np.bool_), math.inf, float(problem.cost.min(axis=0).sum()))
    residual = _Residual.of(problem, np.arange(m), np.zeros(m, np.bool_))
    with ThreadPoolExecutor(_THREADS) as threads:
        run = _Run(budget, np.random.default_rng(seed), threads)
        _search(residual, incumbent, run)
    if incumbent.bound >= problem.fathoming_bound(incumbent.value):
        incumbent.bound, incumbent.proven = incumbent.value, True
    return incumbent


_SMALL, _FIRST_PATIENCE = 2_000_000, 2
"""Problems of so many pairs are shaken before there is a bound to say where."""


def _search(residual: _Residual, incumbent: Incumbent, run: _Run) -> None:
    """Improve incumbent and bound, by reduction and then by branching, until they meet."""
    problem = residual.problem
    start = random_set(len(problem.cost), problem.p, run.random)
    _improve(residual, start, incumbent, run)
    if problem.cost.size <= _SMALL:
        _search_around(
            residual, np.ones(len(problem.cost), np.bool_), _FIRST_PATIENCE, incumbent, run
        )
    root = _solve_root(residual, incumbent, run)
    while not incumbent.settled(problem, run.budget):
        opened, closed = _decided_sites(problem, root, incumbent)
        if not _is_feasible(residual.problem, opened, closed):
            incumbent.bound = incumbent.value
            return
        if (opened | closed).mean() < _MUCH:
            _search_tree(residual, root, incumbent, run)
            return
        residual = residual.reduced(opened, ~(opened | closed))
        only = residual.problem.only_choice
        if only is not None:
            _accept(residual, only, residual.problem.total(only), incumbent)
            incumbent.bound = incumbent.value  # all others were fixed away
            return
        root = _solve_root(residual, incumbent, run)


# Upper bounds: the incumbent


def _accept(residual: _Residual, chosen: Bools, value: float, incumbent: Incumbent) -> None:
    """Make a set the incumbent if it is better."""
    if value < incumbent.value:
        incumbent.chosen, incumbent.value = residual.original(chosen), value


def _improve(residual: _Residual, chosen: Bools, incumbent: Incumbent, run: _Run) -> None:
    """Improve a set by exchanges, and make what that finds the incumbent if it is better."""
    if (key := chosen.tobytes()) in residual.tried:
        return
    residual.tried.add(key)
    found = residual.interchange.descend(
        chosen, lambda: incumbent.report(residual.problem, run.budget)
    )
    _accept(residual, *found, incumbent)


def _search_around(
    residual: _Residual, core: Bools, patience: int, incumbent: Incumbent, run: _Run
) -> None:
    """Leave the incumbent by a few random exchanges and descend, until that fails too often.

    Exchanges are tried among the sites of ``core``, (m,); ``patience`` failures in a row end it.
    """
    problem, budget = residual.problem, run.budget
    current = residual.restricted(incumbent)
    sites = np.flatnonzero(core | current)
    cost = problem.cost[sites]
    first = Interchange(cost, problem.p)
    searches = [first, *(first.twin() for _ in range(_SHAKES - 1))]
    chosen, value = first.descend(current[sites], lambda: incumbent.report(problem, budget))
    failures = 0
    while failures < patience and not incumbent.settled(problem, budget) and sites.size > problem.p:
        # Chance is drawn here and not in the threads, so that its order is always the same.
        starts = [shake(cost, chosen, run.random) for _ in searches]
        found = run.threads.map(
            lambda search, start: search.descend(start, lambda: not budget.stopped),
            searches,
            starts,
        )
        failures += _SHAKES
        for other, other_value in list(found):
            if other_value < value:
                failures = 0
            if other_value <= value:  # equal too: to walk along a plateau
                chosen, value = other, other_value
        incumbent.report(problem, budget)
    whole = np.zeros(len(problem.cost), np.bool_)
    whole[sites[chosen]] = True
    _improve(residual, whole, incumbent, run)


_CORE, _CORE_SHARE = 100, 8
"""Shaking tries so many sites at least, and so many for each that is chosen."""


def _core(residual: _Residual, dual: MedianDual) -> Bools:
    """Return (m,) the sites that the bound would choose first."""
    core = np.zeros(len(residual.problem.cost), np.bool_)
    core[dual.first_sites(max(_CORE, _CORE_SHARE * residual.problem.p))] = True
    return core


# The root: its bound, and reduction


_ROOT_STEPS = 100
_ROOT_ROUNDS = (0, 10, 40, 20, 60, 20, 60)
"""After so many steps each, the incumbent is shaken until it fails so often."""
_ENTRIES = 30_000_000
"""List entries that are read between two reports: some 50 ms."""


def _solve_root(residual: _Residual, incumbent: Incumbent, run: _Run) -> MedianDual:
    """Raise the bound at the root, and try the sites that it would choose."""
    problem = residual.problem
    near = np.minimum(problem.cap, near_limits(problem.cost, problem.p))
    lists = neighbour_lists(problem.cost, near)
    start = _start_multipliers(residual, lists, incumbent)
    root = MedianDual(lists, np.arange(len(problem.cost)), problem.p, start)
    for number, patience in enumerate(_ROOT_ROUNDS):
        more = _raise_root(root, residual, incumbent, run, volume=number > 0)
        incumbent.raise_bound(root.bound)
        _improve(residual, root.chosen, incumbent, run)
        if incumbent.settled(problem, run.budget):
            break
        _search_around(residual, _core(residual, root), patience, incumbent, run)
        # After the subgradient method the volume algorithm always has more to gain.
        if not (more or number == 0) or incumbent.settled(problem, run.budget):
            break
    return root


def _start_multipliers(residual: _Residual, lists: NeighbourLists, incumbent: Incumbent) -> Floats:
    """Return (n,) multipliers between the nearest and the next nearest site of the incumbent.

    At most the row's dearest site, so that a penalty does not drown what can be chosen.
    """
    problem = residual.problem
    costs = problem.cost[residual.restricted(incumbent)]
    costs = np.sort(np.vstack([costs, problem.cap]), axis=0)
    dearest = lists.cost[np.arange(len(lists.cap)), np.maximum(lists.length - 1, 0)]
    unplaced = costs[0] >= problem.cap
    return np.where(unplaced, problem.cap, np.minimum(costs[:2].mean(axis=0), dearest))


def _raise_root(
    root: MedianDual, residual: _Residual, incumbent: Incumbent, run: _Run, *, volume: bool
) -> bool:
    """Do one round of steps, with reports between; return whether there is more to gain."""
    problem = residual.problem
    raise_bound = root.volume_algorithm if volume else root.subgradient_method
    at_once = max(1, _ENTRIES // (1 + root.lists.site.size))
    for begin in range(0, _ROOT_STEPS, at_once):
        enough = problem.fathoming_bound(incumbent.value)
        if not raise_bound(incumbent.value, enough, min(at_once, _ROOT_STEPS - begin)):
            return False
        if not incumbent.report(problem, run.budget):
            break
    return True


_MUCH = 0.2
"""The share of the sites whose fixing is worth a new root, or a new evaluation of a node."""


def _decided_sites(
    problem: MedianProblem, root: MedianDual, incumbent: Incumbent
) -> tuple[Bools, Bools]:
    """Return (m,) the sites that every better plan has, and those that none has."""
    enough = problem.fathoming_bound(incumbent.value)
    return root.closed_bounds() > enough, root.opened_bounds() > enough


def _is_feasible(problem: MedianProblem, opened: Bools, closed: Bools) -> bool:
    """Whether any plan keeps to the sites that are decided."""
    left = problem.p - int(opened.sum())
    return not (opened & closed).any() and 0 <= left <= int((~closed & ~opened).sum())


# The tree

CLOSED, FREE, OPEN = -1, 0, 1


@dataclass(frozen=True, slots=True)
class Node:
    """A part of all plans: those that have some sites and do without some others.

    No plan in it has a total below ``bound``. ``status`` is (m,) `CLOSED`, `FREE` or `OPEN`;
    ``lam`` are (n,) the multipliers of its parent.
    """

    bound: float
    status: npt.NDArray[np.int8]
    lam: Floats


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What evaluating a node has found: what is left of it to search, none where it is fathomed.

    ``chosen`` is (m,) a set of p sites in it that may be good, None where there is none; of a
    ``leaf`` it is the only one.
    """

    children: tuple[Node, ...] = ()
    chosen: Bools | None = None
    leaf: bool = False


_SHAKE_PATIENCE = 30
_IMPROVE_EVERY = 16
"""An exchange costs as much as evaluating a node, and most nodes end where others did."""
_NODES_BEFORE_PROGRAM = 200
_PROGRAM_PAIRS = 20_000


def _search_tree(residual: _Residual, root: MedianDual, incumbent: Incumbent, run: _Run) -> None:
    """Evaluate nodes, those of least bound first, until that passes the incumbent."""
    problem = residual.problem
    small = count_pairs(problem.cost, problem.cap) <= _PROGRAM_PAIRS
    status = np.zeros(len(problem.cost), np.int8)
    # By bound, and of equal bounds the oldest: the number is never equal, so nodes are not compared
    heap = [(root.bound, 0, Node(root.bound, status, root.lam))]
    created = evaluated = shake_at = 0
    while heap and heap[0][0] < problem.fathoming_bound(incumbent.value):
        incumbent.bound = max(incumbent.bound, heap[0][0])
        if not incumbent.report(problem, run.budget) or incumbent.settled(problem, run.budget):
            return
        if small and created > _NODES_BEFORE_PROGRAM:
            _solve_rest(residual, incumbent, run)
            return
        if created >= shake_at:  # a better incumbent cuts off nodes; ever rarer is one found
            shake_at = 2 * created + 1
            _search_around(residual, _core(residual, root), _SHAKE_PATIENCE, incumbent, run)
        nodes = [heapq.heappop(heap)[-1] for _ in range(min(_NODES_AT_ONCE, len(heap)))]
        results = _evaluate_nodes(nodes, residual, root, incumbent, run)
        for result in results:
            evaluated += 1
            due = result.leaf or evaluated % _IMPROVE_EVERY == 1
            if result.chosen is not None and due:
                _improve(residual, result.chosen, incumbent, run)
        for child in (child for result in results for child in result.children):
            created += 1
            heapq.heappush(heap, (child.bound, created, child))
    incumbent.bound = incumbent.value


def _evaluate_nodes(
    nodes: list[Node], residual: _Residual, root: MedianDual, incumbent: Incumbent, run: _Run
) -> list[NodeResult]:
    """Evaluate nodes side by side, all against the incumbent as it is now."""
    upper = incumbent.value
    return list(
        run.threads.map(
            lambda node: evaluate_node(node, residual.problem, root.lists, upper, run.budget),
            nodes,
        )
    )


def evaluate_node(
    node: Node, problem: MedianProblem, lists: NeighbourLists, upper: float, budget: SolveBudget
) -> NodeResult:
    """Bound a node, fix the sites that this decides, and branch on the rest.

    ``upper`` is the value of the incumbent: plans that are no better are of no interest. The budget
    is asked whether it is spent; nothing is reported.
    """
    enough = problem.fathoming_bound(upper)
    status = node.status
    while True:
        free = np.flatnonzero(status == FREE)
        opened = status == OPEN
        q = problem.p - int(opened.sum())
        if not 0 <= q <= free.size:  # no plan has p sites
            return NodeResult()
        if q in (0, free.size):  # one plan
            opened[free[:q]] = True
            return NodeResult(chosen=opened, leaf=True)
        dual = _node_dual(problem, lists, status, q, node.lam)
        bound = _raise_node_bound(dual, node.bound, (upper, enough), budget)
        chosen = dual.chosen | opened
        status, feasible = _fixed(dual, free, status, enough)
        if bound >= enough or not feasible:
            return NodeResult(chosen=chosen)
        node = Node(bound, status, dual.lam)
        # With many sites fixed the caps are lower and the lists shorter: bounding it again is
        # cheaper than bounding two children.
        left = int((status == FREE).sum())
        if left > (1 - _MUCH) * free.size or budget.stopped:
            return NodeResult(_branch(dual, free, node), chosen)


def _node_dual(
    problem: MedianProblem,
    lists: NeighbourLists,
    status: npt.NDArray[np.int8],
    q: int,
    lam: Floats,
) -> MedianDual:
    """Return the dual of a node: open sites lower the caps, free ones are left to choose."""
    free = status == FREE
    open_cost = problem.cost[status == OPEN].min(axis=0, initial=np.inf)
    cap = np.minimum(lists.cap, open_cost)
    return MedianDual(restrict_lists(lists, free, cap), np.flatnonzero(free), q, lam)


_STEPS, _ROUNDS, _HOPE = 20, 5, 3.0
"""The bound is raised by so many steps, so often, if so many times the last gain would fathom."""


def _raise_node_bound(
    dual: MedianDual, bound: float, goal: tuple[float, float], budget: SolveBudget
) -> float:
    """Raise a node's bound for as long as that promises to fathom it."""
    enough = goal[1]
    for _ in range(_ROUNDS):
        more = dual.volume_algorithm(*goal, _STEPS)
        gain, missing = dual.bound - bound, enough - dual.bound
        bound = max(bound, dual.bound)
        if not more or _HOPE * gain < missing or budget.stopped:
            break
    return bound


def _fixed(
    dual: MedianDual, free: Rows, status: npt.NDArray[np.int8], enough: float
) -> tuple[npt.NDArray[np.int8], bool]:
    """Fix the sites that no better plan has, or does without; return whether any is left."""
    closed, opened = dual.opened_bounds() >= enough, dual.closed_bounds() >= enough
    status = status.copy()
    status[free[closed]] = CLOSED
    status[free[opened]] = OPEN
    return status, not (closed & opened).any()


def _branch(dual: MedianDual, free: Rows, node: Node) -> tuple[Node, ...]:
    """Branch at the most fractional free site: its primal estimate is nearest to a half."""
    y = dual.primal[free]
    fraction = np.where(node.status[free] == FREE, np.minimum(y, 1 - y), -1.0)
    k = int(fraction.argmax())
    if fraction[k] < 0:  # all are fixed: one plan or none is left
        return (node,)
    children = []
    for value, bounds in ((OPEN, dual.opened_bounds()), (CLOSED, dual.closed_bounds())):
        status = node.status.copy()
        status[free[k]] = value
        children.append(Node(max(node.bound, float(bounds[k])), status, node.lam))
    return tuple(children)


def _solve_rest(residual: _Residual, incumbent: Incumbent, run: _Run) -> None:
    """Finish by an integer program, whose cuts close what branching closes slowly."""
    problem, budget = residual.problem, run.budget

    def raise_bound(_elapsed_s: float, _objective: float, bound: float) -> bool:
        incumbent.raise_bound(bound)
        return incumbent.report(problem, budget) and not incumbent.settled(problem, budget)

    chosen, bound = solve_median_program(problem, SolveBudget(budget.left_s, progress=raise_bound))
    if chosen is not None:
        _improve(residual, chosen, incumbent, run)
    incumbent.raise_bound(bound)
