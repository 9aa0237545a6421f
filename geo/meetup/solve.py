"""From a problem to a solution with its proof: the simplest solver that its rules allow.

Without limits on the groups the solvers of `geo.facility_location` do. Their plan, the relaxed one,
is also taken where it happens to keep all limits: no plan within the limits is better than the best
one without. Otherwise groups are solved with their sizes (`group_limits`), and people
who are kept together or apart by a program that knows of them (`constraints`).

What groups of limited size take to solve grows with people times sites, and much of it is done in
steps that no clock can interrupt. So a large problem is restricted to the sites that a good plan is
likely to use. A plan of the restriction is a plan of the whole problem. A bound of it is none: what
is known of the whole is the bound of its relaxation, and what the nearest sites and the largest
rooms allow at best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo import facility_location
from geo.facility_location import SolveBudget
from geo.meetup.group_limits import solve_groups
from geo.meetup.history import solve_with_history
from geo.meetup.request import Floats, PlanObjective, Problem, Rows, Solution, better, weakest_bound

_MOST_PAIRS = 300_000
"""People times sites beyond which sites are left out."""
_LEAST_SITES, _SITES_A_MEETUP = 200, 10
"""So many sites are kept in any case, and so many for each meetup."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """Some of the sites of a problem: the columns that are kept, ascending."""

    whole: Problem
    columns: Rows

    @classmethod
    def of(cls, problem: Problem, p: int | None, relaxed: Solution) -> Restriction | None:
        """Keep the sites that are near people; None where all of them can be looked at.

        Those of the plan without limits are kept, and for each person the nearest site with room
        for a group, so nobody loses every place. The others follow by how early they come in the
        list of the person to whom fewest sites are nearer.
        """
        if not is_large(problem, p):
            return None
        number = _kept_sites(problem, p)
        allowed = problem.max_sizes_whole >= max(1, problem.min_size)
        rank = _least_ranks(np.where(allowed, problem.seconds, np.inf))
        rank[relaxed.sites] = rank[problem.forced] = -1
        reached = np.where(np.isfinite(problem.seconds), problem.seconds, 0.0).sum(axis=0)
        order = np.lexsort((reached, rank))
        kept = max(number, int((rank <= 0).sum()))
        return cls(problem, np.sort(order[:kept]))

    @property
    def problem(self) -> Problem:
        """The problem with these sites alone."""
        return replace(
            self.whole,
            seconds=self.whole.seconds[:, self.columns],
            rooms=self.whole.rooms[self.columns],
            forced=np.searchsorted(self.columns, self.whole.forced).astype(np.intp),
        )

    def restrict(self, solution: Solution) -> Solution:
        """Return a plan of the whole, whose sites are kept, as one of the restriction."""
        going = solution.assignment >= 0
        column = np.searchsorted(self.columns, solution.assignment).astype(np.intp)
        return replace(
            solution,
            sites=np.searchsorted(self.columns, solution.sites).astype(np.intp),
            assignment=np.where(going, column, -1),
        )

    def lift(
        self, objective: PlanObjective, p: int | None, solution: Solution, relaxed: Solution
    ) -> Solution:
        """Return a plan of the restriction as one of the whole, with what is known of that."""
        whole, columns = self.whole, self.columns
        going = solution.assignment >= 0
        assignment = np.where(going, columns[solution.assignment], -1).astype(np.intp)
        plan = replace(solution, sites=columns[solution.sites], assignment=assignment)
        value = whole.value(objective, plan)
        most = most_people(whole, p)
        if objective == "coverage":
            bound = max(value, min(most, relaxed.bound if relaxed.bound > 0 else math.inf))
            return replace(plan, value=value, bound=bound, proven=bound == value)
        bound = weakest_bound(whole, objective, plan.placed)
        if relaxed.placed == plan.placed and math.isfinite(relaxed.bound):
            bound = max(bound, relaxed.bound)
        bound = min(bound, value)
        return replace(
            plan, value=value, bound=bound, proven=bound >= value and plan.placed >= most
        )


def is_large(problem: Problem, p: int | None) -> bool:
    """Whether groups are looked for among some of the sites only."""
    return problem.seconds.size > _MOST_PAIRS and problem.seconds.shape[1] > _kept_sites(problem, p)


def _kept_sites(problem: Problem, p: int | None) -> int:
    """Return how many sites are kept."""
    people = max(1, len(problem.seconds))
    return max(_MOST_PAIRS // people, _LEAST_SITES, _SITES_A_MEETUP * (p or 1))


def most_people(problem: Problem, p: int | None) -> float:
    """Return how many people can be placed at most: those who reach a site, and those with room."""
    reaching = int(np.isfinite(problem.seconds).any(axis=1).sum())
    rooms = np.sort(problem.max_sizes_whole)[::-1]
    return float(min(reaching, int(rooms[:p].sum())))


def _least_ranks(seconds: Floats) -> Rows:
    """Return (m,) how many sites are nearer than each to the person to whom fewest are."""
    least = np.full(seconds.shape[1], seconds.shape[1], np.intp)
    for line in seconds:
        near = np.argsort(line, kind="stable")[: int(np.isfinite(line).sum())]
        least[near] = np.minimum(least[near], np.arange(len(near)))
    return least


_WHOLE_IF = 1.5
"""All sites are looked at where that may take so many times longer than is to be expected."""
_FIRST_SHARE, _FIRST_SHARE_SIZED, _FIRST_SHARE_LARGE = 0.25, 0.1, 0.4
"""Of the time, for the relaxed plan; groups are bounded better later, but where there are too many
sites for them (`Restriction`) its bound is the only one."""


def solve(
    problem: Problem, objective: PlanObjective, p: int | None, budget: SolveBudget
) -> Solution:
    """Solve a problem, with driving history where people have priorities.

    At p sites, which for ``fewest`` is the most there may be, or None for any number.
    """
    if problem.priority is None:
        return _solve_plain(problem, objective, p, budget)
    return solve_with_history(
        problem, objective, budget, lambda scaled, step: _solve_plain(scaled, objective, p, step)
    )


def _solve_plain(
    problem: Problem, objective: PlanObjective, p: int | None, budget: SolveBudget
) -> Solution:
    """Solve a problem without priorities."""
    people, sites = problem.seconds.shape
    if not people or not sites or not np.isfinite(problem.seconds).any():
        return Solution.empty(people)
    p = None if p is None else min(p, sites)
    strict = problem.limited or bool(problem.apart)
    share = _FIRST_SHARE
    if problem.limited:
        share = _FIRST_SHARE_LARGE if is_large(problem, p) else _FIRST_SHARE_SIZED
    first = budget.part(share, silent=True) if strict else budget
    if objective == "fewest":
        solution = _fewest_sites(problem, p, first)
    else:
        solution = _relaxed(problem, objective, p or 1, first)
    if problem.is_feasible(solution):
        return solution
    if not (problem.apart or problem.together):
        return _grouped(problem, objective, p, budget, solution)
    if problem.limited:
        free = replace(problem, together=(), apart=())
        solution = _grouped(free, objective, p, budget.part(0.4, silent=True), solution)
    from geo.meetup.constraints import solve_rules  # SciPy's matrices are slow to import

    return solve_rules(problem, objective, p, budget, solution)


def _grouped(
    problem: Problem,
    objective: PlanObjective,
    p: int | None,
    budget: SolveBudget,
    relaxed: Solution,
) -> Solution:
    """Solve with sizes, over the likely sites alone where all of them are too many.

    Where that was soon done, all sites are looked at with the time that is left.
    """
    few = Restriction.of(problem, p, relaxed)
    if few is None:
        return solve_groups(problem, objective, p, budget, relaxed)
    before_s = budget.left_s
    solution = solve_groups(few.problem, objective, p, budget, few.restrict(relaxed))
    solution = few.lift(objective, p, solution, relaxed)
    whole_s = (before_s - budget.left_s) * problem.seconds.shape[1] / len(few.columns)
    if solution.proven or budget.cancelled or _WHOLE_IF * whole_s > budget.left_s:
        return solution
    whole = solve_groups(problem, objective, p, budget, relaxed)
    if whole.proven or better(objective, whole, solution):
        return whole
    if whole.placed != solution.placed or objective == "coverage":
        return solution
    return replace(solution, bound=max(solution.bound, min(whole.bound, solution.value)))


def _relaxed(problem: Problem, objective: PlanObjective, p: int, budget: SolveBudget) -> Solution:
    """Solve without sizes and without keeping anybody apart."""
    merged = problem.merged(worst=objective == "fairest")
    solver = (
        facility_location.solve_p_center
        if objective == "fairest"
        else facility_location.solve_p_median
    )
    share = 0.6 if objective == "coverage" else 1.0
    siting = solver(
        merged.seconds,
        p,
        weights=merged.weights,
        forced=problem.forced_list,
        time_limit_s=share * budget.left_s,
        progress=budget.callback(silent=objective == "coverage"),
    )
    solution = Solution.of(siting)
    if objective == "coverage":
        return _most_people(merged, p, budget, solution)
    return replace(solution, value=problem.value(objective, solution))


def _most_people(problem: Problem, p: int, budget: SolveBudget, median: Solution) -> Solution:
    """Return the plan that places most; of two, the one of short drives.

    A p-median places as many as it can before it shortens drives, so it is the solution already
    unless it was stopped too early.
    """
    if median.proven:
        return replace(median, value=float(median.placed), bound=float(median.placed))
    siting = facility_location.solve_max_coverage(
        problem.seconds,
        p,
        np.inf,
        forced=problem.forced_list,
        time_limit_s=budget.left_s,
        progress=budget.callback(),
    )
    best = Solution.of(siting)
    chosen = median if median.placed >= best.placed else best
    bound = max(float(chosen.placed), siting.bound)
    return replace(chosen, value=float(chosen.placed), bound=bound, proven=bound == chosen.placed)


def _fewest_sites(problem: Problem, p: int | None, budget: SolveBudget) -> Solution:
    """Return the fewest sites that place everybody who can be placed, or p that place most."""
    merged = problem.merged(worst=False)
    siting = facility_location.solve_set_cover(
        merged.seconds,
        np.inf,
        weights=merged.weights,
        forced=problem.forced_list,
        time_limit_s=0.6 * budget.left_s,
        progress=budget.callback(),
    )
    cover, quiet = Solution.of(siting), budget.part(1.0, silent=True)
    if p is None or len(cover.sites) <= p:
        shorter = _relaxed(problem, "total", max(1, len(cover.sites)), quiet)
        if shorter.placed >= cover.placed and len(shorter.sites) <= len(cover.sites):
            return replace(cover, sites=shorter.sites, assignment=shorter.assignment)
        return cover
    # Fewer than all can be placed. A plan of p sites that places most needs every one of them:
    # with one fewer, a site for somebody who is left out could be added.
    most = _relaxed(problem, "coverage", p, quiet)
    return replace(most, value=float(len(most.sites)), bound=float(p) if most.proven else 1.0)
