"""A lower bound on the least total: pay each row to be served, and see which sites would earn it.

The problem is to minimise, over sets S of q free sites, ``sum_i min(cap_i, min_{j in S} c_ij)``.
Relaxing "every row is served once" with multipliers ``lam_i`` leaves a problem that solves itself,

    L(lam) = sum_i lam_i + sum of the q least rho_j,     rho_j = sum_i min(0, c_ij - lam_i),

and every ``L(lam)`` with ``lam <= cap`` is a bound. A step reads only the sites nearer than
``lam_i`` (`near_lists`). There are two gaits. `Ascent.climb` goes along deflected subgradients, and
comes near the top from anywhere within a hundred steps, but then zigzags. `Ascent.settle` is the
volume algorithm: every step starts from the best multipliers along an average of the subgradients,
which tends to how the linear program misses serving each row once. It ends nearer to the linear
program's value, and the average of what was chosen tells where to branch. What a step computes, and
what it says of each site, is in `pricing`.

Sources: Cornuéjols, Fisher & Nemhauser 1977, Management Science 23: 789 (relaxation); Held, Wolfe &
Crowder 1974, Mathematical Programming 6: 62 (steps); Camerini, Fratta & Maffioli 1975, Mathematical
Programming Study 3: 26 (deflection); Barahona & Anbil 2000, Mathematical Programming 87: 385, and
Barahona & Chudak 2005, Discrete Optimization 2: 35 (the volume algorithm, and it for locations).

Each row's sites from near to far: what a Lagrangian bound reads, over and over.

A step of the climb (`lagrangian`) reads only the sites that cost less than the row pays, so lists
are short, and a list may be cut off: then its last cost is the row's cap, so that what is missing
would never be read. Sites are unsigned numbers: an index that may be negative is read half as fast.

What multipliers are worth: the bound they give, what it says of each site, and where to go.

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

from geo.facility_location.model import Floats, Rows
from geo.jit import jit

Sites = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]


class NeighbourLists(NamedTuple):
    """Each row's sites from near to far.

    Attributes
    ----------
    site, cost
        (n, k) sites and what they cost, ascending along a row.
    length
        (n,) how much of each row counts: what costs the cap or more does not.
    cap
        (n,) what a row costs that is served by none of its listed sites, at least.
    by_site
        (m, n) the costs by site, of which only some may be listed.
    """

    site: Sites
    cost: Floats
    length: npt.NDArray[np.int64]
    cap: Floats
    by_site: Floats


_SAMPLE, _SHARES, _SPARE = 128, 4, 2
"""Sites by which it is judged which are near, shares of the sites that are, and a few more."""


def near_limits(cost: Floats, p: int) -> Floats:
    """Return (n,) what the nearest few sites of each row cost at most, judged by a sample.

    Parameters
    ----------
    cost
        (m, n) costs by site.
    p
        How many sites will be chosen: some four times a row's share of the sites is near.
    """
    sample = cost[:: max(1, len(cost) // _SAMPLE)]
    rank = _SHARES * len(sample) // max(1, p) + _SPARE
    if rank >= len(sample):
        return np.full(cost.shape[1], np.inf)
    return np.asarray(np.partition(sample, rank, axis=0)[rank])


@jit
def _list(cost: Floats, cap: Floats) -> tuple[Sites, Floats, npt.NDArray[np.int64]]:
    """List each row's sites that cost less than the cap, from near to far."""
    m, n = cost.shape
    length = np.zeros(n, np.int64)
    for j in range(m):
        for i in range(n):
            length[i] += 1 if cost[j, i] < cap[i] else 0
    width = max(1, length.max())
    site = np.zeros((n, width), np.uint32)
    near = np.full((n, width), np.inf)
    at = np.zeros(n, np.int64)
    for j in range(m):
        for i in range(n):
            if cost[j, i] < cap[i]:
                site[i, at[i]] = j
                near[i, at[i]] = cost[j, i]
                at[i] += 1
    for i in range(n):
        order = np.argsort(near[i, : length[i]], kind="mergesort")
        site[i, : length[i]] = site[i, : length[i]][order]
        near[i, : length[i]] = near[i, : length[i]][order]
    return site, near, length


def nearest_lists(cost: Floats, cap: Floats) -> NeighbourLists:
    """List the sites of every row.

    Parameters
    ----------
    cost
        (m, n) costs by site.
    cap
        (n,) what it costs to serve a row by none, or less: what costs as much is not listed.
    """
    return NeighbourLists(*_list(cost, cap), cap, cost)


