"""What multipliers are worth: the bound they give, what it says of each site, and where to go.

For multipliers ``lam``, the bound is ``L(lam) = sum_i lam_i + sum of the q least rho_j`` over the
free sites, with ``rho_j = sum_i min(0, c_ij - lam_i)``. For a site that is not among the q the last
of them must leave, so every plan with it costs ``L + rho_j - rho_last`` or more; every plan without
one of the q costs ``L + rho_next - rho_j`` or more. Every step says so anew, and the most that any
has said is kept: a site is often decided by a step whose own bound is not the best.

Sources: Cornuéjols, Fisher & Nemhauser 1977, Management Science 23: 789 (the bound); Beasley 1993,
EJOR 65: 383 (what it says of each site).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.near_lists import Lists
from geo.facility_location.siting import Floats, Rows

Bools = npt.NDArray[np.bool_]

THETA, BOUND, STALE, SETTLING = 0, 1, 2, 3
"""Where the pace of a climb holds the length of its steps, its best bound, and so on."""


class State(NamedTuple):
    """Where a climb is; see `geo.facility_location.lagrangian.Ascent`.

    ``nearest`` is what the nearest site of a row costs, its cap where it has none. ``now``,
    ``rho_now``, ``chosen_now``, ``slope`` (the subgradient), ``reach`` (how many sites a row pays
    more than they cost) and ``direction`` are of this step; ``lam``, ``rho`` and ``chosen`` of the
    best. ``share`` is how often, of late, each site was chosen; ``opened`` and ``closed`` bound
    every plan with and without it. ``pace`` is the length of the steps, the best bound, for how
    many steps it has not risen, and whether it settles.
    """

    cap: Floats
    nearest: Floats
    free: Rows
    q: int
    now: Floats
    rho_now: Floats
    chosen_now: Bools
    slope: Floats
    reach: npt.NDArray[np.int64]
    direction: Floats
    lam: Floats
    rho: Floats
    chosen: Bools
    share: Floats
    opened: Floats
    closed: Floats
    pace: Floats


@compiled
def _choose(state: State) -> tuple[float, float, float]:
    """Choose the q free sites of least rho; return their sum, the last chosen, the first not."""
    state.chosen_now[:] = False
    values = state.rho_now[state.free]
    if state.q == 0:
        return 0.0, -np.inf, np.inf
    parted = np.partition(values, state.q - 1)
    edge = parted[state.q - 1]
    total = 0.0
    room = state.q
    for k in range(values.size):
        if values[k] < edge:
            state.chosen_now[state.free[k]] = True
            total += values[k]
            room -= 1
    for k in range(values.size):
        if room > 0 and values[k] == edge:
            state.chosen_now[state.free[k]] = True
            total += edge
            room -= 1
    first_out = parted[state.q :].min() if state.q < values.size else np.inf
    return total, edge, first_out


@compiled
def weigh(lists: Lists, state: State) -> float:
    """Compute the bound of the multipliers, and what it says of every site alone."""
    paid = _price(lists, state)
    total, last_in, first_out = _choose(state)
    bound = paid + total
    for j in state.free:
        rho = state.rho_now[j]
        if state.chosen_now[j]:
            state.closed[j] = max(state.closed[j], bound + first_out - rho)
        else:
            state.opened[j] = max(state.opened[j], bound + rho - last_in)
    return bound


@compiled
def _price(lists: Lists, state: State) -> float:
    """Compute rho for the multipliers; return their sum."""
    rho = state.rho_now
    rho[:] = 0.0
    total = 0.0
    for i in range(state.now.size):
        pay = state.now[i]
        total += pay
        length, site, cost = lists.length[i], lists.site[i], lists.cost[i]
        k = 0
        while k < length and cost[k] < pay:
            rho[site[k]] += cost[k] - pay
            k += 1
        state.reach[i] = k
    return total


@compiled
def subgradient(lists: Lists, state: State) -> None:
    """Compute the subgradient: how often each row is not served, less than 0 for twice or more."""
    n = state.now.size
    if state.q * n < state.reach.sum():  # reading all that is chosen is less than all that is near
        state.slope[:] = 1.0
        for j in state.free:
            if state.chosen_now[j]:
                line = lists.by_site[j]
                for i in range(n):
                    state.slope[i] -= 1.0 if line[i] < state.now[i] else 0.0
    else:
        for i in range(n):
            site = lists.site[i]
            served = 0
            for k in range(state.reach[i]):
                served += state.chosen_now[site[k]]
            state.slope[i] = 1.0 - served
    for i in range(n):
        if state.slope[i] > 0 and state.now[i] >= state.cap[i]:
            state.slope[i] = 0.0


@compiled
def take_share(state: State, news: float) -> None:
    """Average in which sites this step chose."""
    for j in state.free:
        state.share[j] *= 1.0 - news
        if state.chosen_now[j]:
            state.share[j] += news


@compiled
def keep(state: State, bound: float) -> bool:
    """Keep all of this step if it is the best; return whether it is."""
    if bound <= state.pace[BOUND]:
        return False
    state.pace[BOUND] = bound
    state.lam[:] = state.now
    state.rho[:] = state.rho_now
    state.chosen[:] = state.chosen_now
    return True
