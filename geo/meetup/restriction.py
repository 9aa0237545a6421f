"""A restriction of a problem: the same people, and only sites that a good plan is likely to use.

What groups of limited size take to solve grows with people times sites, and much of it is done in
steps that no clock can interrupt. A plan of a restriction is a plan of the whole problem. A bound
of it is none: what is known of the whole is the bound without limits (`Problem`'s relaxation), and
what the nearest sites and the largest rooms allow at best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.meetup.request import Floats, PlanObjective, Problem, Rows, Solution, weakest_bound

_MOST_PAIRS = 300_000
"""People times sites beyond which sites are left out."""
_LEAST_SITES, _SITES_A_MEETUP = 200, 10
"""So many sites are kept in any case, and so many for each meetup."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """Some of the sites of a problem.

    Attributes
    ----------
    whole
        The problem.
    columns
        The sites that are kept, ascending.
    """

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
        number = _number(problem, p)
        able = problem.most_whole >= max(1, problem.min_size)
        rank = _least_ranks(np.where(able, problem.seconds, np.inf))
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

    def inside(self, answer: Solution) -> Solution:
        """Return a plan of the whole, whose sites are kept, as one of the restriction."""
        going = answer.assignment >= 0
        column = np.searchsorted(self.columns, answer.assignment).astype(np.intp)
        return replace(
            answer,
            sites=np.searchsorted(self.columns, answer.sites).astype(np.intp),
            assignment=np.where(going, column, -1),
        )

    def lifted(
        self, objective: PlanObjective, p: int | None, answer: Solution, relaxed: Solution
    ) -> Solution:
        """Return a plan of the restriction as one of the whole, with what is known of that.

        Parameters
        ----------
        objective, p
            What is best, and how many sites at most.
        answer
            The plan.
        relaxed
            The best plan of the whole without limits, with its bound.
        """
        whole, columns = self.whole, self.columns
        going = answer.assignment >= 0
        assignment = np.where(going, columns[answer.assignment], -1).astype(np.intp)
        plan = replace(answer, sites=columns[answer.sites], assignment=assignment)
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
    return problem.seconds.size > _MOST_PAIRS and problem.seconds.shape[1] > _number(problem, p)


def _number(problem: Problem, p: int | None) -> int:
    """Return how many sites are kept."""
    people = max(1, len(problem.seconds))
    return max(_MOST_PAIRS // people, _LEAST_SITES, _SITES_A_MEETUP * (p or 1))


def most_people(problem: Problem, p: int | None) -> float:
    """Return how many people can be placed at most: those who reach a site, and those with room."""
    reaching = int(np.isfinite(problem.seconds).any(axis=1).sum())
    rooms = np.sort(problem.most_whole)[::-1]
    return float(min(reaching, int(rooms[:p].sum())))


def _least_ranks(seconds: Floats) -> Rows:
    """Return (m,) how many sites are nearer than each to the person to whom fewest are."""
    least = np.full(seconds.shape[1], seconds.shape[1], np.intp)
    for line in seconds:
        near = np.argsort(line, kind="stable")[: int(np.isfinite(line).sum())]
        least[near] = np.minimum(least[near], np.arange(len(near)))
    return least
