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
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.near_lists import Lists
from geo.facility_location.pricing import (
    BOUND,
    SETTLING,
    STALE,
    THETA,
    State,
    keep,
    subgradient,
    take_share,
    weigh,
)
from geo.facility_location.siting import Floats, Rows

Bools = npt.NDArray[np.bool_]

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


@compiled
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


@compiled
def _step(state: State, begin: Floats, stride: float) -> None:
    """Go along the direction, but no further than prices make sense."""
    for i in range(state.now.size):
        pay = min(begin[i] + stride * state.direction[i], state.cap[i])
        state.now[i] = max(pay, state.nearest[i])


@compiled
def _climb(lists: Lists, state: State, target: float, enough: float, steps: int) -> bool:
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


@compiled
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


@compiled
def _begin_settling(lists: Lists, state: State) -> None:
    """Set out from the best multipliers along their own subgradient."""
    state.now[:] = state.lam
    keep(state, weigh(lists, state))
    subgradient(lists, state)
    state.direction[:] = state.slope
    take_share(state, 1.0)
    state.pace[THETA] = _FIRST_STRIDE
    state.pace[STALE] = 0.0
    state.pace[SETTLING] = 1.0


@compiled
def _settle(lists: Lists, state: State, target: float, enough: float, steps: int) -> bool:
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

    def __init__(self, lists: Lists, free: Rows, q: int, lam: Floats) -> None:
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
