r"""Which sites can hold groups of allowed size: an integer program over the sites alone.

Choose ``y_j`` (site j is chosen) and ``u_i`` (row i goes nowhere) such that for every set S of rows

    sum_j min(max_size_j, |near_j ∩ S|) y_j + sum_{i in S} u_i >= |S|    there is room for them
    sum_j max(0, min_size - |near_j \ S|) y_j <= |S|                    so many groups live on them

where ``near_j`` are the rows that can go to site j. Groups are a flow in a network from each row
(at most 1) to its near sites, and from each chosen site onwards (``min_size`` to ``max_size_j``).
By Hoffman's circulation theorem the flow exists if no cut is violated, and these are the cuts, for
S the rows on one side. Few sets matter. The program begins with single rows, and takes in the sets
that forbid what it chose, as a flow shows them (`group_assignment`), until nothing forbids it: a
logic-based Benders decomposition. A set stays true for other cutoffs, with what is near then.

From every choice a local search looks for one nearby whose groups can be filled: while somebody
goes nowhere, a site is opened that they can go to, and the one closed that is missed least: its
group goes elsewhere by augmenting paths. Exchanges that help as much as they hurt are taken too, so
that the search does not end on a plateau.

Sources: Hoffman 1960, Proceedings of Symposia in Applied Mathematics 10: 113 (circulations);
Hooker & Ottosson 2003, Mathematical Programming 96: 33 (the decomposition).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from geo.facility_location.group_assignment import (
    Assignment,
    Bipartite,
    augment_row,
    augment_site,
    copy_assignment,
    fill_groups,
    new_path,
)
from geo.facility_location.group_model import GroupLimits
from geo.facility_location.highs import Program, solve_program
from geo.facility_location.model import Bools, Floats, SolveBudget
from geo.jit import jit


@jit
def _close_site(graph: Bipartite, assignment: Assignment, site: int) -> Assignment:
    """Return what is left when a site is closed and its rows go elsewhere if they can."""
    left = copy_assignment(assignment)
    left.chosen[site], left.load[site] = False, 0
    for k in range(graph.begin[site], graph.begin[site + 1]):
        if left.site_of[graph.row[k]] == site:
            left.site_of[graph.row[k]] = -1
    return left


@jit
def _random_index(allowed: Bools, random: np.random.Generator) -> int:
    """Return a random index of those that are true; -1 where none is."""
    which = np.flatnonzero(allowed)
    return -1 if which.size == 0 else which[int(random.random() * which.size)]


@jit
def _site_to_open(
    graph: Bipartite, assignment: Assignment, stranded: bool, random: np.random.Generator
) -> int:
    """Return a site to open: near somebody who goes nowhere, if anybody is stranded."""
    allowed = graph.allowed & ~assignment.chosen
    if stranded:
        row = _random_index((assignment.site_of < 0) & (graph.first[1:] > graph.first[:-1]), random)
        if row >= 0:
            near = np.zeros(allowed.size, np.bool_)
            near[graph.site[graph.first[row] : graph.first[row + 1]]] = True
            allowed &= near
    return _random_index(allowed, random)


@jit
def find_violation(graph: Bipartite, assignment: Assignment, max_unplaced: int) -> int:
    """Fill the groups, and return how many they lack and go nowhere beyond what may."""
    lacking, nowhere = fill_groups(graph, assignment)
    return lacking + max(0, nowhere - max_unplaced)


@jit
def _exchange_site(
    graph: Bipartite, assignment: Assignment, opened: int, goal: tuple[int, int], start: int
) -> tuple[Assignment, int]:
    """Open a site and close the one that is missed least, or the first that helps."""
    max_unplaced, violation = goal
    wider = copy_assignment(assignment)
    wider.chosen[opened] = True
    fill_groups(graph, wider)
    best, lowest = assignment, violation + 1
    for k in range(assignment.load.size):
        site = (start + k) % assignment.load.size
        if wider.chosen[site] and site != opened and not graph.forced[site]:
            left = _close_site(graph, wider, site)
            value = find_violation(graph, left, max_unplaced)
            if value < lowest:
                best, lowest = left, value
                if value < violation:
                    break
    return best, lowest


@jit
def try_exchange(
    graph: Bipartite, assignment: Assignment, max_unplaced: int, random: np.random.Generator
) -> int:
    """Exchange one site for another, if that violates no more; return the violation.

    It is how many the smallest groups lack, and how many rows beyond ``max_unplaced`` go nowhere.
    The assignment is changed in place.
    """
    violation = find_violation(graph, assignment, max_unplaced)
    if violation == 0:
        return violation
    opened = _site_to_open(graph, assignment, (assignment.site_of < 0).sum() > max_unplaced, random)
    if opened < 0:
        return violation
    start = int(random.random() * assignment.load.size)
    other, value = _exchange_site(graph, assignment, opened, (max_unplaced, violation), start)
    if value > violation:
        return violation
    assignment.chosen[:] = other.chosen
    assignment.site_of[:] = other.site_of
    assignment.load[:] = other.load
    return value


_EPS = 1e-6
_TIE = 0.5
"""How much the number of sites counts beside one row, at most."""
_TRIES = 20
"""Exchanges that are tried from every choice."""


@dataclass(slots=True)
class CoverCuts:
    """Sets of rows, (r,) each, that have forbidden some choice of sites.

    ``capacity``: the chosen sites have no room for all of them; ``minimum``: too many smallest
    groups live on them.
    """

    capacity: list[Bools] = field(default_factory=list)
    minimum: list[Bools] = field(default_factory=list)
    _known: set[tuple[bool, bytes]] = field(default_factory=set)

    def add(self, rows: Bools, *, minimum: bool) -> None:
        """Add a set, unless it is known."""
        key = minimum, np.packbits(rows).tobytes()
        if key not in self._known:
            self._known.add(key)
            (self.minimum if minimum else self.capacity).append(rows)


@dataclass(frozen=True, slots=True)
class GroupFit:
    """What was found of groups: none, or an assignment, and a bound.

    At least so many rows go nowhere, or so many sites are needed, whichever was to be least.
    """

    assignment: Assignment | None
    bound: float

    @property
    def fewest_proven(self) -> bool:
        """Whether it is shown that none leave fewer rows out, or that there are no groups."""
        if self.assignment is None:
            return self.bound == math.inf
        return self.assignment.nowhere <= self.bound


@dataclass(frozen=True, slots=True)
class _Goal:
    """What is looked for.

    Attributes
    ----------
    number
        Of sites, at least and at most.
    enough
        So many rows may go nowhere; None for as few as can be.
    fewest_sites
        The number of sites is made least, not that of rows that go nowhere.
    more
        Of two choices that leave as many out, the one of more sites is taken.
    """

    number: tuple[int, int]
    enough: int | None
    fewest_sites: bool = False
    more: bool = False


class GroupFinder:
    """A search for sites whose groups can be filled, where every row goes to a site near it.

    Parameters
    ----------
    near
        (c, r) whether each row can go to each site.
    cuts
        Sets that forbade something for these rows before; more are added.

    Attributes
    ----------
    best
        Of all groups that were looked at, those that leave the fewest rows out; None where none
        could be filled.
    """

    def __init__(
        self, near: Bools, limits: GroupLimits, budget: SolveBudget, cuts: CoverCuts | None = None
    ) -> None:
        self._near, self._limits, self._budget = near, limits, budget
        self._cuts = cuts or CoverCuts()
        self._graph = Bipartite.of(near, limits)
        self._lost = int((~near.any(axis=0)).sum())
        self.best: Assignment | None = None

    def repair(self, chosen: Bools, max_unplaced: int, tries: int = _TRIES) -> Assignment | None:
        """Exchange sites until at most so many rows go nowhere; None where that is not found."""
        assignment = Assignment.empty(chosen, self._near.shape[1])
        violation = self._improve(assignment, max_unplaced, tries, np.random.default_rng(0))
        self._keep(assignment)
        return None if violation else assignment

    def prune(self, chosen: Bools, at_least: int) -> None:
        """Close sites of a choice whose groups stay too small, until the others can be filled.

        It leaves people out, but it is soon done: `best` may have what it finds.
        """
        assignment = Assignment.empty(chosen, self._rows)
        fill_groups(self._graph, assignment)
        for _ in range(int(chosen.sum()) - at_least):
            short = (
                assignment.chosen & (assignment.load < self._limits.min_size) & ~self._limits.forced
            )
            if not short.any():
                break
            left = assignment.chosen.copy()
            left[np.flatnonzero(short)[assignment.load[short].argmin()]] = False
            assignment = Assignment.empty(left, self._rows)
            fill_groups(self._graph, assignment)
        self._keep(assignment)

    def _improve(
        self, assignment: Assignment, max_unplaced: int, tries: int, random: np.random.Generator
    ) -> int:
        """Exchange sites one after the other until the budget ends; return the violation left."""
        violation = find_violation(self._graph, assignment, max_unplaced)
        for _ in range(tries):
            if violation == 0 or not self._budget.should_continue():
                break
            violation = try_exchange(self._graph, assignment, max_unplaced, random)
        return int(violation)

    def within(self, number: tuple[int, int], max_unplaced: int) -> GroupFit:
        """Look for sites that leave at most so many rows out, or prove that there are none.

        ``number`` is how many sites at least and at most, rather more than fewer; the number of
        rows that go nowhere is bounded.
        """
        return self._search(_Goal(number, max_unplaced, more=True))

    def most_people(self, number: tuple[int, int], *, more: bool = True) -> GroupFit:
        """Look for so many sites that leave the fewest rows out, rather more sites than fewer."""
        return self._search(_Goal(number, None, more=more))

    def fewest(self, number: tuple[int, int], max_unplaced: int) -> GroupFit:
        """Look for the fewest sites that leave at most so many rows out."""
        return self._search(_Goal(number, max_unplaced, fewest_sites=True))

    @property
    def _rows(self) -> int:
        return int(self._near.shape[1])

    def _search(self, goal: _Goal) -> GroupFit:
        lost = 0 if goal.fewest_sites else self._lost
        bound, random = 0, np.random.default_rng(0)
        if goal.enough is not None and goal.enough < self._lost:
            return GroupFit(None, math.inf)
        while self._budget.should_continue():
            outcome = solve_program(self._program(goal), self._budget.part(silent=True))
            if outcome.infeasible:
                return GroupFit(None, math.inf)
            if math.isfinite(outcome.bound):
                tie = 0.0 if goal.fewest_sites or goal.more else _TIE
                bound = max(bound, math.ceil(outcome.bound - tie - _EPS))
            if outcome.values is None:
                break
            enough = bound + lost if goal.enough is None else goal.enough
            assignment = Assignment.empty(outcome.values[: len(self._near)] > 0.5, self._rows)
            if self._fits(assignment, enough, random):
                return GroupFit(assignment, bound + lost)
        return GroupFit(None, bound + lost)

    def _fits(self, assignment: Assignment, enough: int, random: np.random.Generator) -> bool:
        """Fill the groups of a choice, or of one nearby; take in what forbids either."""
        lacking, nowhere = fill_groups(self._graph, assignment)
        self._keep(assignment)
        if lacking == 0 and nowhere <= enough:
            return True
        self._add_cuts(assignment, each=enough == self._lost)
        violation = self._improve(assignment, enough, _TRIES, random)
        self._keep(assignment)
        if violation:
            self._add_cuts(assignment, each=enough == self._lost)
        return violation == 0

    def _keep(self, assignment: Assignment) -> None:
        """Keep groups that can be filled, if they leave fewer out than those before."""
        if (assignment.load[assignment.chosen] < self._limits.min_size).any():
            return
        if self.best is None or assignment.nowhere < self.best.nowhere:
            self.best = copy_assignment(assignment)

    def _add_cuts(self, assignment: Assignment, *, each: bool) -> None:
        """Add the sets that forbid a choice: of each row that goes nowhere, or of all together."""
        sites = len(self._near)
        everyone = np.zeros(self._near.shape[1], np.bool_)
        for row in np.flatnonzero((assignment.site_of < 0) & self._near.any(axis=0)):
            path = new_path(sites)
            augment_row(self._graph, assignment, path, int(row))
            rows = np.zeros(self._rows, np.bool_)
            rows[(assignment.site_of >= 0) & path.seen[assignment.site_of]] = True
            rows[row] = True
            everyone[rows] = True
            if each:
                self._cuts.add(rows, minimum=False)
        self._cuts.add(everyone, minimum=False)
        for site in np.flatnonzero(assignment.chosen & (assignment.load < self._limits.min_size)):
            path = new_path(sites)
            augment_site(self._graph, assignment, path, int(site))
            self._cuts.add(_any_of(self._near[path.seen]), minimum=True)

    def _program(self, goal: _Goal) -> Program:
        """State the program of what is known."""
        number = goal.number
        free = (self._rows if goal.enough is None else goal.enough) - self._lost
        sites, rows = self._near.shape
        capacity, lower = self._capacity_rows()
        minimum, upper = self._minimum_rows()
        count = np.concatenate([np.ones(sites), np.zeros(rows)])[None]
        nowhere = np.concatenate([np.zeros(sites), np.ones(rows)])[None]
        left_out = np.full(rows, float(free > 0))
        rather = -_TIE if goal.more else _TIE
        cost = count if goal.fewest_sites else nowhere + count * rather / max(1, number[1])
        return Program(
            cost=cost[0],
            lower=np.append(self._limits.forced.astype(np.float64), np.zeros(rows)),
            upper=np.append(self._allowed_sites(number[1], free), left_out),
            integer=np.arange(sites + rows) < sites,
            matrix=sparse.csr_matrix(np.vstack([capacity, minimum, count, nowhere])),
            row_lower=np.concatenate(
                [lower, np.full(len(minimum), -np.inf), [float(number[0]), 0.0]]
            ),
            row_upper=np.concatenate(
                [np.full(len(capacity), np.inf), upper, [float(number[1]), float(free)]]
            ),
        )

    def _allowed_sites(self, p: int, free: int) -> Floats:
        """Return (c,) 1 for the sites that p can include: the others have room for so many only."""
        reached = self._near.shape[1] - self._lost
        others = np.sort(np.minimum(self._limits.max_size, self._near.sum(axis=1)))[::-1][: p - 1]
        near = np.minimum(self._limits.max_size, self._near.sum(axis=1))
        needed = reached - free - int(others.sum())
        allowed = self._graph.allowed & (near >= needed)
        return np.asarray(allowed, np.float64)

    def _capacity_rows(self) -> tuple[Floats, Floats]:
        """Return the rows of the program that say that there is room, and their least values."""
        reached = _any_of(self._near)
        sets: Bools = np.vstack([np.diag(reached)[reached], reached[None], *self._cuts.capacity])
        sets[:, ~reached] = False
        held = _sizes(sets, self._near)
        return (
            np.hstack([np.minimum(held, self._limits.max_size), sets.astype(np.float64)]),
            sets.sum(axis=1).astype(np.float64),
        )

    def _minimum_rows(self) -> tuple[Floats, Floats]:
        """Return the rows that say how many groups can live on some, and their largest values."""
        rows = self._near.shape[1]
        sets = np.array(self._cuts.minimum, np.bool_).reshape(len(self._cuts.minimum), rows)
        elsewhere = self._near.sum(axis=1) - _sizes(sets, self._near)
        needs = np.maximum(0.0, self._limits.min_size - elsewhere)
        return np.hstack([needs, np.zeros((len(sets), rows))]), sets.sum(axis=1).astype(np.float64)


def _any_of(near: Bools) -> Bools:
    """Return (r,) the rows that are near any of the sites."""
    return np.asarray(near.any(axis=0), np.bool_)


def _sizes(sets: Bools, near: Bools) -> Floats:
    """Return (k, c) how many of each set are near each site."""
    held = sets.astype(np.float32) @ near.T.astype(np.float32)
    return np.asarray(held, np.float64)
