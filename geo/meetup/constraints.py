"""Plans in which some people are kept together or apart, with groups of any limits.

Choose ``y_j`` (site j is used), ``x_uj`` (unit u goes to site j; a unit is one person, or several
who are kept together) and ``n_u`` (unit u goes nowhere), all 0 or 1, subject to

    sum_j x_uj + n_u = 1                      everybody goes to one site or nowhere
    least y_j <= sum_u size_u x_uj <= most_j y_j
    sum_{u of a set} x_uj <= y_j              for each set kept apart
    sum_j y_j <= p

First ``sum_u size_u n_u`` is made least, then, with that many left out, the objective.

A large problem is solved over the sites that a plan without the rules uses, and those near the
people whom the rules name; its bound is the one of the plan without the rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location import SolveBudget
from geo.facility_location.highs import Program, solve_program
from geo.meetup.group_limits import first_plan
from geo.meetup.request import Floats, PlanObjective, Problem, Rows, Solution, weakest_bound

_MOST_ARCS = 12_000
"""Arcs of a unit to a site beyond which the program of all of them does not help in time."""
_NEAREST = 8
"""Sites near each person whom a rule names that are looked at in a large problem."""
_ARCS_A_UNIT = 12
"""So many of a unit's arcs are looked at there."""


@dataclass(frozen=True, slots=True)
class _Units:
    """Who drives as one, and every unit's arcs; ``unit`` and ``site`` are (k,) by arc."""

    members: tuple[Rows, ...]
    sizes: Floats
    unit: Rows
    site: Rows
    total_s: Floats
    worst_s: Floats

    def take(self, arcs: npt.NDArray[np.bool_]) -> _Units:
        """Return the units with some of their arcs."""
        return replace(
            self,
            unit=self.unit[arcs],
            site=self.site[arcs],
            total_s=self.total_s[arcs],
            worst_s=self.worst_s[arcs],
        )


def solve_rules(
    problem: Problem,
    objective: PlanObjective,
    p: int | None,
    budget: SolveBudget,
    relaxed: Solution,
) -> Solution:
    """Solve a problem with all its rules, at p sites at most, or any number for None.

    ``relaxed`` is the best plan without the rules; where as many are placed, its bound holds here.
    """
    units = _units(problem)
    solution = first_plan(problem, units.members, relaxed.sites, p)
    best = _Found(solution, _places_most(problem, solution, relaxed), -math.inf)
    whole = len(units.unit) <= _MOST_ARCS
    if not whole:
        units = units.take(_likely(problem, units, relaxed.sites, _NEAREST))
    found = _search(problem, objective, p, _RuleSearch(units, budget, relaxed, whole=whole), best)
    return _proven_solution(problem, objective, found, relaxed)


