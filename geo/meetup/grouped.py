"""Plans whose groups must be neither too small nor too large, for every objective.

The solvers of groups place as many people as they can first. What they leave open, of plans that
are as good, is the total drive: `solve_capacitated` shortens it in the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from geo import facility_location
from geo.facility_location import Siting
from geo.meetup.clock import Clock
from geo.meetup.first_plan import first_plan
from geo.meetup.problem import Answer, Problem, Rows, weakest_bound
from geo.meetup.request import PlanObjective

_SHARE = 0.6
_CLOSE = 0.01
"""Of the total drive, where it comes last."""


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
    if objective == "fewest":
        siting = _solved(facility_location.solve_group_cover, problem, None, clock, most_sites=p)
    elif objective == "fairest":
        siting = _solved(facility_location.solve_group_center, problem, p or 1, clock)
    else:
        siting = _solved(facility_location.solve_group_coverage, problem, p or 1, clock)
    if not siting.feasible:
        return _some(problem, objective, relaxed.sites, proven=siting.proven)
    answer = _with_floor(problem, objective, Answer.of(siting), relaxed)
    clock.tell(answer.value, answer.bound)
    return _shorter(problem, objective, answer, clock)


def _solved(
    solver: Callable[..., Siting],
    problem: Problem,
    p: int | None,
    clock: Clock,
    **more: Any,
) -> Siting:
    """Ask a solver of groups, for a part of the time unless told."""
    number = () if p is None else (p,)
    limit_s = more.pop("share", _SHARE) * clock.left_s
    return solver(
        problem.seconds,
        *number,
        min_size=problem.min_size,
        max_size=int(problem.max_size) if math.isfinite(problem.max_size) else None,
        capacities=problem.rooms,
        weights=problem.weights,
        forced=problem.forced_list,
        time_limit_s=limit_s,
        **{"progress": clock.hear, **more},
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
    most = _solved(
        facility_location.solve_group_coverage, problem, p, clock, share=0.3, progress=clock.ask
    )
    if not most.feasible:
        return _some(problem, "total", relaxed.sites, proven=most.proven)
    number = len(most.sites)
    siting = _solved(
        facility_location.solve_capacitated, problem, number, clock, share=1.0, gap=clock.gap
    )
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
    number, solver = len(answer.sites), facility_location.solve_capacitated
    siting = _solved(solver, problem, number, clock, share=0.3, gap=_CLOSE, progress=clock.ask)
    if not siting.feasible or len(siting.unplaced) > len(problem.seconds) - answer.placed:
        return answer
    shorter = Answer.of(siting)
    if problem.value("total", shorter) >= problem.value("total", answer):
        return answer
    return replace(answer, sites=shorter.sites, assignment=shorter.assignment)
