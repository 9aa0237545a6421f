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
from geo.meetup.problem import Answer, Clock, Problem, Progress
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


def trade_off_curve(
    problem: Problem, clock: Clock, progress: Progress | None = None
) -> tuple[CurvePoint, ...]:
    """Return what each of a range of numbers of meetups would give, by rising number.

    Parameters
    ----------
    problem
        Who can drive where.
    clock
        When to stop.
    progress
        Told of each number's solution; once it answers False, the numbers that remain get no more
        than a moment each.
    """
    numbers = _numbers(problem, clock)
    points = []
    for k, p in enumerate(numbers):
        share = Clock(clock.left_s / (len(numbers) - k), _GOOD_ENOUGH)
        answer = solve(problem, "total", p, share, progress)
        points.append(
            CurvePoint(
                p, answer.placed, answer.value, problem.value("fairest", answer),
                answer.bound, answer,
            )
        )  # fmt: skip
    return tuple(points)


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
        problem.seconds, np.inf, forced=problem.forced_list, time_limit_s=0.3 * clock.left_s
    )
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