@dataclass(frozen=True, slots=True)
class _RuleSearch:
    """Which arcs are looked at, until when, and what is known without the rules.

    ``whole`` says that these are all arcs there are, so that what is proven of them is proven.
    """

    units: _Units
    budget: SolveBudget
    relaxed: Solution
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A plan, whether it is shown that none places more, and what none is below.

    The bound says nothing, ``-inf``, unless all arcs were looked at.
    """

    solution: Solution
    places_most: bool
    bound: float


def _search(
    problem: Problem,
    objective: PlanObjective,
    p: int | None,
    search: _RuleSearch,
    known: _Found,
) -> _Found:
    """Place most people, then make the objective best; begin from what is known."""
    budget, relaxed = search.budget, search.relaxed
    model = _Model(problem, search.units, p)
    first = solve_program(
        model.program(model.left_out),
        budget.part(0.5, silent=True),
        start=model.point(known.solution),
    )
    if first.values is None:
        sure = first.infeasible and search.whole
        return _Found(replace(known.solution, proven=sure), sure or known.places_most, -math.inf)
    unplaced = round(first.objective)
    shown = search.whole and first.objective - first.bound < 0.5

    def report(_elapsed_s: float, value: float, bound: float) -> bool:
        if objective == "coverage" or not math.isfinite(value):
            return budget.should_continue()
        return budget.report(value, min(value, max(bound, relaxed.bound)))

    second = solve_program(
        model.program(model.goal(objective), unplaced),
        SolveBudget(budget.left_s, progress=report),
        start=np.rint(first.values),
    )
    values = first.values if second.values is None else second.values
    solution = model.solution(values)
    shown = shown or _places_most(problem, solution, relaxed)
    return _Found(solution, shown, second.bound if search.whole else -math.inf)


def _places_most(problem: Problem, solution: Solution, relaxed: Solution) -> bool:
    """Whether it is known that no plan places more people than this one."""
    reached = int(np.isfinite(problem.seconds).any(axis=1).sum())
    return solution.placed == (relaxed.placed if relaxed.proven else reached)


def _proven_solution(
    problem: Problem, objective: PlanObjective, found: _Found, relaxed: Solution
) -> Solution:
    """Return a plan with its value and what is surely known of the best one."""
    solution, more = found.solution, found.places_most
    value = problem.value(objective, solution)
    if objective == "coverage":
        upper = relaxed.bound if math.isfinite(relaxed.bound) else float(len(problem.seconds))
        bound = value if more else max(value, upper)
        return replace(solution, value=value, bound=bound, proven=more)
    bound = weakest_bound(problem, objective, solution.placed)
    if relaxed.placed == solution.placed and math.isfinite(relaxed.bound):
        bound = max(bound, relaxed.bound)
    if more:
        bound = max(bound, found.bound)
    proven = more and bool(bound >= value - 1e-6 * max(1.0, value))
    return replace(
        solution, value=value, bound=value if proven else min(bound, value), proven=proven
    )


def _units(problem: Problem) -> _Units:
    people = len(problem.seconds)
    alone = np.setdiff1d(np.arange(people), np.concatenate([*problem.together, np.zeros(0, int)]))
    members = (*problem.together, *(np.array([row], np.intp) for row in alone))
    worst = np.array([problem.seconds[rows].max(axis=0) for rows in members])
    unit, site = np.nonzero(np.isfinite(worst))
    reached = np.where(np.isfinite(problem.seconds), problem.seconds, 0.0)
    total = np.array([problem.weights[rows] @ reached[rows] for rows in members])
    sizes = np.array([len(rows) for rows in members], np.float64)
    return _Units(members, sizes, unit, site, total[unit, site], worst[unit, site])


def _likely(problem: Problem, units: _Units, sites: Rows, near: int) -> npt.NDArray[np.bool_]:
    """Return (k,) the shortest arcs to given sites and to those near people whom rules name."""
    named = np.unique(np.concatenate([*problem.together, *problem.apart, np.zeros(0, np.intp)]))
    wanted = np.zeros(problem.seconds.shape[1], np.bool_)
    wanted[sites] = wanted[problem.forced] = True
    if near:
        order = np.argsort(problem.seconds[named], axis=1, kind="stable")[:, :near]
        wanted[order.ravel()] = True
    likely = wanted[units.site]
    arc = np.flatnonzero(likely)
    arc = arc[np.lexsort((units.total_s[arc], units.unit[arc]))]
    begin = np.searchsorted(units.unit[arc], units.unit[arc])
    likely[arc[np.arange(len(arc)) - begin >= _ARCS_A_UNIT]] = False
    return likely


class _Model:
    """The program; variables are arcs, sites, units that go nowhere, and the longest drive."""

    def __init__(self, problem: Problem, units: _Units, p: int | None) -> None:
        self._problem, self._units, self._p = problem, units, p
        self._arcs, self._sites = len(units.unit), problem.seconds.shape[1]
        self._count = self._arcs + self._sites + len(units.members) + 1
        self._matrix, self._lower, self._upper = self._rows()

    @property
    def left_out(self) -> Floats:
        """The cost by which each person who goes nowhere counts one."""
        cost = np.zeros(self._count)
        cost[self._arcs + self._sites : -1] = self._units.sizes
        return cost

    def goal(self, objective: PlanObjective) -> Floats:
        """Return the cost of an objective."""
        cost = np.zeros(self._count)
        if objective == "fairest":
            cost[-1] = 1.0
        elif objective == "fewest":
            cost[self._arcs : self._arcs + self._sites] = 1.0
        else:
            cost[: self._arcs] = self._units.total_s
        return cost

    def program(self, cost: Floats, left_out: int | None = None) -> Program:
        """Return the program of a cost, in which exactly so many people are left out."""
        upper = np.ones(self._count)
        upper[-1] = float(self._units.worst_s.max(initial=0.0))
        lower = np.zeros(self._count)
        lower[self._arcs + self._problem.forced] = 1.0
        nowhere = (0.0, np.inf) if left_out is None else (float(left_out), float(left_out))
        return Program(
            cost=cost,
            lower=lower,
            upper=upper,
            integer=np.arange(self._count) < self._count - 1,
            matrix=self._matrix,
            row_lower=np.append(self._lower, nowhere[0]),
            row_upper=np.append(self._upper, nowhere[1]),
        )

    def point(self, solution: Solution) -> Floats:
        """Return a plan as values of the variables."""
        units = self._units
        first = np.array([rows[0] for rows in units.members], np.intp)
        going = solution.assignment[first]
        goes = going[units.unit] == units.site
        used = np.isin(np.arange(self._sites), solution.sites)
        worst = units.worst_s[goes].max(initial=0.0)
        return np.concatenate([goes, used, going < 0, [worst]]).astype(np.float64)

    def solution(self, values: Floats) -> Solution:
        """Return the plan that values of the variables stand for."""
        assignment = np.full(len(self._problem.seconds), -1, np.intp)
        for arc in np.flatnonzero(values[: self._arcs] > 0.5):
            assignment[self._units.members[self._units.unit[arc]]] = self._units.site[arc]
        used = np.flatnonzero(values[self._arcs : self._arcs + self._sites] > 0.5)
        kept = np.union1d(np.intersect1d(used, assignment), self._problem.forced).astype(np.intp)
        return Solution(kept, assignment, 0.0, 0.0, proven=False)

    def _rows(self) -> tuple[sparse.csr_matrix, Floats, Floats]:
        """State every rule; the last row counts who is left out."""
        units, problem = self._units, self._problem
        k, m, u = self._arcs, self._sites, len(units.members)
        arc = np.arange(k)
        of_unit = sparse.csr_matrix((np.ones(k), (units.unit, arc)), shape=(u, k))
        drive = sparse.csr_matrix((-units.worst_s, (units.unit, arc)), shape=(u, k))
        size = units.sizes[units.unit]
        at = sparse.csr_matrix((size, (units.site, arc)), shape=(m, k))
        to = sparse.csr_matrix((-np.ones(k), (arc, units.site)), shape=(k, m))
        most = np.minimum(problem.max_sizes, len(problem.seconds))
        apart, site_of = self._apart()
        blocks = [
            [of_unit, None, sparse.eye(u), None],
            [drive, None, None, np.ones((u, 1))],
            [sparse.eye(k), to, None, None],
            [at, sparse.diags(-most), None, None],
            [at, sparse.diags(np.full(m, -float(problem.min_size))), None, None],
            [apart, site_of, None, None],
            [None, np.ones((1, m)), None, None],
            [None, None, units.sizes[None], None],
        ]
        number = float(m if self._p is None else self._p)
        counts = [u, u, k + m, m, apart.shape[0], 1]
        lower = np.repeat([1.0, 0.0, -np.inf, 0.0, -np.inf, -np.inf], counts)
        upper = np.repeat([1.0, np.inf, 0.0, np.inf, 0.0, number], counts)
        return sparse.bmat(blocks, format="csr"), lower, upper

    def _apart(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Return, for each set kept apart and each site, the arcs of the set and minus the site."""
        units, m = self._units, self._sites
        unit_of = np.empty(len(self._problem.seconds), np.intp)
        for number, members in enumerate(units.members):
            unit_of[members] = number
        arc, row = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
        for number, people in enumerate(self._problem.apart):
            own = np.flatnonzero(np.isin(units.unit, unit_of[people]))
            arc.append(own)
            row.append(number * m + units.site[own])
        sets = len(self._problem.apart)
        arcs, rows = np.concatenate(arc), np.concatenate(row)
        ones = np.ones(len(arcs)), (rows, arcs)
        return (
            sparse.csr_matrix(ones, shape=(sets * m, self._arcs)),
            sparse.csr_matrix(np.tile(-np.eye(m), (sets, 1))),
        )
