"""Local search for least total: exchange a chosen site for another while that helps.

Minimises, over sets S of p sites, ``sum_i d1_i``, where ``d1_i`` and ``d2_i`` are the costs of row
i at its nearest and second nearest site of S. To exchange site r of S for j changes the total by

    delta_rj = sum_i min(0, c_ij - d1_i)                          rows that j takes over
             + sum_{i nearest to r} (min(d2_i, c_ij) - min(d1_i, c_ij))    rows that r loses

One pass over the rows gives the delta of site j for all p sites r at once: it starts from what
closing each would cost (the removal loss, with ``d2_i - d1_i`` for each row of r) and is corrected
by the rows that j is nearer to than their second site. The first exchange that helps is made. A
pass reads for each site only the rows to which it is one of the nearer sites (`_Reach`): with p
sites chosen of m, the nearest 4 m / p or so. A row whose second site is farther may hide a gain;
what is taken is always a true one, for totals are kept over all rows.

Sources: Teitz & Bart 1968, Operations Research 16: 955 (interchange); Resende & Werneck 2007,
European Journal of Operational Research 174: 54 (gains of all removals in one pass); Schubert &
Rousseeuw 2021, Information Systems 101: 101804 (FasterPAM: take the first gain).
"""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.lagrangian import near_limits
from geo.facility_location.model import Bools, Floats, Ints, ShouldContinue
from geo.jit import jit

_WORK = 20_000_000
"""Costs that are read between two questions whether to stop: some 50 ms."""


@jit
def _rescan(cost: Floats, slots: Ints, i: int, first: int) -> tuple[int, float]:
    """Return the slot nearest to row i that is not ``first``, and its cost; -1 where none is."""
    best = -1
    best_cost = np.inf
    for s in range(slots.size):
        if s != first and cost[slots[s], i] < best_cost:
            best_cost = cost[slots[s], i]
            best = s
    return best, best_cost


_ROUNDING = 1e-13
"""A gain below this part of the costs may be rounding."""


class _Near(NamedTuple):
    """The nearest and next nearest slot of every row, and what they cost; (n,) each."""

    first: Ints
    second: Ints
    cost: Floats
    next_cost: Floats


def _empty_near(n: int) -> _Near:
    return _Near(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n), np.empty(n))


@jit
def _assign(cost: Floats, slots: Ints, near: _Near) -> None:
    """Find the nearest and next nearest slot of every row."""
    for i in range(cost.shape[1]):
        near.first[i], near.cost[i] = _rescan(cost, slots, i, -1)
        near.second[i], near.next_cost[i] = _rescan(cost, slots, i, near.first[i])
        if near.second[i] < 0:  # a single site: what stands in for it is the dearest
            near.next_cost[i] = near.cost[i]
            for j in range(cost.shape[0]):
                near.next_cost[i] = max(near.next_cost[i], cost[j, i])


@jit
def _exchange(cost: Floats, slots: Ints, slot: int, near: _Near) -> None:
    """Update every row after another site has taken ``slot``."""
    site = slots[slot]
    for i in range(cost.shape[1]):
        here = cost[site, i]
        if near.first[i] == slot:
            if here <= near.next_cost[i]:
                near.cost[i] = here
            else:
                near.first[i] = near.second[i]
                near.cost[i] = near.next_cost[i]
                near.second[i], near.next_cost[i] = _rescan(cost, slots, i, near.first[i])
        elif here < near.cost[i]:
            near.second[i] = near.first[i]
            near.next_cost[i] = near.cost[i]
            near.first[i] = slot
            near.cost[i] = here
        elif near.second[i] == slot:
            near.second[i], near.next_cost[i] = _rescan(cost, slots, i, near.first[i])
        elif here < near.next_cost[i]:
            near.second[i] = slot
            near.next_cost[i] = here


@jit
def _removal_losses(near: _Near, loss: Floats) -> tuple[float, float]:
    """Compute what closing each slot would cost; return the total now, and if all were closed."""
    loss[:] = 0.0
    total = 0.0
    largest = 0.0
    for i in range(near.cost.size):
        loss[near.first[i]] += near.next_cost[i] - near.cost[i]
        total += near.cost[i]
        largest += near.next_cost[i]
    return total, largest


class _Reach(NamedTuple):
    """The rows near each site: those of site j stand from ``begin[j]`` to ``begin[j + 1]``."""

    begin: Ints
    row: npt.NDArray[np.int32]
    cost: Floats


@jit
def _reach(cost: Floats, limit: Floats) -> _Reach:
    """List for each site the rows within their limit."""
    begin = np.zeros(cost.shape[0] + 1, np.int64)
    for j in range(cost.shape[0]):
        begin[j + 1] = begin[j] + (cost[j] <= limit).sum()
    row = np.empty(begin[-1], np.int32)
    near = np.empty(begin[-1])
    for j in range(cost.shape[0]):
        at = begin[j]
        for i in range(cost.shape[1]):
            if cost[j, i] <= limit[i]:
                row[at] = i
                near[at] = cost[j, i]
                at += 1
    return _Reach(begin, row, near)


