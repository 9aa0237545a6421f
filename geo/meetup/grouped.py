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
from geo.meetup.filling import fill_sites
from geo.meetup.problem import Answer, Clock, Problem, weakest_bound
from geo.meetup.request import PlanObjective

_MOST_TRIES = 40
_WAYS_PER_S = 50_000
"""Drives in a problem that `solve_capacitated` is worth asking about, for each second it may take;
measured on real regions."""

_GOOD_ENOUGH, _CLOSE = 0.2, 0.01
"""Of the total drive, where only the number of people counts, and where the total comes last."""


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
    share = 0.3 if objective == "fairest" else 0.6
    gap = clock.gap if objective == "total" else _GOOD_ENOUGH
    filled = fill_sites(problem, relaxed.sites, 0.3 * clock.left_s)
    if filled.placed and _heavy(problem, clock):
        floor = _floor(problem, objective, filled, relaxed)
        return _unproven(problem, objective, filled, floor)
    answer, sure = _least_total(problem, p, share, clock, gap, shown=objective == "total"), True
    if not answer.proven and _better(filled, answer):
        answer, p, sure = filled, len(filled.sites), len(filled.sites) == p
    elif not len(answer.sites):
        p, answer, sure = _fewer(problem, p, clock, answer)
    if objective != "total" and len(answer.sites) and not answer.proven:
        answer = _most_people(problem, p, share, clock, answer)
    if objective == "coverage":
        placed = float(answer.placed)
        bound = placed if answer.proven and sure else max(placed, relaxed.bound)
        return replace(answer, value=placed, bound=bound, proven=bound == placed)
    floor = _floor(problem, objective, answer, relaxed)
    if objective == "fairest" and len(answer.sites):
        answer = _fairest(problem, p, clock, answer, floor)
    if not sure:
        return replace(answer, bound=min(floor, answer.value), proven=False)
    return replace(answer, bound=min(max(answer.bound, floor), answer.value))


def _heavy(problem: Problem, clock: Clock) -> bool:
    """Whether the program of all groups is too large to help in the time there is."""
    ways = int(np.isfinite(problem.seconds).sum())
    return ways > _WAYS_PER_S * clock.left_s


def _unproven(problem: Problem, objective: PlanObjective, answer: Answer, floor: float) -> Answer:
    """Return a plan with its value, and a bound that holds without any limits."""
    value = problem.value(objective, answer)
    if objective == "coverage":
        bound = max(value, weakest_bound(problem, objective, answer.placed))
        return replace(answer, value=value, bound=bound, proven=bound == value)
    return replace(answer, value=value, bound=min(floor, value), proven=False)


def _better(one: Answer, other: Answer) -> bool:
    return (-one.placed, one.value) < (-other.placed, other.value)


def _floor(problem: Problem, objective: PlanObjective, answer: Answer, relaxed: Answer) -> float:
    """Return what no plan that places as many people goes below, from what is known without."""
    floor = weakest_bound(problem, objective, answer.placed)
    if relaxed.placed == answer.placed:  # no limits, and at least as many sites
        floor = max(floor, relaxed.bound)
    return floor


def _fewer(problem: Problem, p: int, clock: Clock, nothing: Answer) -> tuple[int, Answer, bool]:
    """Find the largest number of groups below p that can be filled, by bisection.

    Returns
    -------
    number
        How many groups.
    answer
        Their plan.
    sure
        Whether it is shown that no more groups can be filled.
    """
    low, high, best, found = max(1, len(problem.forced)), p - 1, nothing, p
    sure = nothing.proven
    while low <= high and not (clock.over and len(best.sites)):
        middle = (low + high + 1) // 2
        tried = _least_total(problem, middle, 0.3, clock)
        if len(tried.sites):
            low, best, found = middle + 1, tried, middle
        else:
            high, sure = middle - 1, sure and tried.proven
    return found, best, sure and low > high


