"""A lower bound on the least total: the Lagrangian relaxation of the p-median.

Minimise, over sets S of q free sites, ``sum_i min(cap_i, min_{j in S} c_ij)``. Relaxing "every row
is served once" with multipliers ``lam_i``, what a row pays to be served, leaves a problem that
solves itself:

    L(lam) = sum_i lam_i + sum of the q least rho_j,     rho_j = sum_i min(0, c_ij - lam_i)

Every ``L(lam)`` with ``lam <= cap`` is a bound. It also bounds each site alone: a site that is not
among the q pushes the last of them out, so every plan with it costs ``L + rho_j - rho_last`` or
more; every plan without one of the q costs ``L + rho_next - rho_j`` or more.

A subgradient of L is ``g_i = 1 - (how many chosen sites cost row i less than lam_i)``. A step along
a direction d goes to ``lam + s (upper - L) / |d|^2 d``, with a known total as ``upper`` and s from
2 down, halved where L has not risen for a while. Two directions are used, one after the other:

- Subgradient method: ``d = g + t d_last``, with ``t = -1.5 (g . d_last) / |d_last|^2`` where the
  two point apart, else 0. It comes near the best bound within a hundred steps, then zigzags.
- Volume algorithm: from the best multipliers, ``d = (1 - a) d_last + a g`` with the a that makes d
  shortest. It ends nearer to the linear program's value, and the same average of what was chosen
  estimates the linear program's ``y``, which tells where to branch.

Sources: Cornuéjols, Fisher & Nemhauser 1977, Management Science 23: 789 (relaxation); Beasley 1993,
EJOR 65: 383 (bounds of single sites); Held, Wolfe & Crowder 1974, Mathematical Programming 6: 62
(steps); Camerini, Fratta & Maffioli 1975, Mathematical Programming Study 3: 26 (deflection);
Barahona & Anbil 2000, Mathematical Programming 87: 385, and Barahona & Chudak 2005, Discrete
Optimization 2: 35 (the volume algorithm, and it for locations).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.model import Bools, Floats, Rows
from geo.jit import jit

Sites = npt.NDArray[np.uint32]


class NeighbourLists(NamedTuple):
    """Each row's sites from near to far, which is what a bound reads, over and over.

    A step reads only the sites that cost less than the row pays, so a list may be cut off: then
    the row's cap is at most its last cost, so that what is missing would never be read. Sites are
    unsigned numbers: an index that may be negative is read half as fast.

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

    ``cost`` is (m, n), by site. Where p sites are chosen of m, a row's own one is hardly ever
    beyond its nearest 4 m / p: what is farther is left out of lists, at no risk to the bound.
    """
    sample = cost[:: max(1, len(cost) // _SAMPLE)]
    rank = _SHARES * len(sample) // max(1, p) + _SPARE
    if rank >= len(sample):
        return np.full(cost.shape[1], np.inf)
    return np.asarray(np.partition(sample, rank, axis=0)[rank])


@jit
def _sorted_sites(cost: Floats, cap: Floats) -> tuple[Sites, Floats, npt.NDArray[np.int64]]:
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


def neighbour_lists(cost: Floats, cap: Floats) -> NeighbourLists:
    """List each row's sites by (m, n) costs and (n,) caps: what costs as much is left out."""
    return NeighbourLists(*_sorted_sites(cost, cap), cap, cost)