@jit
def _exchange_deltas(reach: _Reach, site: int, near: _Near, loss: Floats, delta: Floats) -> float:
    """Compute for each slot the change of the total if the site takes it, less what is returned.

    What is returned is the same for all slots: what the rows save that the site takes over.
    """
    delta[:] = loss
    shared = 0.0
    for k in range(reach.begin[site], reach.begin[site + 1]):
        i = reach.row[k]
        here = reach.cost[k]
        if here < near.cost[i]:
            shared += here - near.cost[i]
            delta[near.first[i]] += near.cost[i] - near.next_cost[i]  # no loss: the site has it
        elif here < near.next_cost[i]:
            delta[near.first[i]] += here - near.next_cost[i]  # the site is its second
    return shared


class _SearchState(NamedTuple):
    """The sites of the set by slot (p,), whether each is in it (m,), and where the search is.

    ``position`` holds the site to try next, and for how many sites nothing has helped.
    """

    slots: Ints
    inside: Bools
    position: Ints


@jit
def _improve(cost: Floats, reach: _Reach, state: _SearchState, near: _Near, trials: int) -> None:
    """Try one site after the other until none has helped for a round, or some were tried."""
    slots, inside, position = state
    sites = cost.shape[0]
    loss, delta = np.empty(slots.size), np.empty(slots.size)
    total, largest = _removal_losses(near, loss)
    while position[1] < sites and trials > 0:
        site = position[0]
        if not inside[site]:
            trials -= 1
            shared = _exchange_deltas(reach, site, near, loss, delta)
            best = int(delta.argmin())
            if delta[best] + shared < -_ROUNDING * largest:
                inside[slots[best]] = False
                inside[site] = True
                slots[best] = site
                _exchange(cost, slots, best, near)
                before = total
                total, largest = _removal_losses(near, loss)
                if total < before:  # else rounding made it look like a gain
                    position[1] = -1
        position[1] += 1
        position[0] = site + 1 if site + 1 < sites else 0


class Interchange:
    """A local search over sets of p sites; reusable, not shared between threads."""

    def __init__(self, cost: Floats, p: int) -> None:
        self._cost = cost
        self._near_rows = _reach(cost, near_limits(cost, p))
        self._near = _empty_near(cost.shape[1])

    def twin(self) -> Interchange:
        """Return another of the same sites, for another thread."""
        twin = copy(self)
        twin._near = _empty_near(self._cost.shape[1])
        return twin

    def descend(self, chosen: Bools, should_continue: ShouldContinue) -> tuple[Bools, float]:
        """Exchange sites until no exchange helps, or until told to stop.

        From (m,) ``chosen``, at least one site; returns (m,) the set, and its total cost.
        """
        inside = chosen.copy()
        state = _SearchState(np.flatnonzero(inside), inside, np.zeros(2, np.int64))
        _assign(self._cost, state.slots, self._near)
        trials = 1 + _WORK * len(inside) // (1 + len(inside) + self._near_rows.row.size)
        while state.position[1] < len(inside):
            _improve(self._cost, self._near_rows, state, self._near, trials)
            if not should_continue():
                break
        return inside, float(self._near.cost.sum())


def kick(chosen: Bools, exchanges: int, random: np.random.Generator) -> Bools:
    """Return (m,) the set after some random exchanges, to leave a local optimum."""
    kicked = chosen.copy()
    inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    exchanges = min(exchanges, inside.size, outside.size)
    kicked[random.choice(inside, exchanges, replace=False)] = False
    kicked[random.choice(outside, exchanges, replace=False)] = True
    return kicked


def kick_nearby(cost: Floats, chosen: Bools, exchanges: int, random: np.random.Generator) -> Bools:
    """Return (m,) the set after some exchanges around one row: the rest of the set stays good."""
    line = cost[:, random.integers(cost.shape[1])]
    order = np.argsort(line, kind="stable")
    inside, outside = order[chosen[order]], order[~chosen[order]]
    exchanges = min(exchanges, inside.size, outside.size)
    kicked = chosen.copy()
    kicked[inside[:exchanges]] = False
    kicked[random.choice(outside[: 4 * exchanges], exchanges, replace=False)] = True
    return kicked


_NEARBY, _MOST_NEARBY = 0.85, 5
"""How many of the shakes are around one row, and of how many sites at most."""


def shake(cost: Floats, chosen: Bools, random: np.random.Generator) -> Bools:
    """Return (m,) the set after a few random exchanges, mostly around one row."""
    if random.random() < _NEARBY:
        return kick_nearby(cost, chosen, int(random.integers(2, 2 + _MOST_NEARBY)), random)
    return kick(chosen, int(random.integers(2, max(4, int(chosen.sum()) // 4))), random)


def random_set(m: int, p: int, random: np.random.Generator) -> Bools:
    """Return (m,) a set of p sites."""
    chosen = np.zeros(m, np.bool_)
    chosen[random.choice(m, p, replace=False)] = True
    return chosen
