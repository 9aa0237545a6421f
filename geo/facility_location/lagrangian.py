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

from dataclasses import dataclass

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
_THETA, _BOUND, _STALE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Lists:
    """Each row's sites from near to far.

    Attributes
    ----------
    site, cost
        (n, k) sites and what they cost, ascending along a row.
    length
        (n,) how much of each row counts: what costs the cap or more does not.
    cap
        (n,) what a row costs that is served by none of its listed sites, at least.
    """

    site: npt.NDArray[np.int32]
    cost: Floats
    length: npt.NDArray[np.int64]
    cap: Floats


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
    n, m = by_row.shape
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
    )


@compiled
def _choose(rho: Floats, free: Rows, q: int, chosen: Bools) -> float:
    """Choose the q free sites of least rho; return their sum."""
    chosen[:] = False
    if q == 0:
        return 0.0
    values = rho[free]
    edge = np.partition(values, q - 1)[q - 1]
    total = 0.0
    room = q
    for k in range(free.size):
        if values[k] < edge:
            chosen[free[k]] = True
            total += values[k]
            room -= 1
    for k in range(free.size):
        if room > 0 and values[k] == edge:
            chosen[free[k]] = True
            total += edge
            room -= 1
    return total


@compiled
def _price(
    site: npt.NDArray[np.int32],
    cost: Floats,
    length: npt.NDArray[np.int64],
    lam: Floats,
    rho: Floats,
) -> float:
    """Compute rho for the multipliers; return the sum of the multipliers."""
    rho[:] = 0.0
    total = 0.0
    for i in range(lam.size):
        pay = lam[i]
        total += pay
        for k in range(length[i]):
            if cost[i, k] >= pay:
                break
            rho[site[i, k]] += cost[i, k] - pay
    return total


@compiled
def _slope(
    site: npt.NDArray[np.int32],
    cost: Floats,
    length: npt.NDArray[np.int64],
    cap: Floats,
    lam: Floats,
    chosen: Bools,
    direction: Floats,
) -> float:
    """Turn the direction towards the subgradient; return its squared length."""
    slope = np.empty(lam.size)
    dot = 0.0
    norm = 0.0
    for i in range(lam.size):
        pay = lam[i]
        unserved = 1.0
        for k in range(length[i]):
            if cost[i, k] >= pay:
                break
            if chosen[site[i, k]]:
                unserved -= 1.0
        if unserved > 0 and pay >= cap[i]:
            unserved = 0.0
        slope[i] = unserved
        dot += unserved * direction[i]
        norm += direction[i] * direction[i]
    turn = -_DEFLECTION * dot / norm if dot < 0 else 0.0
    size = 0.0
    for i in range(lam.size):
        direction[i] = slope[i] + turn * direction[i]
        size += direction[i] * direction[i]
    return size


@compiled
def _climb(
    site: npt.NDArray[np.int32],
    cost: Floats,
    length: npt.NDArray[np.int64],
    cap: Floats,
    free: Rows,
    q: int,
    target: float,
    enough: float,
    steps: int,
    lam: Floats,
    direction: Floats,
    best_lam: Floats,
    best_rho: Floats,
    best_chosen: Bools,
    share: Floats,
    pace: Floats,
) -> bool:
    """Climb some steps; return whether there is more to climb."""
    rho = np.empty(best_rho.size)
    chosen = np.empty(best_rho.size, np.bool_)
    for _ in range(steps):
        bound = _price(site, cost, length, lam, rho) + _choose(rho, free, q, chosen)
        for j in free:
            share[j] *= _MEMORY
            if chosen[j]:
                share[j] += 1.0 - _MEMORY
        pace[_STALE] += 1
        if bound > pace[_BOUND]:
            if bound > pace[_BOUND] + 1e-4 * (target - bound):
                pace[_STALE] = 0
            pace[_BOUND] = bound
            best_lam[:] = lam
            best_rho[:] = rho
            best_chosen[:] = chosen
        if bound >= enough or pace[_THETA] < 1e-5:
            return False
        if pace[_STALE] >= _PATIENCE:
            pace[_STALE] = 0
            pace[_THETA] *= 0.5
            lam[:] = best_lam
            direction[:] = 0.0
            continue
        size = _slope(site, cost, length, cap, lam, chosen, direction)
        if size == 0.0:
            return False
        stride = pace[_THETA] * (target - bound) / size
        for i in range(lam.size):
            least = cost[i, 0] if length[i] > 0 else cap[i]
            lam[i] = max(min(lam[i] + stride * direction[i], cap[i]), least)
    return True


class Ascent:
    """A climb from given multipliers, over the free sites that a branch leaves.

    Parameters
    ----------
    lists
        The rows' sites.
    cap
        (n,) at most ``lists.cap``: the least that an open site, or none, costs each row.
    free
        Sites that may be chosen, ascending.
    q
        How many of them will be.
    lam
        (n,) where to begin; not changed.
    stride
        How long the first steps are; 2 is as long as is safe.
    """

    def __init__(
        self, lists: Lists, cap: Floats, free: Rows, q: int, lam: Floats, stride: float
    ) -> None:
        m = int(free[-1]) + 1 if free.size else 0
        m = max(m, int(lists.site.max(initial=-1)) + 1)
        self._lists, self._cap, self.free, self.q = lists, cap, free, q
        self._now = np.clip(lam, lists.cost[:, 0] if lists.cost.shape[1] else 0.0, cap)
        np.minimum(self._now, cap, out=self._now)
        self._direction = np.zeros(lam.size)
        self.lam = self._now.copy()
        self.rho = np.zeros(m)
        self.chosen = np.zeros(m, np.bool_)
        self.share = np.zeros(m)
        self._pace = np.array([stride, -np.inf, 0.0])

    @property
    def bound(self) -> float:
        """The best bound so far."""
        return float(self._pace[_BOUND])

    def climb(self, target: float, enough: float, steps: int) -> bool:
        """Climb towards a known total; return whether there is more to climb."""
        return bool(
            _climb(
                self._lists.site,
                self._lists.cost,
                self._lists.length,
                self._cap,
                self.free,
                self.q,
                target,
                enough,
                steps,
                self._now,
                self._direction,
                self.lam,
                self.rho,
                self.chosen,
                self.share,
                self._pace,
            )
        )

    def forced_bounds(self) -> Floats:
        """Return (free.size,) a bound on every plan that does otherwise with each free site."""
        rho = self.rho[self.free]
        chosen = self.chosen[self.free]
        if self.q == 0 or chosen.all():
            return np.full(rho.size, np.inf)
        last_in, first_out = rho[chosen].max(), rho[~chosen].min()
        return self.bound + np.where(chosen, first_out - rho, rho - last_in)
