"""A lower bound on the least total: pay each row to be served, and see which sites would earn it.

The problem is to minimise, over sets S of q free sites, ``sum_i min(cap_i, min_{j in S} c_ij)``.
Relaxing "every row is served once" with multipliers ``lam_i`` leaves a problem that solves itself,

    L(lam) = sum_i lam_i + sum of the q least rho_j,     rho_j = sum_i min(0, c_ij - lam_i),

and every ``L(lam)`` with ``lam <= cap`` is a bound. Climbing goes along deflected subgradients. A
site whose ``rho_j`` is too dear, or too cheap, to be otherwise in any better plan is fixed.

Rows list their sites from near to far and a step reads only those nearer than ``lam_i``. A list
may be cut off: then its last cost is the row's cap, so that what is missing would never be read.

Sources: Cornuéjols, Fisher & Nemhauser 1977, Management Science 23: 789 (relaxation); Held, Wolfe &
Crowder 1974, Mathematical Programming 6: 62 (steps); Camerini, Fratta & Maffioli 1975, Mathematical
Programming Study 3: 26 (deflection); Beasley 1993, EJOR 65: 383 (fixing).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.siting import Floats, Rows

Bools = npt.NDArray[np.bool_]

_PATIENCE = 20
"""Steps without gain after which steps become half as long."""
_DEFLECTION = 1.5
"""How much of a zigzag is taken back (Camerini, Fratta & Maffioli give 1.5)."""
_MEMORY = 0.95
"""How slowly the share of steps that chose a site forgets."""
_SHORTEST = 1e-5
"""Steps shorter than this climb no more."""
_THETA, _BOUND, _STALE = 0, 1, 2


class Lists(NamedTuple):
    """Each row's sites from near to far.

    Attributes
    ----------
    site, cost
        (n, k) sites and what they cost, ascending along a row.
    length
        (n,) how much of each row counts: what costs the cap or more does not.
    cap
        (n,) what a row costs that is served by none of its listed sites, at least.
    sites
        m, of which only some may be listed.
    """

    site: npt.NDArray[np.int32]
    cost: Floats
    length: npt.NDArray[np.int64]
    cap: Floats
    sites: int


def nearest_lists(cost: Floats, cap: Floats, p: int) -> Lists:
    """List the sites of every row, only the nearest where there are many.

    Parameters
    ----------
    cost
        (m, n) costs by site.
    cap
        (n,) what it costs to serve a row by none.
    p
        How many sites will be chosen: ten times a row's share of the sites is listed.
    """
    by_row = np.ascontiguousarray(cost.T)
    m = by_row.shape[1]
    k = min(m, 10 * m // max(1, p) + 20)
    if k < m:
        some = np.argpartition(by_row, k - 1, axis=1)[:, :k]
        costs = np.take_along_axis(by_row, some, axis=1)
        order = np.argsort(costs, axis=1, kind="stable")
        site = np.take_along_axis(some, order, axis=1)
        cap = np.minimum(cap, costs.max(axis=1, initial=0.0))
    else:
        site = np.argsort(by_row, axis=1, kind="stable")
    sorted_cost = np.take_along_axis(by_row, site, axis=1)
    return Lists(
        site=site.astype(np.int32),
        cost=sorted_cost,
        length=(sorted_cost < cap[:, None]).sum(axis=1),
        cap=cap,
        sites=m,
    )


@compiled
def _thin(
    lists: Lists, keep: Bools, cap: Floats
) -> tuple[npt.NDArray[np.int32], Floats, npt.NDArray[np.int64]]:
    """Copy from each row's list the kept sites that cost less than the cap."""
    n = cap.size
    length = np.zeros(n, np.int64)
    for i in range(n):
        for k in range(lists.length[i]):
            if lists.cost[i, k] >= cap[i]:
                break
            if keep[lists.site[i, k]]:
                length[i] += 1
    width = max(1, length.max())
    site = np.zeros((n, width), np.int32)
    cost = np.full((n, width), np.inf)
    for i in range(n):
        at = 0
        for k in range(lists.length[i]):
            if at == length[i]:
                break
            if keep[lists.site[i, k]]:
                site[i, at] = lists.site[i, k]
                cost[i, at] = lists.cost[i, k]
                at += 1
    return site, cost, length


def thinned(lists: Lists, keep: Bools, cap: Floats) -> Lists:
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
    return Lists(*_thin(lists, keep, cap), cap, lists.sites)


class _State(NamedTuple):
    """Where a climb is; see `Ascent`.

    ``now``, ``rho_now``, ``chosen_now`` and ``direction`` are of this step; ``lam``, ``rho`` and
    ``chosen`` of the best. ``pace`` is the length of the steps, the best bound, and for how many
    steps it has not risen.
    """

    cap: Floats
    free: Rows
    q: int
    now: Floats
    rho_now: Floats
    chosen_now: Bools
    direction: Floats
    lam: Floats
    rho: Floats
    chosen: Bools
    share: Floats
    pace: Floats


