"""Plans whose groups must be neither too small nor too large, for every objective.

`solve_capacitated` answers for the least total drive, and places as many people as it can first;
the other objectives ask it in turn:

- fairest: the smallest longest drive under which it still places as many, by bisection over the
  drives there are (Kariv & Hakimi 1979, SIAM Journal on Applied Mathematics 37: 513, search the
  p-center in this way);
- fewest: one site more at a time, from what no plan can go below.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from geo import facility_location
from geo.meetup.problem import Answer, Clock, Problem, weakest_bound
from geo.meetup.request import PlanObjective

_MOST_TRIES = 40


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
        How many sites; fewer where so many groups cannot be filled.
    clock
        When to stop.
    relaxed
        The best plan without the limits.
    """
    if objective == "fewest":
        return _fewest(problem, p, clock, relaxed)
    p = _fillable(problem, p or 1)
    share = 0.3 if objective == "fairest" else 1.0
    answer = _least_total(problem, p, share, clock)
    if not len(answer.sites):
        p, answer = _fewer(problem, p, clock, answer)
    if objective == "coverage":
        placed = float(answer.placed)
        bound = placed if answer.proven else max(placed, relaxed.bound)
        return replace(answer, value=placed, bound=bound, proven=bound == placed)
    if objective == "fairest" and len(answer.sites):
        return _fairest(problem, p, clock, answer)
    return answer


def _fewer(problem: Problem, p: int, clock: Clock, nothing: Answer) -> tuple[int, Answer]:
    """Return the largest number of groups below p that is found by bisection, and its plan."""
    low, high, best, found = max(1, len(problem.forced)), p - 1, nothing, p
    while low <= high:
        middle = (low + high + 1) // 2
        tried = _least_total(problem, middle, 0.3, clock)
        if len(tried.sites):
            low, best, found = middle + 1, tried, middle
        else:
            high = middle - 1
    return found, best


def _fillable(problem: Problem, p: int) -> int:
    """Return how many groups there are people for."""
    people = int(np.isfinite(problem.seconds).any(axis=1).sum())
    if problem.min_size > 1:
        p = min(p, people // problem.min_size)
    return max(1, p, len(problem.forced))


def _least_total(problem: Problem, p: int, share: float, clock: Clock) -> Answer:
    siting = facility_location.solve_capacitated(
        problem.seconds,
        p,
        min_size=problem.min_size,
        max_size=int(problem.max_size) if math.isfinite(problem.max_size) else None,
        capacities=problem.rooms,
        weights=problem.weights,
        forced=problem.forced_list,
        time_limit_s=share * clock.left_s,
    )
    if not siting.feasible:
        return Answer.nobody(len(problem.seconds), proven=siting.proven)
    return Answer.of(siting)


def _fairest(problem: Problem, p: int, clock: Clock, best: Answer) -> Answer:
    """Return the plan of least longest drive among those that place as many as ``best``."""
    target, proven = best.placed, best.proven
    finite = problem.seconds[np.isfinite(problem.seconds)]
    floor = weakest_bound(problem, "fairest", target)
    upper = problem.value("fairest", best)
    times = np.unique(finite[(finite >= floor) & (finite <= upper)])
    low, high = 0, len(times) - 1  # times[high] is reached; below times[low] nothing is
    while low < high and not clock.over:
        middle = (low + high) // 2
        capped = np.where(problem.seconds <= times[middle], problem.seconds, np.inf)
        tried = _least_total(replace(problem, seconds=capped), p, 0.35, clock)
        if tried.placed >= target:
            best = tried
            reached = problem.value("fairest", tried)
            high = int(np.searchsorted(times, reached))
        elif tried.proven:
            low = middle + 1
        else:
            low, proven = middle + 1, False  # not found, but not shown to be impossible
    value = problem.value("fairest", best)
    if proven and low >= high:
        return replace(best, value=value, bound=value, proven=True)
    return replace(best, value=value, bound=min(value, floor), proven=False)


def _fewest(problem: Problem, p: int | None, clock: Clock, relaxed: Answer) -> Answer:
    """Add sites until everybody who can be placed is, or as many sites are there as may be."""
    coverable = int(np.isfinite(problem.seconds).any(axis=1).sum())
    largest = np.sort(problem.most)[::-1].cumsum()
    needed = int(np.searchsorted(largest, coverable)) + 1
    bound = max(1, needed, math.ceil(relaxed.bound), len(problem.forced))
    last = min(p or problem.seconds.shape[1], problem.seconds.shape[1])
    best, sure = Answer.nobody(len(problem.seconds)), True
    for number in range(min(bound, last), min(last, bound + _MOST_TRIES) + 1):
        tried = _least_total(problem, number, 0.5, clock)
        if tried.placed > best.placed:
            best = tried
        if best.placed == coverable or clock.over:
            break
        sure = sure and tried.proven
        bound += int(sure)  # nobody can do with this number
    if not best.placed:
        best = _fewer(problem, last + 1, Clock(1.0), best)[1]
    value = float(len(best.sites))
    if best.placed < coverable:  # what was shown holds for plans that place everybody
        return replace(best, value=value, bound=min(1.0, value), proven=False)
    return replace(best, value=value, bound=min(float(bound), value), proven=bound >= value)
