"""Groups of limited size at up to p sites: most people, fewest sites, or least longest drive.

Maximal coverage, set cover and p-center for groups that are neither too small nor too large. As
many people as possible are placed first. Which sites can hold groups is asked of `group_cuts`; for
the longest drive it is asked whether there are groups in which nobody drives longer than t, for one
t after another: the answer is a plan, a proof that there is none, or, when the time is up, neither.

Sources: Current & Storbeck 1988, Environment and Planning B 15: 153 (coverage and cover); Khuller &
Sussmann 2000, SIAM Journal on Discrete Mathematics 13: 403 (center); Kramer, Iori & Vidal 2020,
INFORMS Journal on Computing 32: 444 (halving the distinct times).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.facility_location.capacitated import place_most, start_sites
from geo.facility_location.group_assignment import Assignment, cheapest_assignment
from geo.facility_location.group_cuts import CoverCuts, GroupFinder
from geo.facility_location.group_model import (
    GroupLimits,
    GroupSize,
    group_siting,
    no_siting,
)
from geo.facility_location.model import (
    Floats,
    Instance,
    SiteConstraints,
    Siting,
    SolveBudget,
    read_unmerged,
    relative_gap,
)


def solve_group_coverage(
    seconds: npt.ArrayLike,
    p: int,
    size: GroupSize,
    *,
    constraints: SiteConstraints | None = None,
    budget: SolveBudget | None = None,
    seed: int = 0,
) -> Siting:
    """Choose at most p sites, each with a group of allowed size, that place most rows.

    Other parameters are those of `geo.facility_location.solve_group_center`.

    Returns
    -------
    Siting
        ``objective`` is how many rows are placed, whatever their weight, and ``bound`` is from
        above. Where no groups keep the limits it is as in
        `geo.facility_location.solve_capacitated`.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_group_coverage([[5, 9], [1, 9], [9, 2]], 1, GroupSize(max_size=2))
    >>> siting.objective, siting.bound, siting.proven
    (2.0, 2.0, True)
    """
    budget = budget or SolveBudget()
    instance = read_unmerged(seconds, constraints or SiteConstraints(), p)
    limits = GroupLimits.of(instance, size)
    number = (max(1, int(instance.forced.sum())), p)
    placed = place_most(instance.seconds, limits, number, budget, seed)
    if placed.assignment is None:
        return no_siting(instance, budget, proven=placed.fewest_proven)
    rows = len(instance.rows)
    value, bound = float(rows - placed.assignment.nowhere), float(rows - placed.bound)
    budget.report(value, bound)
    sited = _shortest(instance, limits, placed.assignment, budget)
    return replace(sited, objective=value, bound=max(value, bound), proven=placed.fewest_proven)


def solve_group_cover(
    seconds: npt.ArrayLike,
    p: int | None,
    size: GroupSize,
    *,
    constraints: SiteConstraints | None = None,
    budget: SolveBudget | None = None,
    seed: int = 0,
) -> Siting:
    """Choose the fewest sites, each with a group of allowed size, that place most rows.

    Other parameters are those of `geo.facility_location.solve_group_center`.

    Parameters
    ----------
    p
        No more sites than this; None = any number.

    Returns
    -------
    Siting
        ``objective`` is the number of sites. Where no groups keep the limits it is as in
        `geo.facility_location.solve_capacitated`.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> siting = solve_group_cover([[5, 9], [1, 9], [9, 2]], None, GroupSize(max_size=2))
    >>> siting.sites.tolist(), siting.objective, siting.proven
    ([0, 1], 2.0, True)
    """
    budget = budget or SolveBudget()
    instance = read_unmerged(seconds, constraints or SiteConstraints(), None)
    limits = GroupLimits.of(instance, size)
    sites = len(instance.columns)
    search = _Cover(instance.seconds, limits, sites if p is None else min(p, sites), budget)
    search.begin(seed)
    search.improve()
    if search.best is None:
        return no_siting(instance, budget, proven=search.infeasible)
    value = float(search.best.chosen.sum())
    budget.report(value, search.bound)
    sited = _shortest(instance, limits, search.best, budget)
    bound = min(search.bound, value)
    return replace(sited, objective=value, bound=bound, proven=search.certain and bound == value)


class _Cover:
    """The groups at the fewest sites so far, and how many sites are needed at least."""

    def __init__(self, seconds: Floats, limits: GroupLimits, p: int, budget: SolveBudget) -> None:
        self._seconds, self._limits, self._p, self._budget = seconds, limits, p, budget
        near = np.isfinite(seconds)
        self._rooms = np.sort(np.minimum(limits.max_size, near.sum(axis=1)))[::-1].cumsum()
        self._forced = max(1, int(limits.forced.sum()))
        self._finder = GroupFinder(near, limits, budget)
        self._nowhere = int((~near.any(axis=0)).sum())
        self.best: Assignment | None = None
        self.bound = self._needed()
        self.certain = True
        self.infeasible = False

    def _needed(self) -> float:
        """Return how many sites have room for all that are to be placed."""
        placed = self._seconds.shape[1] - self._nowhere
        return float(max(1, int(np.searchsorted(self._rooms, placed)) + 1, self._forced))

    def begin(self, seed: int) -> None:
        """Place everybody at as few sites as a local search finds, a fourth more each time.

        Once is not stopped: there should be an answer.
        """
        p = first = int(self.bound)
        while p <= self._p and self.best is None and (p == first or self._budget.should_continue()):
            start = start_sites(self._seconds, self._limits, p, self._budget, seed)
            self.best = self._finder.repair(start, self._nowhere)
            p = max(p + 1, p * 5 // 4)

    def improve(self) -> None:
        """Look for fewer sites, until it is shown that fewer do not place as many."""
        if self.best is None:
            self._place()
        count = 0 if self.best is None else int(self.best.chosen.sum())
        if count > self.bound and self.certain:
            fit = self._finder.fewest((self._forced, count - 1), self._nowhere)
            self.best = fit.assignment or self.best
            self.bound = max(self.bound, min(fit.bound, float(count)))

    def _place(self) -> None:
        """Find out how many can be placed, at few sites."""
        fit = self._finder.fewest((self._forced, self._p), self._nowhere)
        self.bound = max(self.bound, min(fit.bound, float(self._p)))
        if fit.bound == math.inf:  # not everybody
            fit = self._finder.most_people((self._forced, self._p), more=False)
            self.infeasible = fit.bound == math.inf
        self.best, self.certain = fit.assignment or self._finder.best, fit.assignment is not None
        if self.best is not None:
            self._nowhere = self.best.nowhere
            self.bound = self._needed() if self.certain else 1.0


def _shortest(
    instance: Instance,
    limits: GroupLimits,
    assignment: Assignment,
    budget: SolveBudget,
    longest_s: float = math.inf,
) -> Siting:
    """Send as many rows as were placed to the sites that were found, for the least total."""
    cost = np.where(instance.seconds <= longest_s, instance.weighted, np.inf)
    site_of = cheapest_assignment(cost, assignment.chosen, limits)
    site_of = assignment.site_of if site_of is None else site_of
    return group_siting(instance, assignment.chosen, site_of, budget)


_TRIES = 60
"""Exchanges that are tried for one longest drive before a program is asked."""
_SHARE = 0.4
"""Of the time that is left, for one longest drive."""


def solve_group_center(
    seconds: npt.ArrayLike,
    p: int,
    size: GroupSize,
    *,
    constraints: SiteConstraints | None = None,
    budget: SolveBudget | None = None,
    seed: int = 0,
) -> Siting:
    """Choose at most p sites, each with a group of allowed size, of the least longest drive.

    Parameters
    ----------
    seconds, p
        As in `geo.facility_location.solve_p_median`; rather p sites than fewer.
    constraints
        Forced and banned sites, and how much each row counts in the total, which is short in the
        groups that were found; None = nothing asked.
    budget
        How long to try, and whom to report to; None = as long as it takes.

    Returns
    -------
    Siting
        ``objective`` is the longest travel time of the rows that are placed. Where no groups keep
        the limits it is as in `geo.facility_location.solve_capacitated`.

    Raises
    ------
    InputError
        A number is out of range, or the rules contradict each other.

    Examples
    --------
    >>> seconds = [[0, 60], [10, 60], [20, 60], [30, 50]]
    >>> siting = solve_group_center(seconds, 2, GroupSize(max_size=3))
    >>> siting.assignment.tolist(), siting.objective, siting.proven
    ([0, 0, 0, 1], 50.0, True)
    """
    budget = budget or SolveBudget()
    instance = read_unmerged(seconds, constraints or SiteConstraints(), p)
    limits = GroupLimits.of(instance, size)
    number = (max(1, int(instance.forced.sum())), p)
    placed = place_most(instance.seconds, limits, number, budget, seed)
    if placed.assignment is None:
        return no_siting(instance, budget, proven=placed.fewest_proven)
    search = _Halving(instance.seconds, limits, number, placed.assignment.nowhere)
    search.accept(placed.assignment)
    search.halve(budget)
    sited = _shortest(instance, limits, search.best, budget, search.worst)
    bound = min(search.bound, sited.worst_s)
    proven = placed.fewest_proven and bound >= sited.worst_s
    return replace(sited, objective=sited.worst_s, bound=bound, proven=proven)


class _Halving:
    """The groups of the least longest drive so far, and the least one that is not refuted."""

    best: Assignment

    def __init__(
        self, seconds: Floats, limits: GroupLimits, number: tuple[int, int], nowhere: int
    ) -> None:
        self._seconds, self._limits, self._number = seconds, limits, number
        self._nowhere = nowhere
        self._cuts = CoverCuts()
        nearest = np.sort(seconds.min(axis=0, initial=np.inf))
        self.bound = float(nearest[: len(nearest) - nowhere].max(initial=0.0))
        self.worst = float("inf")

    def accept(self, assignment: Assignment) -> None:
        """Take groups as the best."""
        rows = np.flatnonzero(assignment.site_of >= 0)
        self.best = assignment
        self.worst = float(self._seconds[assignment.site_of[rows], rows].max(initial=0.0))

    def halve(self, budget: SolveBudget) -> None:
        """Find the least longest drive, as far as the budget allows."""
        times = np.unique(self._seconds[np.isfinite(self._seconds)])
        low, high = np.searchsorted(times, [self.bound, self.worst]).tolist()
        sure = True  # of all times that were found too short, it is proven
        while low < high and budget.report(self.worst, self.bound):
            if relative_gap(self.worst, self.bound) <= budget.gap:
                return
            middle = (low + high) // 2
            assignment, refuted = self._within(float(times[middle]), budget)
            if assignment is not None:
                self.accept(assignment)
                high = int(np.searchsorted(times, self.worst))
            else:
                low, sure = middle + 1, sure and refuted
            if sure:
                self.bound = float(times[low])

    def _within(self, cutoff_s: float, budget: SolveBudget) -> tuple[Assignment | None, bool]:
        """Look for groups within a longest drive; return them, or whether there surely are none."""
        near = self._seconds <= cutoff_s
        step = budget.part(_SHARE, silent=True)
        finder = GroupFinder(near, self._limits, step, self._cuts)
        assignment = finder.repair(self.best.chosen, self._nowhere, _TRIES)
        if assignment is not None:
            return assignment, False
        fit = finder.within(self._number, self._nowhere)
        return fit.assignment, fit.assignment is None and fit.bound > self._nowhere