@compiled
def _choose(state: _State) -> float:
    """Choose the q free sites of least rho; return their sum."""
    state.chosen_now[:] = False
    if state.q == 0:
        return 0.0
    values = state.rho_now[state.free]
    edge = np.partition(values, state.q - 1)[state.q - 1]
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
    return total


@compiled
def _price(lists: Lists, state: _State) -> float:
    """Compute rho for the multipliers; return their sum."""
    rho = state.rho_now
    rho[:] = 0.0
    total = 0.0
    for i in range(state.now.size):
        pay = state.now[i]
        total += pay
        for k in range(lists.length[i]):
            cost = lists.cost[i, k]
            if cost >= pay:
                break
            rho[lists.site[i, k]] += cost - pay
    return total


@compiled
def _turn(lists: Lists, state: _State, slope: Floats) -> float:
    """Turn the direction towards the subgradient; return its squared length."""
    dot = 0.0
    norm = 0.0
    for i in range(state.now.size):
        pay = state.now[i]
        unserved = 1.0
        for k in range(lists.length[i]):
            if lists.cost[i, k] >= pay:
                break
            if state.chosen_now[lists.site[i, k]]:
                unserved -= 1.0
        if unserved > 0 and pay >= state.cap[i]:
            unserved = 0.0
        slope[i] = unserved
        dot += unserved * state.direction[i]
        norm += state.direction[i] * state.direction[i]
    turn = -_DEFLECTION * dot / norm if dot < 0 else 0.0
    size = 0.0
    for i in range(state.now.size):
        state.direction[i] = slope[i] + turn * state.direction[i]
        size += state.direction[i] * state.direction[i]
    return size


@compiled
def _note(state: _State, bound: float, target: float) -> None:
    """Remember which sites this step chose, and all of it if it is the best."""
    for j in state.free:
        state.share[j] *= _MEMORY
        if state.chosen_now[j]:
            state.share[j] += 1.0 - _MEMORY
    state.pace[_STALE] += 1
    if bound > state.pace[_BOUND]:
        if bound > state.pace[_BOUND] + 1e-4 * (target - bound):
            state.pace[_STALE] = 0
        state.pace[_BOUND] = bound
        state.lam[:] = state.now
        state.rho[:] = state.rho_now
        state.chosen[:] = state.chosen_now


@compiled
def _climb(lists: Lists, state: _State, target: float, enough: float, steps: int) -> bool:
    """Climb some steps; return whether there is more to climb."""
    slope = np.empty(state.now.size)
    for _ in range(steps):
        bound = _price(lists, state) + _choose(state)
        _note(state, bound, target)
        if bound >= enough or state.pace[_THETA] < _SHORTEST:
            return False
        if state.pace[_STALE] >= _PATIENCE:
            state.pace[_STALE] = 0
            state.pace[_THETA] *= 0.5
            state.now[:] = state.lam
            state.direction[:] = 0.0
            continue
        size = _turn(lists, state, slope)
        if size == 0.0:
            return False
        stride = state.pace[_THETA] * (target - bound) / size
        for i in range(state.now.size):
            least = lists.cost[i, 0] if lists.length[i] > 0 else state.cap[i]
            pay = min(state.now[i] + stride * state.direction[i], state.cap[i])
            state.now[i] = max(pay, min(least, state.cap[i]))
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
    stride
        How long the first steps are; 2 is as long as is safe.
    """

    def __init__(self, lists: Lists, free: Rows, q: int, lam: Floats, stride: float) -> None:
        n, m = len(lists.cap), lists.sites
        cap = lists.cap
        start = np.minimum(np.maximum(lam, lists.cost.min(axis=1, initial=np.inf)), cap)
        self._lists = lists
        self._state = _State(
            cap=cap,
            free=free,
            q=q,
            now=start.copy(),
            rho_now=np.zeros(m),
            chosen_now=np.zeros(m, np.bool_),
            direction=np.zeros(n),
            lam=start,
            rho=np.zeros(m),
            chosen=np.zeros(m, np.bool_),
            share=np.zeros(m),
            pace=np.array([stride, -np.inf, 0.0]),
        )

    @property
    def bound(self) -> float:
        """The best bound so far."""
        return float(self._state.pace[_BOUND])

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

    def first_sites(self, number: int) -> Rows:
        """Return the free sites of least rho, so many at most."""
        order = np.argsort(self._state.rho[self._state.free], kind="stable")
        return np.asarray(self._state.free[order[:number]])

    def forced_bounds(self) -> Floats:
        """Return (free.size,) a bound on every plan that does otherwise with each free site."""
        state = self._state
        rho, chosen = state.rho[state.free], state.chosen[state.free]
        if state.q == 0 or chosen.all():
            return np.full(rho.size, np.inf)
        last_in, first_out = rho[chosen].max(), rho[~chosen].min()
        return np.asarray(self.bound + np.where(chosen, first_out - rho, rho - last_in))
