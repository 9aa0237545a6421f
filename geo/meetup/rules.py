"""Plans in which some people are kept together or apart, with groups of any limits.

Choose ``y_j`` (site j is used), ``x_uj`` (unit u goes to site j; a unit is one person, or several
who are kept together) and ``n_u`` (unit u goes nowhere), all 0 or 1, subject to

    sum_j x_uj + n_u = 1                      everybody goes to one site or nowhere
    least y_j <= sum_u size_u x_uj <= most_j y_j
    sum_{u of a set} x_uj <= y_j              for each set kept apart
    sum_j y_j <= p

First ``sum_u size_u n_u`` is made least, then, with that many left out, the objective.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.facility_location.highs import Outcome, Program, solve_program
from geo.meetup.problem import Answer, Clock, Floats, Problem, Rows, weakest_bound
from geo.meetup.request import PlanObjective


@dataclass(frozen=True, slots=True)
class _Units:
    """Who drives as one, and every unit's ways; ``unit`` and ``site`` are (k,) by way."""

    members: tuple[Rows, ...]
    sizes: Floats
    unit: Rows
    site: Rows
    total_s: Floats
    worst_s: Floats


def solve_rules(
    problem: Problem, objective: PlanObjective, p: int | None, clock: Clock, relaxed: Answer
) -> Answer:
    """Solve a problem with all its rules.

    Parameters
    ----------
    problem
        Who can drive where, and the rules.
    objective
        What to make best.
    p
        How many sites at most; None for any number.
    clock
        When to stop.
    relaxed
        The best plan without the rules; where as many are placed, its bound holds here too.
    """
    units = _units(problem)
    model = _Model(problem, units, p)
    first = solve_program(model.program(model.left_out), time_limit_s=0.5 * clock.left_s)
    if first.values is None:
        return Answer.nobody(len(problem.seconds), proven=first.infeasible)
    nobody_more = first.objective - first.bound < 0.5
    left_out = round(first.objective)
    goal = model.goal(objective)
    second = solve_program(
        model.program(goal, left_out), time_limit_s=clock.left_s, start=_start(first, model)
    )
    values = first.values if second.values is None else second.values
    answer = _answer(problem, units, values)
    value = problem.value(objective, answer)
    return _judged(problem, objective, answer, value, (second, nobody_more, relaxed))


def _judged(
    problem: Problem,
    objective: PlanObjective,
    answer: Answer,
    value: float,
    found: tuple[Outcome, bool, Answer],
) -> Answer:
    second, nobody_more, relaxed = found
    if objective == "coverage":
        bound = value if nobody_more else max(value, relaxed.bound)
        return replace(answer, value=value, bound=bound, proven=nobody_more)
    bound = weakest_bound(problem, objective, answer.placed)
    if relaxed.placed == answer.placed and math.isfinite(relaxed.bound):
        bound = max(bound, relaxed.bound)
    if nobody_more:
        bound = max(bound, second.bound)
    proven = nobody_more and bool(bound >= value - 1e-6 * max(1.0, value))
    return replace(answer, value=value, bound=value if proven else min(bound, value), proven=proven)


def _units(problem: Problem) -> _Units:
    people = len(problem.seconds)
    alone = np.setdiff1d(np.arange(people), np.concatenate([*problem.together, np.zeros(0, int)]))
    members = (*problem.together, *(np.array([row], np.intp) for row in alone))
    worst = np.array([problem.seconds[rows].max(axis=0) for rows in members])
    total = np.array([problem.weights[rows] @ problem.seconds[rows] for rows in members])
    unit, site = np.nonzero(np.isfinite(worst))
    sizes = np.array([len(rows) for rows in members], np.float64)
    return _Units(members, sizes, unit, site, total[unit, site], worst[unit, site])