def _fillable(problem: Problem, p: int) -> int:
    """Return how many groups there are people for."""
    people = int(np.isfinite(problem.seconds).any(axis=1).sum())
    if problem.min_size > 1:
        p = min(p, people // problem.min_size)
    return max(1, p, len(problem.forced))


def _least_total(
    problem: Problem, p: int, share: float, clock: Clock, gap: float = 0.0, *, shown: bool = False
) -> Answer:
    """Return the plan of p groups; where ``shown``, its total is what is made best and told."""

    def tell(elapsed_s: float, value: float, bound: float) -> bool:
        known = (value, bound) if shown else (math.inf, -math.inf)
        return clock.goes_on(elapsed_s, *known)

    siting = facility_location.solve_capacitated(
        problem.seconds,
        p,
        min_size=problem.min_size,
        max_size=int(problem.max_size) if math.isfinite(problem.max_size) else None,
        capacities=problem.rooms,
        weights=problem.weights,
        forced=problem.forced_list,
        time_limit_s=share * clock.left_s,
        gap=gap,
        progress=tell,
    )
    if not siting.feasible:
        return Answer.nobody(len(problem.seconds), proven=siting.proven)
    return Answer.of(siting)


def _placing(problem: Problem, p: int, share: float, clock: Clock) -> Answer:
    """Return a plan of p groups that places most people, whatever the drives.

    That it is proven speaks of their number.
    """
    free = replace(problem, weights=np.zeros(len(problem.seconds)))
    return _least_total(free, p, share, clock)


def _most_people(problem: Problem, p: int, share: float, clock: Clock, answer: Answer) -> Answer:
    """Return the plan, proven where no plan of p groups places more people; or one that does."""
    most = _placing(problem, p, share, clock)
    best = answer if answer.placed >= most.placed else most
    return replace(best, proven=most.proven and best.placed == most.placed)


def _shorter(problem: Problem, p: int, clock: Clock, answer: Answer) -> Answer:
    """Return a plan of p groups that places as many people with shorter drives, if it is found."""
    found = _least_total(problem, p, 0.5, clock, _CLOSE)
    return found if found.placed >= answer.placed else answer


def _fairest(problem: Problem, p: int, clock: Clock, best: Answer, floor: float) -> Answer:
    """Return the plan of least longest drive among those that place as many as ``best``.

    ``floor`` is what none of them goes below.
    """
    target, proven = best.placed, best.proven
    finite = problem.seconds[np.isfinite(problem.seconds)]
    upper = problem.value("fairest", best)
    times = np.unique(finite[(finite >= floor) & (finite <= upper)])
    low, high = 0, len(times) - 1  # times[high] is reached; below times[low] nothing is
    while low < high and not clock.over:
        middle = (low + high) // 2
        capped = np.where(problem.seconds <= times[middle], problem.seconds, np.inf)
        tried = _placing(replace(problem, seconds=capped), p, 0.35, clock)
        if tried.placed >= target:
            best = tried
            reached = problem.value("fairest", tried)
            high = int(np.searchsorted(times, reached))
        elif tried.proven:
            low = middle + 1
        else:
            low, proven = middle + 1, False  # not found, but not shown to be impossible
    value = problem.value("fairest", best)
    capped = np.where(problem.seconds <= value, problem.seconds, np.inf)
    best = _shorter(replace(problem, seconds=capped), p, clock, best)
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
    if _heavy(problem, clock):
        return _few_filled(problem, last, bound, coverable)
    for number in range(min(bound, last), min(last, bound + _MOST_TRIES) + 1):
        tried = _placing(problem, number, 0.5, clock)
        if tried.placed > best.placed:
            best = tried
        if best.placed == coverable or clock.over:
            break
        sure = sure and tried.proven
        bound += int(sure)  # nobody can do with this number
    if not best.placed:
        best = fill_sites(problem, np.arange(problem.seconds.shape[1]), 2.0)
    else:
        best = _shorter(problem, len(best.sites), clock, best)
    value = float(len(best.sites))
    if best.placed < coverable:  # what was shown holds for plans that place everybody
        return replace(best, value=value, bound=min(1.0, value), proven=False)
    return replace(best, value=value, bound=min(float(bound), value), proven=bound >= value)


def _few_filled(problem: Problem, last: int, bound: int, coverable: int) -> Answer:
    """Return a plan of few groups for a problem too large to be proven, by adding some at a time.

    The sites are those of least total drive, filled within the sizes.
    """
    best, number = Answer.nobody(len(problem.seconds), proven=False), bound
    while number <= last:
        siting = facility_location.solve_p_median(
            problem.seconds, number, forced=problem.forced_list, time_limit_s=0.5
        )
        tried = fill_sites(problem, siting.sites, 1.0)
        if tried.placed > best.placed:
            best = tried
        if best.placed == coverable:
            break
        number = max(number + 1, number * 5 // 4)
    value = float(len(best.sites))
    sure = float(bound) if best.placed == coverable else 1.0
    return replace(best, value=value, bound=min(sure, value), proven=sure >= value > 0)
