"""How many meetups are worth it: the total drive against their number, and the knee of that curve.

Every further meetup saves some driving, but ever less. The knee is where the curve lies farthest
below the straight line between its ends (Satopää et al. 2011, ICDCS Workshops: 166, "kneedle").
Only numbers that place as many people as any number does are eligible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo import facility_location
from geo.meetup.clock import Clock
from geo.meetup.problem import Answer, Problem
from geo.meetup.solving import solve

_ROOM = 8
"""Numbers looked at beyond the fewest that place everybody."""

_USUAL = 12
_POINTS_BELOW = 5
_GOOD_ENOUGH = 0.01
"""Of a number's total, since numbers are only compared; the one that is taken is solved again."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a number of meetups would give.

    Attributes
    ----------
    meetups
        The number.
    placed
        People who go somewhere.
    total_s, worst_s
        Their drives there together, weighted as in the plan, and the longest.
    bound_s
        No plan that places as many has a smaller total.
    answer
        The solution itself.
    """

    meetups: int
    placed: int
    total_s: float
    worst_s: float
    bound_s: float
    answer: Answer


def trade_off_curve(problem: Problem, clock: Clock) -> tuple[CurvePoint, ...]:
    """Return what each of a range of numbers of meetups would give, by rising number.

    Parameters
    ----------
    problem
        Who can drive where.
    clock
        When to stop; told how far each number is from its best. Once somebody stops it, the numbers
        that remain are left out.
    """
    numbers = _coarse_first(_numbers(problem, clock))
    points: list[CurvePoint] = []
    for k, p in enumerate(numbers):
        if points and not clock.still_on() and clock.stopped:
            break
        answer = solve(problem, "total", p, clock.part(1 / (len(numbers) - k), _GOOD_ENOUGH))
        points.append(
            CurvePoint(
                p, answer.placed, answer.value, problem.value("fairest", answer),
                answer.bound, answer,
            )
        )  # fmt: skip
    return tuple(sorted(points, key=lambda point: point.meetups))


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


def knee(points: Sequence[CurvePoint]) -> CurvePoint | None:
    """Return the point beyond which more meetups save little; None where there is no point.

    Examples
    --------
    >>> nobody = Answer.nobody(0)
    >>> curve = [CurvePoint(p, 9, s, 0, 0, nobody) for p, s in ((1, 90), (2, 30), (3, 25), (4, 20))]
    >>> knee(curve).meetups
    2
    """
    most = max((point.placed for point in points), default=0)
    fit = [point for point in points if point.placed == most]
    if len(fit) < 3:
        return fit[0] if fit else None
    first, last = fit[0], fit[-1]
    width, drop = last.meetups - first.meetups, first.total_s - last.total_s
    if drop <= 0:
        return first

    def below(point: CurvePoint) -> float:
        along = (point.meetups - first.meetups) / width
        return 1 - along - (point.total_s - last.total_s) / drop

    return max(fit, key=lambda point: (below(point), -point.meetups))


def _numbers(problem: Problem, clock: Clock) -> list[int]:
    people, sites = problem.seconds.shape
    cover = facility_location.solve_set_cover(
        problem.seconds, np.inf, forced=problem.forced_list, time_limit_s=0.3 * clock.left_s,
        progress=clock.ask,
    )  # fmt: skip
    # Groups of a limited size need more of them, whatever the roads.
    largest = float(problem.most.max(initial=1.0))
    needed = max(len(cover.sites), math.ceil(people / max(1.0, largest)), 1)
    least = max(1, len(problem.forced))
    enough = max(1, people // max(2, problem.min_size))
    most = max(least, min(sites, max(needed, enough), max(_USUAL, needed + _ROOM)))
    if most - least <= _USUAL + _ROOM:
        return list(range(least, most + 1))
    below = np.linspace(least, needed - 1, _POINTS_BELOW).astype(int).tolist()
    return sorted({*below, *range(needed, most + 1)})