class _Model:
    """The program; variables are ways, sites, units that go nowhere, and the longest drive."""

    def __init__(self, problem: Problem, units: _Units, p: int | None) -> None:
        self._units = units
        self._ways = len(units.unit)
        self._sites = problem.seconds.shape[1]
        self._count = self._ways + self._sites + len(units.members) + 1
        self._forced = problem.forced
        self._rows: list[tuple[npt.NDArray[np.intp], Floats, float, float]] = []
        self._add_units()
        self._add_groups(problem)
        self._add_apart(problem.apart)
        if p is not None:
            self._add(self._site(np.arange(self._sites)), np.ones(self._sites), -np.inf, p)

    @property
    def left_out(self) -> Floats:
        """The cost by which each person who goes nowhere counts one."""
        cost = np.zeros(self._count)
        cost[self._ways + self._sites : -1] = self._units.sizes
        return cost

    def goal(self, objective: PlanObjective) -> Floats:
        """Return the cost of an objective."""
        cost = np.zeros(self._count)
        if objective == "fairest":
            cost[-1] = 1.0
        elif objective == "fewest":
            cost[self._ways : self._ways + self._sites] = 1.0
        else:
            cost[: self._ways] = self._units.total_s
        return cost

    def program(self, cost: Floats, left_out: int | None = None) -> Program:
        """Return the program of a cost, in which exactly so many people are left out."""
        from scipy.sparse import csr_matrix

        rows = list(self._rows)
        if left_out is not None:
            columns = np.arange(self._ways + self._sites, self._count - 1)
            rows.append((columns, self._units.sizes, float(left_out), float(left_out)))
        index = np.concatenate([row[0] for row in rows])
        data = np.concatenate([row[1] for row in rows])
        starts = np.cumsum([0, *(len(row[0]) for row in rows)])
        upper = np.ones(self._count)
        upper[-1] = np.inf
        lower = np.zeros(self._count)
        lower[self._ways + self._forced] = 1.0
        integer = np.ones(self._count, np.bool_)
        integer[-1] = False
        return Program(
            cost=cost,
            upper=upper,
            integer=integer,
            matrix=csr_matrix((data, index, starts), shape=(len(rows), self._count)),
            row_lower=np.array([row[2] for row in rows]),
            row_upper=np.array([row[3] for row in rows]),
            lower=lower,
        )

    def _add(self, columns: Rows, values: Floats, lower: float, upper: float) -> None:
        self._rows.append((np.asarray(columns, np.intp), values, lower, upper))

    def _site(self, sites: Rows) -> Rows:
        return np.asarray(sites + self._ways, np.intp)

    def _add_units(self) -> None:
        """Everybody goes to one site or nowhere; the longest drive is no shorter than any."""
        for unit in range(len(self._units.members)):
            ways = np.flatnonzero(self._units.unit == unit)
            nowhere = self._ways + self._sites + unit
            columns = np.append(ways, nowhere)
            self._add(columns, np.ones(len(columns)), 1.0, 1.0)
            drives = np.append(-self._units.worst_s[ways], 1.0)
            self._add(np.append(ways, self._count - 1), drives, 0.0, np.inf)

    def _add_groups(self, problem: Problem) -> None:
        """Nobody goes where nothing is; every group has its size."""
        most = np.minimum(problem.most, len(problem.seconds))
        for way, site in enumerate(self._units.site):
            self._add(np.array([way, self._ways + site]), np.array([1.0, -1.0]), -np.inf, 0.0)
        for site in range(self._sites):
            ways = np.flatnonzero(self._units.site == site)
            columns = np.append(ways, self._ways + site)
            sizes = self._units.sizes[self._units.unit[ways]]
            self._add(columns, np.append(sizes, -most[site]), -np.inf, 0.0)
            if problem.min_size:
                self._add(columns, np.append(sizes, -float(problem.min_size)), 0.0, np.inf)

    def _add_apart(self, apart: Sequence[Rows]) -> None:
        for rows in apart:
            own = [
                u for u, members in enumerate(self._units.members) if np.isin(members, rows).any()
            ]
            for site in range(self._sites):
                ways = np.flatnonzero(np.isin(self._units.unit, own) & (self._units.site == site))
                if len(ways) > 1:
                    columns = np.append(ways, self._ways + site)
                    self._add(columns, np.append(np.ones(len(ways)), -1.0), -np.inf, 0.0)


def _start(first: Outcome, model: _Model) -> Floats | None:
    """Return the first point as the beginning of the second search."""
    if first.values is None:
        return None
    start = np.rint(first.values)
    start[-1] = model._units.worst_s.max(initial=0.0)
    return np.asarray(start, np.float64)


def _answer(problem: Problem, units: _Units, values: Floats) -> Answer:
    assignment = np.full(len(problem.seconds), -1, np.intp)
    for way in np.flatnonzero(values[: len(units.unit)] > 0.5):
        assignment[units.members[units.unit[way]]] = units.site[way]
    used = values[len(units.unit) : len(units.unit) + problem.seconds.shape[1]] > 0.5
    sites = np.flatnonzero(used)
    kept = np.union1d(np.intersect1d(sites, assignment), problem.forced).astype(np.intp)
    return Answer(kept, assignment, 0.0, 0.0, proven=False)