@jit
def _thin(
    lists: NeighbourLists, keep: Bools, cap: Floats, width: int
) -> tuple[Sites, Floats, npt.NDArray[np.int64]]:
    """Copy from each row's list the kept sites that cost less than the cap."""
    n = cap.size
    length = np.zeros(n, np.int64)
    site = np.empty((n, width + 1), np.uint32)
    cost = np.empty((n, width + 1))
    for i in range(n):
        at = 0
        for k in range(lists.length[i]):
            if lists.cost[i, k] >= cap[i]:
                break
            site[i, at] = lists.site[i, k]
            cost[i, at] = lists.cost[i, k]
            at += keep[lists.site[i, k]]
        length[i] = at
    return site, cost, length


def thinned(lists: NeighbourLists, keep: Bools, cap: Floats) -> NeighbourLists:
    """Return the lists of a branch: of the sites to keep, those that cost less than its cap.

    Parameters
    ----------
    lists
        The lists of all sites.
    keep
        (m,) the free sites.
    cap
        (n,) at most ``lists.cap``.
    """
    width = min(int(keep.sum()), lists.site.shape[1])
    return NeighbourLists(*_thin(lists, keep, cap, width), cap, lists.by_site)


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


@jit
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


@jit
def weigh(lists: NeighbourLists, state: State) -> float:
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


@jit
def _price(lists: NeighbourLists, state: State) -> float:
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


@jit
def subgradient(lists: NeighbourLists, state: State) -> None:
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


@jit
def take_share(state: State, news: float) -> None:
    """Average in which sites this step chose."""
    for j in state.free:
        state.share[j] *= 1.0 - news
        if state.chosen_now[j]:
            state.share[j] += news


@jit
def keep(state: State, bound: float) -> bool:
    """Keep all of this step if it is the best; return whether it is."""
    if bound <= state.pace[BOUND]:
        return False
    state.pace[BOUND] = bound
    state.lam[:] = state.now
    state.rho[:] = state.rho_now
    state.chosen[:] = state.chosen_now
    return True


_PATIENCE = 20
"""Steps without gain after which steps become half as long."""
_DEFLECTION = 1.5
"""How much of a zigzag is taken back (Camerini, Fratta & Maffioli give 1.5)."""
_NEWS = 0.05
"""How much of the share of steps that chose a site is the last one."""
_LONGEST = 2.0
"""The first steps; longer ones need not lead up."""
_SHORTEST = 1e-5
"""Steps shorter than this climb no more."""
_FIRST_STRIDE, _LONGER, _SHORTER, _STEADY = 0.5, 1.1, 0.66, 5
"""How long the steps of settling are at first; how they grow, and shrink after so many in vain."""
_LEAST_NEWS, _MOST_NEWS = 0.02, 0.2
"""How much of the average of subgradients is the last one."""


@jit
def _turn(state: State) -> float:
    """Turn the direction towards the subgradient; return its squared length."""
    dot = 0.0
    norm = 0.0
    for i in range(state.now.size):
        dot += state.slope[i] * state.direction[i]
        norm += state.direction[i] * state.direction[i]
    turn = -_DEFLECTION * dot / norm if dot < 0 else 0.0
    size = 0.0
    for i in range(state.now.size):
        state.direction[i] = state.slope[i] + turn * state.direction[i]
        size += state.direction[i] * state.direction[i]
    return size


@jit
def _step(state: State, begin: Floats, stride: float) -> None:
    """Go along the direction, but no further than prices make sense."""
    for i in range(state.now.size):
        pay = min(begin[i] + stride * state.direction[i], state.cap[i])
        state.now[i] = max(pay, state.nearest[i])


@jit
def _climb(lists: NeighbourLists, state: State, target: float, enough: float, steps: int) -> bool:
    """Climb some steps; return whether there is more to climb."""
    for _ in range(steps):
        bound = weigh(lists, state)
        take_share(state, _NEWS)
        state.pace[STALE] += 1
        if bound > state.pace[BOUND] + 1e-4 * (target - bound):
            state.pace[STALE] = 0
        keep(state, bound)
        if bound >= enough or state.pace[THETA] < _SHORTEST:
            return False
        if state.pace[STALE] >= _PATIENCE:
            state.pace[STALE] = 0
            state.pace[THETA] *= 0.5
            state.now[:] = state.lam
            state.direction[:] = 0.0
            continue
        subgradient(lists, state)
        size = _turn(state)
        if size == 0.0:
            return False
        _step(state, state.now, state.pace[THETA] * (target - bound) / size)
    return True


