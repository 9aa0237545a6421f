"""Local search for least total: exchange a chosen site for another while that helps.

Minimises, over sets S of p sites, ``sum_i min_{j in S} cost[j, i]``. One pass over the rows gives
the gain of bringing in a site for each of the p sites that could leave for it, and the first gain
is taken at once.

Sources: Teitz & Bart 1968, Operations Research 16: 955 (interchange); Resende & Werneck 2007,
European Journal of Operational Research 174: 54 (gains of all removals in one pass); Schubert &
Rousseeuw 2021, Information Systems 101: 101804 (FasterPAM: take the first gain).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.siting import Floats

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_WORK = 20_000_000
"""Costs that are read between two looks at the clock: some 50 ms."""


@compiled
def _rescan(cost: Floats, slots: Ints, i: int, first: int) -> tuple[int, float]:
    """Return the slot nearest to row i that is not ``first``, and its cost; -1 where none is."""
    best = -1
    best_cost = np.inf
    for s in range(slots.size):
        if s != first and cost[slots[s], i] < best_cost:
            best_cost = cost[slots[s], i]
            best = s
    return best, best_cost


@compiled
def _assign(
    cost: Floats, slots: Ints, first: Ints, second: Ints, near: Floats, next_near: Floats
) -> float:
    """Find the nearest and next nearest slot of every row; return the total."""
    total = 0.0
    for i in range(cost.shape[1]):
        first[i], near[i] = _rescan(cost, slots, i, -1)
        second[i], next_near[i] = _rescan(cost, slots, i, first[i])
        if second[i] < 0:  # a single site: what stands in for it is the dearest
            next_near[i] = near[i]
            for j in range(cost.shape[0]):
                next_near[i] = max(next_near[i], cost[j, i])
        total += near[i]
    return total


@compiled
def _exchange(
    cost: Floats,
    slots: Ints,
    slot: int,
    first: Ints,
    second: Ints,
    near: Floats,
    next_near: Floats,
) -> float:
    """Update every row after another site has taken ``slot``; return the total."""
    total = 0.0
    site = slots[slot]
    for i in range(cost.shape[1]):
        here = cost[site, i]
        if first[i] == slot:
            if here <= next_near[i]:
                near[i] = here
            else:
                first[i] = second[i]
                near[i] = next_near[i]
                second[i], next_near[i] = _rescan(cost, slots, i, first[i])
        elif here < near[i]:
            second[i] = first[i]
            next_near[i] = near[i]
            first[i] = slot
            near[i] = here
        elif second[i] == slot:
            second[i], next_near[i] = _rescan(cost, slots, i, first[i])
        elif here < next_near[i]:
            second[i] = slot
            next_near[i] = here
        total += near[i]
    return total


@compiled
def _improve(
    cost: Floats,
    slots: Ints,
    inside: Bools,
    first: Ints,
    second: Ints,
    near: Floats,
    next_near: Floats,
    start: int,
    idle: int,
    looks: int,
) -> tuple[int, int]:
    """Try sites from ``start`` on until none has helped for a round, or after some looks.

    Returns the site to go on with, and for how many sites nothing has helped.
    """
    sites, rows = cost.shape
    p = slots.size
    loss = np.zeros(p)  # what closing each slot would cost, before the newcomer
    gain = np.empty(p)
    total = 0.0
    for i in range(rows):
        loss[first[i]] += next_near[i] - near[i]
        total += near[i]
    site = start
    while idle < sites and looks > 0:
        if not inside[site]:
            looks -= 1
            shared = 0.0
            gain[:] = loss
            for i in range(rows):
                here = cost[site, i]
                if here < near[i]:
                    shared += here - near[i]
                    gain[first[i]] += near[i] - next_near[i]
                elif here < next_near[i]:
                    gain[first[i]] += here - next_near[i]
            best = gain.argmin()
            if gain[best] + shared < -1e-11 * total:
                inside[slots[best]] = False
                inside[site] = True
                slots[best] = site
                total = _exchange(cost, slots, best, first, second, near, next_near)
                loss[:] = 0.0
                for i in range(rows):
                    loss[first[i]] += next_near[i] - near[i]
                idle = -1
        idle += 1
        site = site + 1 if site + 1 < sites else 0
    return site, idle


class Interchange:
    """A local search over sets of p sites; reusable, not shared between threads.

    Parameters
    ----------
    cost
        (m, n) finite costs by site.
    """

    def __init__(self, cost: Floats) -> None:
        self._cost = cost
        n = cost.shape[1]
        self._first, self._second = np.empty(n, np.int64), np.empty(n, np.int64)
        self._near, self._next_near = np.empty(n), np.empty(n)

    def descend(self, chosen: Bools, goes_on: Callable[[], bool]) -> tuple[Bools, float]:
        """Exchange sites until no exchange helps, or until told to stop.

        Parameters
        ----------
        chosen
            (m,) where to begin; at least one site.
        goes_on
            Asked every 50 ms or so.

        Returns
        -------
        tuple
            (m,) the set, and its total cost.
        """
        inside = chosen.copy()
        slots = np.flatnonzero(inside)
        state = (self._first, self._second, self._near, self._next_near)
        _assign(self._cost, slots, *state)
        site = idle = 0
        looks = max(1, _WORK // max(1, self._cost.shape[1]))
        while idle < len(inside):
            site, idle = _improve(self._cost, slots, inside, *state, site, idle, looks)
            if not goes_on():
                break
        return inside, float(self._near.sum())


def kick(chosen: Bools, exchanges: int, random: np.random.Generator) -> Bools:
    """Return (m,) the set after some random exchanges, to leave a local optimum."""
    kicked = chosen.copy()
    inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    exchanges = min(exchanges, inside.size, outside.size)
    kicked[random.choice(inside, exchanges, replace=False)] = False
    kicked[random.choice(outside, exchanges, replace=False)] = True
    return kicked


def random_set(m: int, p: int, random: np.random.Generator) -> Bools:
    """Return (m,) a set of p sites."""
    chosen = np.zeros(m, np.bool_)
    chosen[random.choice(m, p, replace=False)] = True
    return chosen
