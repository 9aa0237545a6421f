"""Plans whose groups must be neither too small nor too large, for every objective.

The solvers of groups place as many people as they can first. What they leave open, of plans that
are as good, is the total drive: `solve_capacitated` shortens it in the end.

`first_plan` finds at once, and proven of nothing, a plan at given sites that keeps every rule.
Those whom a rule names are sent first, the largest units before others, each to the site that is
nearest to them and has room and nobody from whom they are kept apart. Then everybody else fills up
the groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from geo import facility_location
from geo.facility_location import GroupSize, SiteConstraints, Siting, SolveBudget
from geo.meetup.request import Floats, PlanObjective, Problem, Rows, Solution, weakest_bound


def first_plan(
    problem: Problem, members: Sequence[Rows], sites: Rows, p: int | None = None
) -> Solution:
    """Return a plan at some of the sites; nobody's where it finds none.

    Sites with the fewest people are left out until the groups fill. As long as there are fewer than
    p, one is added for whoever of those whom a rule names finds no room; None for any number.
    """
    named = _named(problem, members)
    most = problem.seconds.shape[1] if p is None else p
    open_ = _with_more_sites(
        problem, named, np.union1d(sites, problem.forced).astype(np.intp), most
    )
    while len(open_):
        assignment = _assigned(problem, named, open_)
        if assignment is not None:
            return Solution(open_, assignment, 0.0, 0.0, proven=False)
        free = ~np.isin(open_, problem.forced)
        if not free.any():
            break
        near = np.bincount(problem.seconds[:, open_].argmin(axis=1), minlength=len(open_)).astype(
            np.float64
        )
        open_ = np.delete(open_, int(np.where(free, near, np.inf).argmin()))
    return Solution.empty(len(problem.seconds), proven=False)


def _named(problem: Problem, members: Sequence[Rows]) -> list[Rows]:
    """Return the units that a rule names, the largest first."""
    apart = {int(row) for rows in problem.apart for row in rows}
    named = [rows for rows in members if len(rows) > 1 or int(rows[0]) in apart]
    return sorted(named, key=lambda rows: -len(rows))


def _with_more_sites(problem: Problem, named: Sequence[Rows], sites: Rows, most: int) -> Rows:
    """Return the sites, with more for those whom a rule names where they find no room."""
    everywhere = np.arange(problem.seconds.shape[1])
    assignment, room = np.full(len(problem.seconds), -1, np.intp), problem.max_sizes_whole.copy()
    for rows in named:
        drives = _drives(problem, rows, everywhere, assignment)
        drives[room < len(rows)] = np.inf
        here = drives[sites]
        if len(sites) < most and not np.isfinite(here).any() and np.isfinite(drives).any():
            sites = np.union1d(sites, [drives.argmin()]).astype(np.intp)
            here = drives[sites]
        if np.isfinite(here).any():
            assignment[rows] = sites[here.argmin()]
            room[sites[here.argmin()]] -= len(rows)
    return sites


def _assigned(problem: Problem, named: Sequence[Rows], sites: Rows) -> Rows | None:
    """Send the units that a rule names, then everybody else; None where sizes forbid it."""
    from geo.facility_location.group_assignment import cheapest_assignment_to

    assignment = np.full(len(problem.seconds), -1, np.intp)
    most = problem.max_sizes_whole[sites].copy()
    least = np.full(len(sites), problem.min_size)
    for rows in named:
        drives = _drives(problem, rows, sites, assignment)
        drives[most < len(rows)] = np.inf
        best = int(drives.argmin())
        if np.isfinite(drives[best]):
            assignment[rows] = sites[best]
            most[best] -= len(rows)
            least[best] = max(0, least[best] - len(rows))
    others = np.setdiff1d(np.arange(len(assignment)), np.concatenate([*named, np.zeros(0, int)]))
    cost = np.where(
        np.isfinite(problem.seconds[others]),
        problem.weights[others, None] * np.nan_to_num(problem.seconds[others], posinf=0.0),
        np.inf,
    ).T
    going = cheapest_assignment_to(cost, sites, least, most)
    if going is None:
        return None
    assignment[others] = going
    return assignment


def _drives(problem: Problem, rows: Rows, sites: Rows, assignment: Rows) -> Floats:
    """Return (k,) the drives of a unit; ``inf`` where somebody is whom they are kept apart from."""
    drives = problem.seconds[np.ix_(rows, sites)].sum(axis=0)
    for apart in problem.apart:
        if np.isin(rows, apart).any():
            drives[np.isin(sites, assignment[apart])] = np.inf
    return np.asarray(drives, np.float64)


_SHARE, _SHARE_SHORT = 0.6, 0.3
"""Of the time that is left, for what a plan is to be best at, and for a step beside."""
_CLOSE = 0.01
"""Of the total drive, where it comes last."""


_SOLVERS: dict[PlanObjective, str] = {
    "fairest": "solve_group_center",
    "coverage": "solve_group_coverage",
    "fewest": "solve_group_cover",
}
"""By objective, by name: they are imported when one is asked."""


def solve_groups(
    problem: Problem,
    objective: PlanObjective,
    p: int | None,
    budget: SolveBudget,
    relaxed: Solution,
) -> Solution:
    """Solve a problem whose groups are limited and that keeps nobody together or apart.

    At p sites at most, or any number for None.
    """
    if objective == "total":
        return _least_total(problem, p or 1, budget, relaxed)
    solver: Callable[..., Siting] = getattr(facility_location, _SOLVERS[objective])
    siting = solver(
        problem.seconds,
        p if objective == "fewest" else p or 1,
        _size(problem),
        constraints=SiteConstraints(problem.weights, problem.forced_list),
        budget=SolveBudget(_SHARE * budget.left_s, progress=budget.callback()),
    )
    if not siting.feasible:
        return _any_plan(problem, objective, relaxed.sites, proven=siting.proven)
    solution = _with_relaxed_bound(problem, objective, Solution.of(siting), relaxed)
    budget.report(solution.value, solution.bound)
    return _with_shorter_drives(problem, objective, solution, budget)


def _size(problem: Problem) -> GroupSize:
    """Return how many people may meet at each site."""
    most = int(problem.max_size) if math.isfinite(problem.max_size) else None
    return GroupSize(problem.min_size, most, problem.rooms)


def _least_total_siting(
    problem: Problem, number: int, limit_s: float, gap: float, budget: SolveBudget
) -> Siting:
    """Return groups of the least total at so many sites, reporting to the budget."""
    size = _size(problem)
    return facility_location.solve_capacitated(
        problem.seconds,
        number,
        min_size=size.min_size,
        max_size=size.max_size,
        capacities=size.capacities,
        weights=problem.weights,
        forced=problem.forced_list,
        time_limit_s=limit_s,
        gap=gap,
        progress=budget.callback(),
    )


def _any_plan(problem: Problem, objective: PlanObjective, sites: Rows, *, proven: bool) -> Solution:
    """Return nobody's plan where that is proven, or else one at some of the sites, if any."""
    if proven:
        return Solution.empty(len(problem.seconds))
    solution = first_plan(problem, (), sites)
    value = problem.value(objective, solution)
    bound = weakest_bound(problem, objective, solution.placed)
    return replace(
        solution,
        value=value,
        bound=max(bound, value) if objective == "coverage" else min(bound, value),
    )


