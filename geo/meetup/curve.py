"""How many meetups are worth it: the total drive against their number, and the knee of that curve.

Every further meetup saves some driving, but ever less. The knee is where the curve lies farthest
below the straight line between its ends (Satopää et al. 2011, ICDCS Workshops: 166, "kneedle").
Only numbers that place as many people as any number does are eligible.

Each point is a plan, made by the rules and for the objective of the plan that is asked for. So the
plan of a number is never at odds with its point: a point that time left unproven is replaced by the
plan that is made of its number, and what a number of meetups can do, more can do as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geo import facility_location
from geo.facility_location import SolveBudget
from geo.meetup.request import PlanObjective, Problem, Solution, better
from geo.meetup.solve import solve

if TYPE_CHECKING:
    from geo.meetup.plan import MeetupPlan

_ROOM = 8
"""Numbers looked at beyond the fewest that place everybody."""

_USUAL = 12
_POINTS_BELOW = 5
_FEWEST_POINTS = 3
"""Numbers that are solved even when time is short: both ends and a middle."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a number of meetups would give.

    ``total_s`` are all drives there together, each counted once, and ``worst_s`` is the longest.
    """

    meetups: int
    placed: int
    total_s: float
    worst_s: float
    solution: Solution

    @classmethod
    def of(cls, meetups: int, problem: Problem, solution: Solution) -> CurvePoint:
        """Return the point of a number's solution."""
        drives_s = problem.drives_s(solution)
        worst_s = float(drives_s.max(initial=0.0))
        return cls(meetups, solution.placed, problem.total_s(solution), worst_s, solution)


def trade_off_curve(
    problem: Problem, budget: SolveBudget, objective: PlanObjective = "total"
) -> tuple[CurvePoint, ...]:
    """Return what each of a range of numbers of meetups would give, by rising number.

    Once the time of the budget is over, or somebody stops it, the numbers that remain are left out.
    """
    numbers = _coarse_first(_numbers(problem, budget))
    found: dict[int, Solution] = {}
    for k, p in enumerate(numbers):
        if found and not budget.should_continue() and (budget.cancelled or k >= _FEWEST_POINTS):
            break
        found[p] = solve(problem, objective, p, budget.part(1 / (len(numbers) - k)))
    if problem.priority is None:
        _make_monotone(found, objective)
    return tuple(CurvePoint.of(p, problem, found[p]) for p in sorted(found))


def with_solution(
    points: Sequence[CurvePoint], meetups: int, problem: Problem, solution: Solution
) -> tuple[CurvePoint, ...]:
    """Return the curve with the plan that was made in the end as the point of its number."""
    return tuple(
        CurvePoint.of(meetups, problem, solution) if point.meetups == meetups else point
        for point in points
    )


def with_plan(points: Sequence[CurvePoint], plan: MeetupPlan) -> tuple[CurvePoint, ...]:
    """Return the curve with a plan of a given number, made later, as the point of that number."""
    return tuple(
        replace(point, placed=plan.placed, total_s=plan.total_s, worst_s=plan.worst_s)
        if point.meetups == plan.request.meetups
        else point
        for point in points
    )


def _make_monotone(found: dict[int, Solution], objective: PlanObjective) -> None:
    """Take the solution of fewer meetups where that of more is worse, for want of time.

    With as many people placed, a bound for more meetups holds for fewer.
    """
    numbers = sorted(found)
    for fewer, more in pairwise(numbers):
        before, after = found[fewer], found[more]
        if better(objective, before, after):
            bound = min(after.bound, before.value) if before.placed == after.placed else 0.0
            found[more] = replace(before, bound=bound, proven=False)


def _coarse_first(numbers: Sequence[int]) -> list[int]:
    """Order numbers so that the first ones show the whole curve: its ends, then middles.

    Examples
    --------
    >>> _coarse_first([1, 2, 3, 4, 5, 6])
    [6, 1, 3, 2, 4, 5]
    """
    parts = [(0, len(numbers) - 1)]
    order = [numbers[-1], *numbers[:-1][:1]]
    for low, high in parts:  # which grow on the way
        middle = (low + high) // 2
        if low < middle < high:
            order.append(numbers[middle])
            parts += [(low, middle), (middle, high)]
    return order


def knee(points: Sequence[CurvePoint], objective: PlanObjective = "total") -> CurvePoint | None:
    """Return the point beyond which more meetups save little; None where there is no point.

    What they save is the longest drive where that is made least, and else all drives together.

    Examples
    --------
    >>> nobody = Solution.empty(0)
    >>> curve = [CurvePoint(p, 9, s, 0, nobody) for p, s in ((1, 90), (2, 30), (3, 25), (4, 20))]
    >>> knee(curve).meetups
    2
    """
    most = max((point.placed for point in points), default=0)
    fit = [point for point in points if point.placed == most]
    if len(fit) < 3:
        return fit[0] if fit else None

    def drive_s(point: CurvePoint) -> float:
        return point.worst_s if objective == "fairest" else point.total_s

    first, last = fit[0], fit[-1]
    width, drop = last.meetups - first.meetups, drive_s(first) - drive_s(last)
    if drop <= 0:
        return first

    def below(point: CurvePoint) -> float:
        along = (point.meetups - first.meetups) / width
        return 1 - along - (drive_s(point) - drive_s(last)) / drop

    return max(fit, key=lambda point: (below(point), -point.meetups))


def _numbers(problem: Problem, budget: SolveBudget) -> list[int]:
    people, sites = problem.seconds.shape
    cover = facility_location.solve_set_cover(
        problem.seconds, np.inf, forced=problem.forced_list, time_limit_s=0.3 * budget.left_s,
        progress=budget.callback(silent=True),
    )  # fmt: skip
    # Groups of a limited size need more of them, whatever the roads.
    largest = float(problem.max_sizes.max(initial=1.0))
    needed = max(len(cover.sites), math.ceil(people / max(1.0, largest)), 1)
    least = max(1, len(problem.forced))
    enough = max(1, people // max(2, problem.min_size))
    most = max(least, min(sites, max(needed, enough), max(_USUAL, needed + _ROOM)))
    if most - least <= _USUAL + _ROOM:
        return list(range(least, most + 1))
    below = np.linspace(least, needed - 1, _POINTS_BELOW).astype(int).tolist()
    return sorted({*below, *range(needed, most + 1)})
