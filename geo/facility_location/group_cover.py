"""Most people in groups at up to p sites, and the fewest sites for as many as can be.

Both are asked of `group_cuts`: maximal coverage and set cover for groups that are neither too small
nor too large (Current & Storbeck 1988, Environment and Planning B 15: 153).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.facility_location.effort import Effort
from geo.facility_location.group_answer import group_siting, no_siting, sizes_of, weighted
from geo.facility_location.group_cuts import GroupFinder
from geo.facility_location.group_fill import fill_groups
from geo.facility_location.group_flow import Filled
from geo.facility_location.group_people import place_most, start_sites
from geo.facility_location.group_size import GroupSize, Sizes
from geo.facility_location.instance import Instance, Limits, read_unmerged
from geo.facility_location.siting import Floats, Siting


def solve_group_coverage(
    seconds: npt.ArrayLike,
    p: int,
    size: GroupSize,
    *,
    limits: Limits | None = None,
    effort: Effort | None = None,
    seed: int = 0,
) -> Siting:
    """Choose at most p sites, each with a group of allowed size, that place most rows.

    Parameters
    ----------
    seconds, p, size, limits, effort, seed
        As in `geo.facility_location.group_center.solve_group_center`.

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
    >>> siting = solve_group_coverage([[5, 9], [1, 9], [9, 2]], 1, GroupSize(most=2))
    >>> siting.objective, siting.bound, siting.proven
    (2.0, 2.0, True)
    """
    effort = effort or Effort()
    instance = read_unmerged(seconds, limits or Limits(), p)
    sizes = sizes_of(instance, size)
    number = (max(1, int(instance.forced.sum())), p)
    placed = place_most(instance.seconds, sizes, number, effort, seed)
    if placed.filled is None:
        return no_siting(instance, effort, proven=placed.proven)
    rows = len(instance.rows)
    value, bound = float(rows - placed.nowhere), float(rows - placed.fewest)
    effort.goes_on(value, bound)
    sited = _shortest(instance, sizes, placed.filled, effort)
    return replace(sited, objective=value, bound=max(value, bound), proven=placed.proven)


def solve_group_cover(
    seconds: npt.ArrayLike,
    p: int | None,
    size: GroupSize,
    *,
    limits: Limits | None = None,
    effort: Effort | None = None,
    seed: int = 0,
) -> Siting:
    """Choose the fewest sites, each with a group of allowed size, that place most rows.

    Parameters
    ----------
    seconds
        As in `geo.facility_location.solve_p_median`.
    p
        No more sites than this; None = any number.
    size, limits, effort, seed
        As in `geo.facility_location.group_center.solve_group_center`.

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
    >>> siting = solve_group_cover([[5, 9], [1, 9], [9, 2]], None, GroupSize(most=2))
    >>> siting.sites.tolist(), siting.objective, siting.proven
    ([0, 1], 2.0, True)
    """
    effort = effort or Effort()
    instance = read_unmerged(seconds, limits or Limits(), None)
    sizes = sizes_of(instance, size)
    sites = len(instance.columns)
    search = _Cover(instance.seconds, sizes, sites if p is None else min(p, sites), effort)
    search.begin(seed)
    search.improve()
    if search.best is None:
        return no_siting(instance, effort, proven=search.impossible)
    value = float(search.best.chosen.sum())
    effort.goes_on(value, search.bound)
    sited = _shortest(instance, sizes, search.best, effort)
    bound = min(search.bound, value)
    return replace(sited, objective=value, bound=bound, proven=search.certain and bound == value)


class _Cover:
    """The groups at the fewest sites so far, and how many sites are needed at least.

    Parameters
    ----------
    seconds
        (c, r) by site; ``inf`` = cannot.
    sizes, p
        What the groups must keep to, and how many sites at most.
    effort
        How long to try.
    """

    def __init__(self, seconds: Floats, sizes: Sizes, p: int, effort: Effort) -> None:
        self._seconds, self._sizes, self._p, self._effort = seconds, sizes, p, effort
        near = np.isfinite(seconds)
        self._rooms = np.sort(np.minimum(sizes.most, near.sum(axis=1)))[::-1].cumsum()
        self._forced = max(1, int(sizes.forced.sum()))
        self._finder = GroupFinder(near, sizes, effort)
        self._nowhere = int((~near.any(axis=0)).sum())
        self.best: Filled | None = None
        self.bound = self._needed()
        self.certain = True
        self.impossible = False

    def _needed(self) -> float:
        """Return how many sites have room for all that are to be placed."""
        placed = self._seconds.shape[1] - self._nowhere
        return float(max(1, int(np.searchsorted(self._rooms, placed)) + 1, self._forced))

    def begin(self, seed: int) -> None:
        """Place everybody at as few sites as a local search finds, a fourth more each time.

        Once is not stopped: there should be an answer.
        """
        p = first = int(self.bound)
        while p <= self._p and self.best is None and (p == first or self._effort.still_on()):
            start = start_sites(self._seconds, self._sizes, p, self._effort, seed)
            self.best = self._finder.nearby(start, self._nowhere)
            p = max(p + 1, p * 5 // 4)

    def improve(self) -> None:
        """Look for fewer sites, until it is shown that fewer do not place as many."""
        if self.best is None:
            self._place()
        count = 0 if self.best is None else int(self.best.chosen.sum())
        if count > self.bound and self.certain:
            fit = self._finder.fewest((self._forced, count - 1), self._nowhere)
            self.best = fit.filled or self.best
            self.bound = max(self.bound, min(fit.bound, float(count)))

    def _place(self) -> None:
        """Find out how many can be placed, at few sites."""
        fit = self._finder.fewest((self._forced, self._p), self._nowhere)
        self.bound = max(self.bound, min(fit.bound, float(self._p)))
        if fit.bound == math.inf:  # not everybody
            fit = self._finder.most_people((self._forced, self._p), more=False)
            self.impossible = fit.bound == math.inf
        self.best, self.certain = fit.filled or self._finder.best, fit.filled is not None
        if self.best is not None:
            self._nowhere = int((self.best.holder < 0).sum())
            self.bound = self._needed() if self.certain else 1.0


def _shortest(instance: Instance, sizes: Sizes, filled: Filled, effort: Effort) -> Siting:
    """Send as many rows as were placed to the sites that were found, for the least total."""
    site = fill_groups(weighted(instance), filled.chosen, sizes)
    return group_siting(instance, filled.chosen, filled.holder if site is None else site, effort)
