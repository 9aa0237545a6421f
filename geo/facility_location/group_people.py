"""How many people can be placed in groups of allowed size, at up to p sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.facility_location.effort import Effort
from geo.facility_location.group_cuts import Bools, GroupFinder
from geo.facility_location.group_flow import Filled
from geo.facility_location.group_size import Sizes
from geo.facility_location.interchange import Interchange, random_set
from geo.facility_location.siting import Floats

_TRIES = 60
"""Exchanges that are tried before a program is asked."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Groups that leave few rows out.

    Attributes
    ----------
    filled
        The groups; None where none are known.
    nowhere
        How many rows they leave out.
    fewest
        No groups leave fewer out; ``inf`` where so many groups cannot be filled at all.
    """

    filled: Filled | None
    nowhere: int
    fewest: float

    @property
    def proven(self) -> bool:
        """Whether it is shown that none leave fewer out, or that there are none."""
        return self.nowhere <= self.fewest if self.filled else self.fewest == float("inf")


def place_most(
    cost: Floats, sizes: Sizes, number: tuple[int, int], effort: Effort, seed: int = 0
) -> Placed:
    """Place as many rows as can be.

    Parameters
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    sizes
        What the groups must keep to.
    number
        How many sites at least and at most.
    effort, seed
        How long to try, and where to begin.
    """
    near = np.isfinite(cost)
    finder = GroupFinder(near, sizes, effort)
    order = np.lexsort((sizes.most, sizes.forced))[::-1]
    room = int(sizes.most[order[: number[1]]].sum())
    least = max(near.shape[1] - room, int((~near.any(axis=0)).sum()))
    if number[1] <= len(near):
        start = start_sites(cost, sizes, number[1], effort, seed)
        filled = finder.nearby(start, least, _TRIES)
        if filled is not None:
            return Placed(filled, least, least)
        finder.prune(start, number[0])
    fit = finder.within(number, least)
    if fit.filled is None and fit.bound > least:
        fit = finder.most_people(number)
    best = fit.filled or finder.best
    nowhere = near.shape[1] if best is None else int((best.holder < 0).sum())
    return Placed(best, nowhere, max(fit.bound, least))


def start_sites(cost: Floats, sizes: Sizes, p: int, effort: Effort, seed: int) -> Bools:
    """Return (c,) the forced sites and others that are near, by a local search without sizes."""
    open_ = sizes.forced.copy()
    able = ~open_ & (sizes.most >= max(1, sizes.least))
    q = p - int(open_.sum())
    beyond = 2.0 * float(cost.max(initial=1.0, where=np.isfinite(cost)))
    within = np.minimum(cost, beyond)
    near = within[open_].min(axis=0, initial=beyond)
    if q > int(able.sum()):
        able = ~open_
    if q and cost.shape[1]:
        random = np.random.default_rng(seed)
        local = Interchange(np.minimum(within[able], near), q)
        some = random_set(int(able.sum()), q, random)
        open_[able] = local.descend(some, effort.still_on)[0]
    elif q:
        open_[np.flatnonzero(able)[:q]] = True
    return open_
