"""Driving history: who drove how much to past meetups, and how the next plan makes up for it.

Minutes by person become priorities: the drive of a person at the mean counts once, of one at twice
the mean twice (with the usual strength), so a plan of least total drive moves meetups towards them.
Nobody counts less than a tenth of the mean, or those who never drove would be sent anywhere.

What that may cost all together is limited. Let ``d_i`` be the drive of person i, ``w_i`` their
weight and ``h_i`` their priority. The plan without history makes ``B = sum_i w_i d_i`` least; let
its total drive be T. Counting every drive ``w_i h_i`` times can cost any amount: one person who
drove all of last year's minutes would drag every meetup to their door. So history is scaled down,

    w_i(t) = w_i (1 + t (h_i - 1)),      0 <= t <= 1,

and the plan for the largest t is taken whose total drive is no more than ``(1 + share) T``.

Where all weights are one that t is found by halving: the plan for t makes ``B + t V`` least, with
``V = sum_i w_i (h_i - 1) d_i``. For two scales s < t and their plans,
``B_s + s V_s <= B_t + s V_t`` and ``B_t + t V_t <= B_s + t V_s`` add up to
``(t - s) (V_t - V_s) <= 0``, so V falls, and by the first of the two B rises with t. Where the
weights differ, or time ends a search before its proof, halving still ends at a plan that keeps the
share, for every plan is measured before it is taken; only a larger t might have kept it too.

Nothing here makes fewer people placed, or another objective worse: such a plan is not taken either.
What is proven is proven of the plan without history: no plan drives less than that one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import BadTable, InputError
from geo.facility_location import SolveBudget
from geo.meetup.request import PlanObjective, Problem, Solution
from geo.records import Table
from geo.roster import Person
from geo.tabular import read_rows

if TYPE_CHECKING:
    from geo.meetup.plan import MeetupPlan


Solver = Callable[[Problem, SolveBudget], Solution]

_HALVINGS = 5
"""Scales are told apart by a thirty-second."""
_FIRST_SHARE, _NEXT_SHARE = 0.4, 0.3
"""Of the time: for the plan without history, and for each further one of what is left."""


@dataclass(frozen=True, slots=True)
class HistoryCost:
    """What driving history changes.

    Attributes
    ----------
    spared
        How many of those who drove more than the mean drive less than without history.
    saved_s
        How much less they drive together.
    share
        How much more that may be, as a fraction of the total drive without history.
    """

    spared: int
    saved_s: float
    extra_s: float
    share: float


def solve_with_history(
    problem: Problem, objective: PlanObjective, budget: SolveBudget, solver: Solver
) -> Solution:
    """Return the plan of the largest scale of history that keeps its share."""
    plain = replace(problem, priority=None)
    base = solver(plain, budget.part(_FIRST_SHARE, budget.gap))
    most_s = (1 + problem.history_share) * plain.total_s(base)
    best, low, high = base, 0.0, 1.0
    scale = 1.0
    for _ in range(1 + _HALVINGS):
        if scale == low or not problem.history_share or budget.stopped:
            break
        found = solver(_scaled(problem, scale), budget.part(_NEXT_SHARE, budget.gap, silent=True))
        value = plain.value(objective, found)
        if _keeps(plain, objective, (found, base), most_s):
            best, low = replace(found, value=value), scale
            if scale == 1.0:
                break
        else:
            high = scale
        scale = (low + high) / 2
    value = plain.value(objective, best)
    close = value <= base.bound + 1e-9 * max(1.0, value) if objective == "total" else True
    return replace(
        best, value=value, bound=base.bound, proven=base.proven and close, without_history=base
    )


def _scaled(problem: Problem, scale: float) -> Problem:
    """Return the problem with a part of the priorities as weights."""
    priority = np.ones(1) if problem.priority is None else problem.priority
    return replace(problem, weights=problem.weights * (1 + scale * (priority - 1)), priority=None)


def _keeps(
    problem: Problem, objective: PlanObjective, plans: tuple[Solution, Solution], most_s: float
) -> bool:
    """Whether a plan places as many as that without history, as well, within a total drive."""
    found, base = plans
    if found.placed != base.placed or problem.total_s(found) > most_s:
        return False
    if objective == "total":
        return True
    value, before = problem.value(objective, found), problem.value(objective, base)
    return value >= before if objective == "coverage" else value <= before


def history_cost(problem: Problem, solution: Solution) -> HistoryCost | None:
    """Return what driving history changes in a plan; None where it plays no part."""
    base = solution.without_history
    if base is None or problem.priority is None:
        return None
    less_s = problem.drives_s(base) - problem.drives_s(solution)
    spared = (problem.priority > 1) & (less_s > 0)
    return HistoryCost(
        spared=int(spared.sum()),
        saved_s=math.fsum(less_s[spared].tolist()),
        extra_s=max(0.0, problem.total_s(solution) - problem.total_s(base)),
        share=problem.history_share,
    )


_LEAST = 0.1
STRENGTH = 1.0
"""The usual power of a person's share: 0 forgets the past, 2 weighs it twice as hard."""


@dataclass(frozen=True, slots=True)
class DrivingHistory:
    """Minutes driven to past meetups, by id of person; who is not in it has driven none."""

    minutes: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Table) -> DrivingHistory:
        """Read a ledger from CSV with the columns ``id,minutes``.

        Raises
        ------
        InputError
            The file cannot be read.
        BadTable
            A column is missing, or rows cannot be used.
        """
        minutes: dict[str, float] = {}
        problems = []
        for row in read_rows(path, ("id", "minutes")):
            try:
                row.check()
                value = row.number("minutes")
            except ValueError:
                value = math.nan
            if not row.values["id"] or row.values["id"] in minutes or not 0 <= value < math.inf:
                problems.append(
                    f"{path.name}, line {row.line}: give each id once, and minutes of 0 or more."
                )
                continue
            minutes[row.values["id"]] = value
        if problems:
            raise BadTable(problems)
        return cls(minutes)

    def after(self, plan: MeetupPlan) -> DrivingHistory:
        """Return the ledger after a plan has taken place: the drives there are added."""
        minutes = dict(self.minutes)
        for meetup in plan.meetups:
            for one in meetup.attendees:
                minutes[one.person.id] = minutes.get(one.person.id, 0.0) + one.travel_time_s / 60
        return DrivingHistory(minutes)

    def prioritise(self, people: Sequence[Person], *, strength: float = STRENGTH) -> list[Person]:
        """Return the people with priorities that make up for what they drove.

        A priority is the share of the mean to the power of ``strength``; 0 makes all alike.

        Raises
        ------
        InputError
            The strength is negative or no number.
        """
        if not 0 <= strength <= 10:
            raise InputError(f"a strength of {strength} is none; give 0 to 10.")
        driven = [self.minutes.get(person.id, 0.0) for person in people]
        mean = math.fsum(driven) / len(driven) if driven else 0.0
        if mean <= 0:
            return list(people)
        return [
            replace(person, priority=max(_LEAST, past / mean) ** strength)
            for person, past in zip(people, driven, strict=True)
        ]