def _with_relaxed_bound(
    problem: Problem, objective: PlanObjective, solution: Solution, relaxed: Solution
) -> Solution:
    """Return a solution with the bound that holds without limits, where that says more."""
    value = problem.value(objective, solution)
    if objective == "coverage":
        return replace(solution, value=value, bound=max(value, solution.bound))
    lower = weakest_bound(problem, objective, solution.placed)
    if relaxed.placed == solution.placed:  # no limits, and at least as many sites
        lower = max(lower, relaxed.bound)
    return replace(solution, value=value, bound=min(max(solution.bound, lower), value))


def _least_total(problem: Problem, p: int, budget: SolveBudget, relaxed: Solution) -> Solution:
    """Return the plan of least total among those of as many groups as place most people."""
    most = facility_location.solve_group_coverage(
        problem.seconds,
        p,
        _size(problem),
        constraints=SiteConstraints(problem.weights, problem.forced_list),
        budget=SolveBudget(_SHARE_SHORT * budget.left_s, progress=budget.callback(silent=True)),
    )
    if not most.feasible:
        return _any_plan(problem, "total", relaxed.sites, proven=most.proven)
    siting = _least_total_siting(problem, len(most.sites), budget.left_s, budget.gap, budget)
    found = Solution.of(siting if siting.feasible else most)
    if found.placed < most.objective:
        found = Solution.of(most)
    found = _with_relaxed_bound(problem, "total", found, relaxed)
    return replace(found, proven=found.proven and most.proven)


def _with_shorter_drives(
    problem: Problem, objective: PlanObjective, solution: Solution, budget: SolveBudget
) -> Solution:
    """Return a plan that is as good with shorter drives in all, if one is found."""
    if objective == "fairest":
        capped = np.where(problem.seconds <= solution.value, problem.seconds, np.inf)
        problem = replace(problem, seconds=capped)
    step = budget.part(_SHARE_SHORT, silent=True)
    siting = _least_total_siting(problem, len(solution.sites), step.left_s, _CLOSE, step)
    if not siting.feasible or len(siting.unplaced) > len(problem.seconds) - solution.placed:
        return solution
    shorter = Solution.of(siting)
    if problem.value("total", shorter) >= problem.value("total", solution):
        return solution
    return replace(solution, sites=shorter.sites, assignment=shorter.assignment)