@jit
def _restricted(
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
            # Written always, and overwritten if it is not kept: that spares a branch.
            site[i, at] = lists.site[i, k]
            cost[i, at] = lists.cost[i, k]
            at += keep[lists.site[i, k]]
        length[i] = at
    return site, cost, length


def restrict_lists(lists: NeighbourLists, keep: Bools, cap: Floats) -> NeighbourLists:
    """Return the lists of a node: of the sites to keep, those that cost less than its cap.

    ``keep`` (m,) marks the free sites, and ``cap`` (n,) is at most ``lists.cap``.
    """
    width = min(int(keep.sum()), lists.site.shape[1])
    return NeighbourLists(*_restricted(lists, keep, cap, width), cap, lists.by_site)


STEP, BOUND, STALE, IN_VOLUME = 0, 1, 2, 3
"""Where `State.scalars` holds the relative length of the steps, the best bound, for how many steps
it has not risen, and whether the volume algorithm has begun."""


class State(NamedTuple):
    """The multipliers of this step and of the best one, as compiled code reads and changes them.

    ``nearest`` is what the nearest site of a row costs, its cap where it has none. ``near`` is how
    many sites a row pays more than they cost at this step. ``primal`` averages ``chosen`` over the
    last steps; ``opened_bound`` and ``closed_bound`` bound every plan with and without a site.
    """

    cap: Floats
    nearest: Floats
    free: Rows
    q: int
    lam: Floats
    rho: Floats
    chosen: Bools
    subgradient: Floats
    near: npt.NDArray[np.int64]
    direction: Floats
    best_lam: Floats
    best_rho: Floats
    best_chosen: Bools
    primal: Floats
    opened_bound: Floats
    closed_bound: Floats
    scalars: Floats


@jit
def choose_least(
    values: Floats, allowed: Rows, number: int, chosen: Bools
) -> tuple[float, float, float]:
    """Mark the least of some values; return their sum, the last chosen, the first not chosen.

    Of equal values the first ones are chosen, so that the choice depends on nothing else.
    """
    if number <= 0:
        return 0.0, -np.inf, np.inf
    some = values[allowed]
    parted = np.partition(some, number - 1)
    last_in = parted[number - 1]
    total = 0.0
    left = number
    for k in range(some.size):
        if some[k] < last_in:
            chosen[allowed[k]] = True
            total += some[k]
            left -= 1
    for k in range(some.size):
        if left > 0 and some[k] == last_in:
            chosen[allowed[k]] = True
            total += last_in
            left -= 1
    first_out = parted[number:].min() if number < some.size else np.inf
    return total, last_in, first_out


@jit
def _find_rho(lists: NeighbourLists, state: State) -> float:
    """Compute rho for the multipliers; return the sum of the multipliers."""
    rho = state.rho
    rho[:] = 0.0
    total = 0.0
    for i in range(state.lam.size):
        pay = state.lam[i]
        total += pay
        length, site, cost = lists.length[i], lists.site[i], lists.cost[i]
        k = 0
        # Lists ascend: whatever follows the first site that costs more than the row pays adds 0.
        while k < length and cost[k] < pay:
            rho[site[k]] += cost[k] - pay
            k += 1
        state.near[i] = k
    return total


@jit
def _find_bound(lists: NeighbourLists, state: State) -> float:
    """Compute the bound of the multipliers, and what it says of every site alone."""
    paid = _find_rho(lists, state)
    state.chosen[:] = False
    total, last_in, first_out = choose_least(state.rho, state.free, state.q, state.chosen)
    bound = paid + total
    # The most that any step has said of a site is kept: it is often decided by a step whose own
    # bound is not the best.
    for j in state.free:
        rho = state.rho[j]
        if state.chosen[j]:
            state.closed_bound[j] = max(state.closed_bound[j], bound + first_out - rho)
        else:
            state.opened_bound[j] = max(state.opened_bound[j], bound + rho - last_in)
    return bound


@jit
def _find_subgradient(lists: NeighbourLists, state: State) -> None:
    """Compute how often each row is not served: 1 for never, less than 0 for twice or more."""
    n = state.lam.size
    if state.q * n < state.near.sum():  # reading all that is chosen is less than all that is near
        state.subgradient[:] = 1.0
        for j in state.free:
            if state.chosen[j]:
                line = lists.by_site[j]
                for i in range(n):
                    state.subgradient[i] -= 1.0 if line[i] < state.lam[i] else 0.0
    else:
        for i in range(n):
            site = lists.site[i]
            served = 0
            for k in range(state.near[i]):
                served += state.chosen[site[k]]
            state.subgradient[i] = 1.0 - served
    # A row that pays its cap already cannot pay more: going on there would leave lam <= cap.
    for i in range(n):
        if state.subgradient[i] > 0 and state.lam[i] >= state.cap[i]:
            state.subgradient[i] = 0.0


@jit
def _average_primal(state: State, weight: float) -> None:
    """Average what this step chose into the primal estimate."""
    for j in state.free:
        state.primal[j] *= 1.0 - weight
        if state.chosen[j]:
            state.primal[j] += weight


@jit
def _keep_best(state: State, bound: float) -> bool:
    """Keep all of this step if it is the best, and return whether it is."""
    if bound <= state.scalars[BOUND]:
        return False
    state.scalars[BOUND] = bound
    state.best_lam[:] = state.lam
    state.best_rho[:] = state.rho
    state.best_chosen[:] = state.chosen
    return True


@jit
def _move(state: State, begin: Floats, step: float) -> None:
    """Step along the direction from some multipliers.

    Above the cap there is no bound; below the nearest site a row adds less than it costs anywhere.
    """
    for i in range(state.lam.size):
        pay = min(begin[i] + step * state.direction[i], state.cap[i])
        state.lam[i] = max(pay, state.nearest[i])


_LONGEST_STEP, _SHORTEST_STEP = 2.0, 1e-5
"""Of the way to the target: the first steps of the subgradient method, longer ones need not raise
the bound; and the last ones."""
_STALE_SUBGRADIENTS = 20
"""After so many steps without gain, steps become half as long."""
_DEFLECTION = 1.5
"""How much of a zigzag is taken back (Camerini, Fratta & Maffioli give 1.5)."""
_PRIMAL_WEIGHT = 0.05
"""What the last step of the subgradient method counts in the primal estimate."""


@jit
def _deflect(state: State) -> float:
    """Deflect the subgradient by the last direction; return its squared length."""
    dot = norm = 0.0
    for i in range(state.lam.size):
        dot += state.subgradient[i] * state.direction[i]
        norm += state.direction[i] * state.direction[i]
    turn = -_DEFLECTION * dot / norm if dot < 0 else 0.0  # the t of the module docstring
    size = 0.0
    for i in range(state.lam.size):
        state.direction[i] = state.subgradient[i] + turn * state.direction[i]
        size += state.direction[i] * state.direction[i]
    return size


@jit
def _subgradient_method(
    lists: NeighbourLists, state: State, upper: float, enough: float, steps: int
) -> bool:
    """Do some steps of the subgradient method; return whether there is more to gain."""
    for _ in range(steps):
        bound = _find_bound(lists, state)
        _average_primal(state, _PRIMAL_WEIGHT)
        state.scalars[STALE] += 1
        # Less than a ten-thousandth of what is missing is no gain: it would keep the steps long.
        if bound > state.scalars[BOUND] + 1e-4 * (upper - bound):
            state.scalars[STALE] = 0
        _keep_best(state, bound)
        if bound >= enough or state.scalars[STEP] < _SHORTEST_STEP:
            return False
        if state.scalars[STALE] >= _STALE_SUBGRADIENTS:
            state.scalars[STALE] = 0
            state.scalars[STEP] *= 0.5
            state.lam[:] = state.best_lam
            state.direction[:] = 0.0
            continue
        _find_subgradient(lists, state)
        size = _deflect(state)
        if size == 0.0:  # every row is served once: the relaxed solution is a plan
            return False
        _move(state, state.lam, state.scalars[STEP] * (upper - bound) / size)
    return True


_FIRST_STEP, _LONGER, _SHORTER, _STALE_VOLUME = 0.5, 1.1, 0.66, 5
"""The steps of the volume algorithm: how long they are at first, how they grow, and how they shrink
after so many without gain."""
_LEAST_WEIGHT, _MOST_WEIGHT = 0.02, 0.2
"""What the last subgradient counts in their average."""


@jit
def average_subgradient(subgradient: Floats, direction: Floats) -> tuple[float, float]:
    """Average a subgradient into the direction, by the weight a that makes it shortest.

    Its length is how far the primal estimate misses serving each row once. Returns the dot product
    of the two before, and the weight.
    """
    dot = norm = size = 0.0
    for i in range(direction.size):
        dot += subgradient[i] * direction[i]
        norm += direction[i] * direction[i]
        size += subgradient[i] * subgradient[i]
    apart = size - 2.0 * dot + norm
    weight = (norm - dot) / apart if apart > 0.0 else _MOST_WEIGHT
    weight = max(_LEAST_WEIGHT, min(weight, _MOST_WEIGHT))
    for i in range(direction.size):
        direction[i] += weight * (subgradient[i] - direction[i])
    return dot, weight


@jit
def _begin_volume(lists: NeighbourLists, state: State) -> None:
    """Begin at the best multipliers, along their own subgradient."""
    state.lam[:] = state.best_lam
    _keep_best(state, _find_bound(lists, state))
    _find_subgradient(lists, state)
    state.direction[:] = state.subgradient
    _average_primal(state, 1.0)
    state.scalars[STEP] = _FIRST_STEP
    state.scalars[STALE] = 0.0
    state.scalars[IN_VOLUME] = 1.0


@jit
def _volume_algorithm(
    lists: NeighbourLists, state: State, upper: float, enough: float, steps: int
) -> bool:
    """Do some steps of the volume algorithm; return whether there is more to gain."""
    if state.scalars[IN_VOLUME] == 0.0:
        _begin_volume(lists, state)
    for _ in range(steps):
        size = (state.direction * state.direction).sum()
        bound = state.scalars[BOUND]
        if bound >= enough or state.scalars[STEP] < _SHORTEST_STEP or size < 1e-12:
            return False
        _move(state, state.best_lam, state.scalars[STEP] * (upper - bound) / size)
        bound = _find_bound(lists, state)
        _find_subgradient(lists, state)
        dot, weight = average_subgradient(state.subgradient, state.direction)
        _average_primal(state, weight)
        state.scalars[STALE] += 1
        if _keep_best(state, bound):
            state.scalars[STALE] = 0
            if dot >= 0.0:  # the subgradient still points ahead: the step was too short
                state.scalars[STEP] = min(_LONGER * state.scalars[STEP], _LONGEST_STEP)
        elif state.scalars[STALE] >= _STALE_VOLUME:
            state.scalars[STALE] = 0
            state.scalars[STEP] *= _SHORTER
    return True


class MedianDual:
    """The Lagrangian dual over the free sites of a node; not shared between threads.

    Of the ascending ``free`` sites q will be chosen. ``lam`` are (n,) multipliers to begin with.
    """

    def __init__(self, lists: NeighbourLists, free: Rows, q: int, lam: Floats) -> None:
        n, m = len(lists.cap), len(lists.by_site)
        nearest = np.where(lists.length > 0, lists.cost[:, 0], lists.cap)
        start = np.minimum(np.maximum(lam, nearest), lists.cap)
        self.lists = lists
        self._state = State(
            cap=lists.cap,
            nearest=nearest,
            free=free,
            q=q,
            lam=start.copy(),
            rho=np.zeros(m),
            chosen=np.zeros(m, np.bool_),
            subgradient=np.zeros(n),
            near=np.zeros(n, np.int64),
            direction=np.zeros(n),
            best_lam=start,
            best_rho=np.zeros(m),
            best_chosen=np.zeros(m, np.bool_),
            primal=np.zeros(m),
            opened_bound=np.full(m, -np.inf),
            closed_bound=np.full(m, -np.inf),
            scalars=np.array([_LONGEST_STEP, -np.inf, 0.0, 0.0]),
        )

    @property
    def bound(self) -> float:
        """The best bound so far."""
        return float(self._state.scalars[BOUND])

    @property
    def lam(self) -> Floats:
        """(n,) the multipliers of the best bound."""
        return self._state.best_lam

    @property
    def chosen(self) -> Bools:
        """(m,) the sites that the best bound chose."""
        return self._state.best_chosen

    @property
    def primal(self) -> Floats:
        """(m,) an estimate of the linear program's ``y``, 0 to 1."""
        return self._state.primal

    def subgradient_method(self, upper: float, enough: float, steps: int) -> bool:
        """Raise the bound by deflected subgradients; return whether there is more to gain.

        ``upper`` is a total that is known: steps are as long as if the bound could reach it.
        """
        return bool(_subgradient_method(self.lists, self._state, upper, enough, steps))

    def volume_algorithm(self, upper: float, enough: float, steps: int) -> bool:
        """Raise the bound from the best multipliers; as `subgradient_method`, which is over."""
        return bool(_volume_algorithm(self.lists, self._state, upper, enough, steps))

    def first_sites(self, number: int) -> Rows:
        """Return the free sites of least rho, so many at most."""
        order = np.argsort(self._state.best_rho[self._state.free], kind="stable")
        return np.asarray(self._state.free[order[:number]])

    def opened_bounds(self) -> Floats:
        """Return (free.size,) a bound on every plan that has each free site."""
        return np.maximum(self._state.opened_bound[self._state.free], self.bound)

    def closed_bounds(self) -> Floats:
        """Return (free.size,) a bound on every plan that does without each free site."""
        return np.maximum(self._state.closed_bound[self._state.free], self.bound)
