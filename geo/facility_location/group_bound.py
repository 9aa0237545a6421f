"""A lower bound on groups of limited size: the Lagrangian relaxation of the capacitated p-median.

Relaxing "every row goes to one site, or is one of the U that go nowhere" in the problem of
`capacitated` with multipliers ``lam_i`` leaves a problem that solves itself,

    L(lam) = sum_i lam_i + sum of the p least rho_j - sum of the U largest lam_i,

where ``rho_j`` is the cheapest group of allowed size at site j when a row costs ``c_ij - lam_i``:
its ``min_size`` cheapest rows, and more while they cost less than nothing, up to ``max_size_j``. A
group of given size is a choice of the cheapest rows, which a linear program makes whole by itself,
so the best ``L`` is the value of the linear program with strong links over all pairs. A step reads
every pair once; the linear program itself takes a thousand times as long.

The multipliers are improved by the volume algorithm, as in `lagrangian`. A site, or a pair of site
and row, that no plan below a known total can use is recognised by what it adds to ``L``.

Sources: Mulvey & Beck 1984, EJOR 18: 339 (this relaxation); Barahona & Anbil 2000, Mathematical
Programming 87: 385 (the volume algorithm); Ceselli & Righini 2005, Networks 45: 125 (fixing).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.facility_location.group_model import SiteCapacity
from geo.facility_location.lagrangian import average_subgradient, choose_least
from geo.facility_location.model import Bools, Floats, Ints
from geo.jit import jit

_FIRST_STEP, _LONGEST_STEP, _SHORTEST_STEP = 1.0, 2.0, 1e-4
"""Of the way to the target: how long steps are at first, at most, and at last."""
_LONGER, _SHORTER, _STALE_STEPS = 1.1, 0.66, 6
"""How steps grow, and shrink after so many without gain."""
_STEP, _BOUND, _STALE, _BEGUN = 0, 1, 2, 3
"""Where `_State.scalars` holds the relative length of the steps, the best bound, for how many steps
it has not risen, and whether there was a step."""


class _Relaxed(NamedTuple):
    """The solution of the relaxed problem at its multipliers.

    ``rho``, ``size`` and ``dearest`` are the cost of the cheapest group of each site, how many it
    holds, and what its dearest row costs; ``chosen`` the sites.
    """

    lam: Floats
    rho: Floats
    size: Ints
    dearest: Floats
    chosen: Bools
    subgradient: Floats


class _State(NamedTuple):
    """The step that is done and the best one; ``values`` is room for the rows of one site."""

    now: _Relaxed
    best: _Relaxed
    direction: Floats
    scalars: Floats
    values: Floats


@jit
def _find_groups(capacity: SiteCapacity, step: _Relaxed, values: Floats) -> None:
    """Compute the cheapest group of every site that may be chosen."""
    for j in range(capacity.max_size.size):
        step.size[j], step.rho[j], step.dearest[j] = 0, 0.0, 0.0
        if not (capacity.free[j] or capacity.forced[j]):
            continue
        count = 0
        cheap = 0
        total = 0.0
        dearest = -np.inf
        for k in range(capacity.begin[j], capacity.begin[j + 1]):
            value = capacity.cost[k] - step.lam[capacity.row[k]]
            values[count] = value
            count += 1
            if value < 0.0:
                cheap += 1
                total += value
                dearest = max(dearest, value)
        # Rows that cost less than nothing, but no fewer and no more than the group may hold.
        take = min(max(cheap, capacity.min_size[j]), capacity.max_size[j], count)
        if take > 0 and take != cheap:
            some = np.partition(values[:count], take - 1)
            total = some[:take].sum()
            dearest = some[take - 1]
        if take > 0:
            step.size[j], step.rho[j], step.dearest[j] = take, total, dearest


@jit
def _choose(capacity: SiteCapacity, step: _Relaxed) -> float:
    """Choose the sites of the cheapest groups and who goes nowhere; return the bound."""
    step.chosen[:] = capacity.forced
    bound = step.lam.sum() + step.rho[capacity.forced].sum()
    number = capacity.p - capacity.forced.sum()
    bound += choose_least(step.rho, np.flatnonzero(capacity.free), number, step.chosen)[0]
    nowhere = np.zeros(step.lam.size, np.bool_)
    bound += choose_least(-step.lam, np.arange(step.lam.size), capacity.unplaced, nowhere)[0]
    step.subgradient[:] = 1.0
    step.subgradient[nowhere] = 0.0
    return float(bound)


@jit
def _find_subgradient(capacity: SiteCapacity, step: _Relaxed) -> None:
    """Take from the subgradient, for each row, the chosen groups that hold it."""
    for j in range(capacity.max_size.size):
        if not step.chosen[j]:
            continue
        left = step.size[j]
        for k in range(capacity.begin[j], capacity.begin[j + 1]):
            if capacity.cost[k] - step.lam[capacity.row[k]] < step.dearest[j]:
                step.subgradient[capacity.row[k]] -= 1.0
                left -= 1
        for k in range(capacity.begin[j], capacity.begin[j + 1]):
            if left > 0 and capacity.cost[k] - step.lam[capacity.row[k]] == step.dearest[j]:
                step.subgradient[capacity.row[k]] -= 1.0
                left -= 1


@jit
def _find_bound(capacity: SiteCapacity, state: _State) -> None:
    """Solve the relaxed problem at the multipliers of this step, and keep it if it is the best."""
    now, best = state.now, state.best
    _find_groups(capacity, now, state.values)
    bound = _choose(capacity, now)
    _find_subgradient(capacity, now)
    if bound > state.scalars[_BOUND]:
        state.scalars[_BOUND] = bound
        state.scalars[_STALE] = -1.0
        best.lam[:] = now.lam
        best.rho[:] = now.rho
        best.size[:] = now.size
        best.dearest[:] = now.dearest
        best.chosen[:] = now.chosen
    state.scalars[_STALE] += 1.0


@jit
def _volume_algorithm(
    capacity: SiteCapacity, state: _State, upper: float, enough: float, steps: int
) -> bool:
    """Do some steps; return whether there is more to gain."""
    scalars = state.scalars
    if scalars[_BEGUN] == 0.0:
        scalars[_BEGUN] = 1.0
        _find_bound(capacity, state)
        state.direction[:] = state.now.subgradient
    for _ in range(steps):
        size = (state.direction * state.direction).sum()
        if scalars[_BOUND] >= enough or scalars[_STEP] < _SHORTEST_STEP or size < 1e-12:
            return False
        step = scalars[_STEP] * (upper - scalars[_BOUND]) / size
        state.now.lam[:] = state.best.lam + step * state.direction
        _find_bound(capacity, state)
        dot, _ = average_subgradient(state.now.subgradient, state.direction)
        if scalars[_STALE] == 0.0 and dot >= 0.0:  # it still points ahead: the step was too short
            scalars[_STEP] = min(_LONGER * scalars[_STEP], _LONGEST_STEP)
        elif scalars[_STALE] >= _STALE_STEPS:
            scalars[_STALE] = 0.0
            scalars[_STEP] *= _SHORTER
    return True


def _empty(lam: Floats, sites: int) -> _Relaxed:
    return _Relaxed(
        lam=lam.copy(),
        rho=np.zeros(sites),
        size=np.zeros(sites, np.int64),
        dearest=np.zeros(sites),
        chosen=np.zeros(sites, np.bool_),
        subgradient=np.zeros(len(lam)),
    )


class GroupDual:
    """The Lagrangian dual of groups of limited size; not shared between threads.

    There is a plan. ``lam`` are (r,) multipliers to begin with, as what a row costs in a good one.
    """

    def __init__(self, capacity: SiteCapacity, lam: Floats) -> None:
        sites = len(capacity.max_size)
        self._capacity = capacity
        self._state = _State(
            now=_empty(lam, sites),
            best=_empty(lam, sites),
            direction=np.zeros(len(lam)),
            scalars=np.array([_FIRST_STEP, -np.inf, 0.0, 0.0]),
            values=np.zeros(int(np.diff(capacity.begin).max(initial=0))),
        )

    @property
    def bound(self) -> float:
        """The best bound so far."""
        return float(self._state.scalars[_BOUND])

    @property
    def chosen(self) -> Bools:
        """(c,) the sites that the best bound chose."""
        return self._state.best.chosen

    def volume_algorithm(self, upper: float, enough: float, steps: int) -> bool:
        """Raise the bound; return whether there is more to gain.

        ``upper`` is a total that is known: steps are as long as if the bound could reach it.
        """
        return bool(_volume_algorithm(self._capacity, self._state, upper, enough, steps))

    def site_bounds(self) -> Floats:
        """Return (c,) a bound on every plan that uses each site; ``inf`` where none can."""
        capacity, best = self._capacity, self._state.best
        inside = best.chosen & ~capacity.forced
        last_in = best.rho[inside].max(initial=-np.inf)
        added = np.where(best.chosen, 0.0, np.maximum(best.rho - last_in, 0.0))
        return np.where(capacity.free | capacity.forced, self.bound + added, np.inf)

    def exchanges(self, chosen: Bools, total: float, number: int) -> list[tuple[int, int]]:
        """Return pairs of a site to leave a plan and one to come, those of the least bound first.

        Pairs that cannot make the plan of the (c,) chosen sites cheaper than its ``total`` are left
        out.
        """
        capacity, rho = self._capacity, self._state.best.rho
        leave = np.flatnonzero(chosen & ~capacity.forced)
        come = np.flatnonzero(capacity.free & ~chosen)
        dearer = rho[chosen].sum() - rho[self.chosen].sum()
        bounds = self.bound + dearer + rho[come][None, :] - rho[leave][:, None]
        order = np.argsort(bounds, axis=None, kind="stable")[:number]
        pairs = np.unravel_index(order[bounds.flat[order] < total], bounds.shape)
        return list(zip(leave[pairs[0]].tolist(), come[pairs[1]].tolist(), strict=True))

    def pair_bounds(self, cost: Floats) -> Floats:
        """Return (c, r) a bound on every plan that sends each row to each site.

        A row comes into a group in place of its dearest one, or as one more if there is room.
        """
        capacity, best = self._capacity, self._state.best
        full = best.size >= capacity.max_size
        spared = np.where(full, best.dearest, np.maximum(best.dearest, 0.0))
        added = np.maximum(cost - best.lam - spared[:, None], 0.0)
        return np.asarray(self.site_bounds()[:, None] + added)