@jit
def _average(state: State) -> float:
    """Average the subgradient into the direction, for the shortest; return how they agree."""
    agree = 0.0
    norm = 0.0
    size = 0.0
    for i in range(state.now.size):
        agree += state.slope[i] * state.direction[i]
        norm += state.direction[i] * state.direction[i]
        size += state.slope[i] * state.slope[i]
    apart = size - 2.0 * agree + norm
    news = (norm - agree) / apart if apart > 0.0 else _MOST_NEWS
    news = max(_LEAST_NEWS, min(news, _MOST_NEWS))
    for i in range(state.now.size):
        state.direction[i] += news * (state.slope[i] - state.direction[i])
    take_share(state, news)
    return agree


@jit
def _begin_settling(lists: NeighbourLists, state: State) -> None:
    """Set out from the best multipliers along their own subgradient."""
    state.now[:] = state.lam
    keep(state, weigh(lists, state))
    subgradient(lists, state)
    state.direction[:] = state.slope
    take_share(state, 1.0)
    state.pace[THETA] = _FIRST_STRIDE
    state.pace[STALE] = 0.0
    state.pace[SETTLING] = 1.0


@jit
def _settle(lists: NeighbourLists, state: State, target: float, enough: float, steps: int) -> bool:
    """Settle some steps; return whether there is more to gain."""
    if state.pace[SETTLING] == 0.0:
        _begin_settling(lists, state)
    for _ in range(steps):
        size = (state.direction * state.direction).sum()
        bound = state.pace[BOUND]
        if bound >= enough or state.pace[THETA] < _SHORTEST or size < 1e-12:
            return False
        _step(state, state.lam, state.pace[THETA] * (target - bound) / size)
        bound = weigh(lists, state)
        subgradient(lists, state)
        agree = _average(state)
        state.pace[STALE] += 1
        if keep(state, bound):
            state.pace[STALE] = 0
            if agree >= 0.0:
                state.pace[THETA] = min(_LONGER * state.pace[THETA], _LONGEST)
        elif state.pace[STALE] >= _STEADY:
            state.pace[STALE] = 0
            state.pace[THETA] *= _SHORTER
    return True


class Ascent:
    """A climb from given multipliers, over the free sites that a branch leaves.

    Parameters
    ----------
    lists
        The rows' sites, of m in all.
    free
        Sites that may be chosen, ascending.
    q
        How many of them will be.
    lam
        (n,) where to begin; not changed.
    """

    def __init__(self, lists: NeighbourLists, free: Rows, q: int, lam: Floats) -> None:
        n, m = len(lists.cap), len(lists.by_site)
        cap = lists.cap
        nearest = np.where(lists.length > 0, lists.cost[:, 0], cap)
        start = np.minimum(np.maximum(lam, nearest), cap)
        self._lists = lists
        self._state = State(
            cap=cap,
            nearest=nearest,
            free=free,
            q=q,
            now=start.copy(),
            rho_now=np.zeros(m),
            chosen_now=np.zeros(m, np.bool_),
            slope=np.zeros(n),
            reach=np.zeros(n, np.int64),
            direction=np.zeros(n),
            lam=start,
            rho=np.zeros(m),
            chosen=np.zeros(m, np.bool_),
            share=np.zeros(m),
            opened=np.full(m, -np.inf),
            closed=np.full(m, -np.inf),
            pace=np.array([_LONGEST, -np.inf, 0.0, 0.0]),
        )

    @property
    def bound(self) -> float:
        """The best bound so far."""
        return float(self._state.pace[BOUND])

    @property
    def lam(self) -> Floats:
        """(n,) the multipliers of the best bound."""
        return self._state.lam

    @property
    def chosen(self) -> Bools:
        """(m,) the sites that the best bound chose."""
        return self._state.chosen

    @property
    def share(self) -> Floats:
        """(m,) how often, of late, each site was chosen."""
        return self._state.share

    def climb(self, target: float, enough: float, steps: int) -> bool:
        """Climb; return whether there is more to climb.

        Parameters
        ----------
        target
            A total that is known: steps are as long as if it could be reached.
        enough
            A bound at which to stop.
        steps
            So many at most.
        """
        return bool(_climb(self._lists, self._state, target, enough, steps))

    def settle(self, target: float, enough: float, steps: int) -> bool:
        """Go on from the best multipliers in short, steady steps; see `climb`, which is over."""
        return bool(_settle(self._lists, self._state, target, enough, steps))

    def first_sites(self, number: int) -> Rows:
        """Return the free sites of least rho, so many at most."""
        order = np.argsort(self._state.rho[self._state.free], kind="stable")
        return np.asarray(self._state.free[order[:number]])

    def opened_bounds(self) -> Floats:
        """Return (free.size,) a bound on every plan that has each free site."""
        return np.maximum(self._state.opened[self._state.free], self.bound)

    def closed_bounds(self) -> Floats:
        """Return (free.size,) a bound on every plan that does without each free site."""
        return np.maximum(self._state.closed[self._state.free], self.bound)
