"""Plans whose groups must be neither too small nor too large, for every objective.

The solvers of groups place as many people as they can first. What they leave open, of plans that
are as good, is the total drive: `solve_capacitated` shortens it in the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from geo import facility_location
from geo.facility_location import Effort, GroupSize, Limits, Siting
from geo.meetup.clock import Clock
from geo.meetup.first_plan import first_plan
from geo.meetup.problem import Answer, Problem, Rows, weakest_bound
from geo.meetup.request import PlanObjective

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


def grouped(
    problem: Problem, objective: PlanObjective, p: int | None, clock: Clock, relaxed: Answer
) -> Answer:
    """Solve a problem whose groups are limited.

    Parameters
    ----------
    problem
        Nobody is kept together or apart.
    objective
        What to make best.
    p
        How many sites at most; None for any number.
    clock
        When to stop; told the value and the bound.
    relaxed
        The best plan without the limits.
    """
    if objective == "total":
        return _least_total(problem, p or 1, clock, relaxed)
    solver: Callable[..., Siting] = getattr(facility_location, _SOLVERS[objective])
    siting = solver(
        problem.seconds,
        p if objective == "fewest" else p or 1,
        _size(problem),
        limits=Limits(problem.weights, problem.forced_list),
        effort=Effort(_SHARE * clock.left_s, progress=clock.hear),
    )
    if not siting.feasible:
        return _some(problem, objective, relaxed.sites, proven=siting.proven)
    answer = _with_floor(problem, objective, Answer.of(siting), relaxed)
    clock.tell(answer.value, answer.bound)
    return _shorter(problem, objective, answer, clock)


def _size(problem: Problem) -> GroupSize:
    """Return how many people may meet at each site."""
    most = int(problem.max_size) if math.isfinite(problem.max_size) else None
    return GroupSize(problem.min_size, most, problem.rooms)


def _shortest(problem: Problem, number: int, limit_s: float, gap: float, clock: Clock) -> Siting:
    """Return groups at so many sites of the least total; the clock hears what is asked of it."""
    size = _size(problem)
    return facility_location.solve_capacitated(
        problem.seconds,
        number,
        min_size=size.least,
        max_size=size.most,
        capacities=size.rooms,
        weights=problem.weights,
        forced=problem.forced_list,
        time_limit_s=limit_s,
        gap=gap,
        progress=clock.hear,
    )


def _some(problem: Problem, objective: PlanObjective, sites: Rows, *, proven: bool) -> Answer:
    """Return nobody's plan where that is proven, or else one at some of the sites, if any."""
    if proven:
        return Answer.nobody(len(problem.seconds))
    answer = first_plan(problem, (), sites)
    value = problem.value(objective, answer)
    bound = weakest_bound(problem, objective, answer.placed)
    return replace(
        answer,
        value=value,
        bound=max(bound, value) if objective == "coverage" else min(bound, value),
    )


def _with_floor(
    problem: Problem, objective: PlanObjective, answer: Answer, relaxed: Answer
) -> Answer:
    """Return an answer with the bound that holds without limits, where that says more."""
    value = problem.value(objective, answer)
    if objective == "coverage":
        return replace(answer, value=value, bound=max(value, answer.bound))
    floor = weakest_bound(problem, objective, answer.placed)
    if relaxed.placed == answer.placed:  # no limits, and at least as many sites
        floor = max(floor, relaxed.bound)
    return replace(answer, value=value, bound=min(max(answer.bound, floor), value))


def _least_total(problem: Problem, p: int, clock: Clock, relaxed: Answer) -> Answer:
    """Return the plan of least total among those of as many groups as place most people."""
    most = facility_location.solve_group_coverage(
        problem.seconds,
        p,
        _size(problem),
        limits=Limits(problem.weights, problem.forced_list),
        effort=Effort(_SHARE_SHORT * clock.left_s, progress=clock.ask),
    )
    if not most.feasible:
        return _some(problem, "total", relaxed.sites, proven=most.proven)
    siting = _shortest(problem, len(most.sites), clock.left_s, clock.gap, clock)
    found = Answer.of(siting if siting.feasible else most)
    if found.placed < most.objective:
        found = Answer.of(most)
    found = _with_floor(problem, "total", found, relaxed)
    return replace(found, proven=found.proven and most.proven)


def _shorter(problem: Problem, objective: PlanObjective, answer: Answer, clock: Clock) -> Answer:
    """Return a plan that is as good with shorter drives in all, if one is found."""
    if objective == "fairest":
        capped = np.where(problem.seconds <= answer.value, problem.seconds, np.inf)
        problem = replace(problem, seconds=capped)
    step = clock.part(_SHARE_SHORT, told=False)
    siting = _shortest(problem, len(answer.sites), step.left_s, _CLOSE, step)
    if not siting.feasible or len(siting.unplaced) > len(problem.seconds) - answer.placed:
        return answer
    shorter = Answer.of(siting)
    if problem.value("total", shorter) >= problem.value("total", answer):
        return answer
    return replace(answer, sites=shorter.sites, assignment=shorter.assignment)
