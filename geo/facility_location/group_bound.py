"""A lower bound on groups of limited size: pay each row to be served, and fill the best groups.

Relaxing "every row goes to one site, or is one of the U that go nowhere" in the problem of
`capacitated` with multipliers ``lam_i`` leaves a problem that solves itself,

    L(lam) = sum_i lam_i + sum of the p least rho_j - sum of the U largest lam_i,

where ``rho_j`` is the cheapest group of allowed size at site j when a row costs ``c_ij - lam_i``:
its ``least_j`` cheapest rows, and more while they cost less than nothing, up to ``most_j``. A group
of given size is a choice of the cheapest rows, which a linear program makes whole by itself, so the
best ``L`` is the value of the linear program with strong links over all pairs. A step costs one
look at every pair; the program itself takes a thousand times as long.

The climb is the volume algorithm, as in `lagrangian`. A site, or a pair of site and row, that no
plan below a known total can use is recognised by what it adds to ``L``.

Sources: Mulvey & Beck 1984, EJOR 18: 339 (this relaxation); Barahona & Anbil 2000, Mathematical
Programming 87: 385 (the volume algorithm); Ceselli & Righini 2005, Networks 45: 125 (fixing).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.group_model import SiteCapacity
from geo.facility_location.model import Floats
from geo.jit import jit

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_FIRST_STRIDE, _LONGEST, _SHORTEST = 1.0, 2.0, 1e-4
"""How long steps are at first, at most, and when they lead no further."""
_LONGER, _SHORTER, _STEADY = 1.1, 0.66, 6
"""How steps grow, and shrink after so many in vain."""
_LEAST_NEWS, _MOST_NEWS = 0.02, 0.2
"""How much of the average of subgradients is the last one."""
_THETA, _BOUND, _STALE, _BEGUN = 0, 1, 2, 3


class _Step(NamedTuple):
    """What a step chose at its multipliers.

    ``rho``, ``size`` and ``edge`` are the cheapest group of each site, how many it holds and its
    dearest row; ``chosen`` the sites and ``slope`` the subgradient.
    """

    lam: Floats
    rho: Floats
    size: Ints
    edge: Floats
    chosen: Bools
    slope: Floats


class _Climb(NamedTuple):
    """Where a climb is: this step, the best one, and along what it goes.

    ``pace`` is the length of the steps, the best bound, for how many steps it has not risen, and
    whether it has begun.
    """

    now: _Step
    best: _Step
    direction: Floats
    pace: Floats
    room: Floats


@jit
def _price(offers: SiteCapacity, step: _Step, room: Floats) -> None:
    """Compute the cheapest group of every site that may be chosen."""
    for j in range(offers.most.size):
        step.size[j], step.rho[j], step.edge[j] = 0, 0.0, 0.0
        if not (offers.free[j] or offers.forced[j]):
            continue
        count = 0
        cheap = 0
        total = 0.0
        edge = -np.inf
        for k in range(offers.begin[j], offers.begin[j + 1]):
            value = offers.cost[k] - step.lam[offers.row[k]]
            room[count] = value
            count += 1
            if value < 0.0:
                cheap += 1
                total += value
                edge = max(edge, value)
        take = min(max(cheap, offers.least[j]), offers.most[j], count)
        if take > 0 and take != cheap:
            some = np.partition(room[:count], take - 1)
            total = some[:take].sum()
            edge = some[take - 1]
        if take > 0:
            step.size[j], step.rho[j], step.edge[j] = take, total, edge


@jit
def _least_of(values: Floats, able: Bools, number: int, taken: Bools) -> float:
    """Mark so many of the least values; return their sum."""
    if number <= 0:
        return 0.0
    some = values[able]
    edge = np.partition(some, number - 1)[number - 1]
    total = 0.0
    left = number
    for k in range(values.size):
        if able[k] and values[k] < edge:
            taken[k] = True
            total += values[k]
            left -= 1
    for k in range(values.size):
        if left > 0 and able[k] and values[k] == edge:
            taken[k] = True
            total += edge
            left -= 1
    return total


@jit
def _choose(offers: SiteCapacity, step: _Step) -> float:
    """Choose the sites of the cheapest groups and who goes nowhere; return the bound."""
    step.chosen[:] = offers.forced
    bound = step.lam.sum() + step.rho[offers.forced].sum()
    number = offers.p - offers.forced.sum()
    bound += _least_of(step.rho, offers.free, number, step.chosen)
    nowhere = np.zeros(step.lam.size, np.bool_)
    everybody = np.ones(step.lam.size, np.bool_)
    bound += _least_of(-step.lam, everybody, offers.unplaced, nowhere)
    step.slope[:] = 1.0
    step.slope[nowhere] = 0.0
    return float(bound)


@jit
def _slope(offers: SiteCapacity, step: _Step) -> None:
    """Take from the subgradient, for each row, the chosen groups that hold it."""
    for j in range(offers.most.size):
        if not step.chosen[j]:
            continue
        left = step.size[j]
        for k in range(offers.begin[j], offers.begin[j + 1]):
            if offers.cost[k] - step.lam[offers.row[k]] < step.edge[j]:
                step.slope[offers.row[k]] -= 1.0
                left -= 1
        for k in range(offers.begin[j], offers.begin[j + 1]):
            if left > 0 and offers.cost[k] - step.lam[offers.row[k]] == step.edge[j]:
                step.slope[offers.row[k]] -= 1.0
                left -= 1


@jit
def _look(offers: SiteCapacity, climb: _Climb) -> float:
    """Price and choose at the multipliers of this step, and keep it if it is the best."""
    now, best = climb.now, climb.best
    _price(offers, now, climb.room)
    bound = _choose(offers, now)
    _slope(offers, now)
    if bound > climb.pace[_BOUND]:
        climb.pace[_BOUND] = bound
        climb.pace[_STALE] = -1.0
        best.lam[:] = now.lam
        best.rho[:] = now.rho
        best.size[:] = now.size
        best.edge[:] = now.edge
        best.chosen[:] = now.chosen
    climb.pace[_STALE] += 1.0
    return bound


@jit
def _turn(climb: _Climb) -> float:
    """Average the subgradient into the direction, for the shortest; return how they agree."""
    slope, direction = climb.now.slope, climb.direction
    agree = (slope * direction).sum()
    norm = (direction * direction).sum()
    apart = (slope * slope).sum() - 2.0 * agree + norm
    news = (norm - agree) / apart if apart > 0.0 else _MOST_NEWS
    news = max(_LEAST_NEWS, min(news, _MOST_NEWS))
    direction += news * (slope - direction)
    return float(agree)


@jit
def _settle(offers: SiteCapacity, climb: _Climb, target: float, enough: float, steps: int) -> bool:
    """Go some steps; return whether there is more to gain."""
    pace = climb.pace
    if pace[_BEGUN] == 0.0:
        pace[_BEGUN] = 1.0
        _look(offers, climb)
        climb.direction[:] = climb.now.slope
    for _ in range(steps):
        size = (climb.direction * climb.direction).sum()
        if pace[_BOUND] >= enough or pace[_THETA] < _SHORTEST or size < 1e-12:
            return False
        stride = pace[_THETA] * (target - pace[_BOUND]) / size
        climb.now.lam[:] = climb.best.lam + stride * climb.direction
        _look(offers, climb)
        agree = _turn(climb)
        if pace[_STALE] == 0.0 and agree >= 0.0:
            pace[_THETA] = min(_LONGER * pace[_THETA], _LONGEST)
        elif pace[_STALE] >= _STEADY:
            pace[_STALE] = 0.0
            pace[_THETA] *= _SHORTER
    return True


def _blank(lam: Floats, sites: int) -> _Step:
    return _Step(
        lam=lam.copy(),
        rho=np.zeros(sites),
        size=np.zeros(sites, np.int64),
        edge=np.zeros(sites),
        chosen=np.zeros(sites, np.bool_),
        slope=np.zeros(len(lam)),
    )


class GroupAscent:
    """A climb towards the best bound; not shared between threads.

    Parameters
    ----------
    offers
        What each site can take; there is a plan.
    lam
        (r,) multipliers to begin with, as what a row's place in a good plan costs.
    """

    def __init__(self, offers: SiteCapacity, lam: Floats) -> None:
        sites = len(offers.most)
        self._offers = offers
        self._climb = _Climb(
            now=_blank(lam, sites),
            best=_blank(lam, sites),
            direction=np.zeros(len(lam)),
            pace=np.array([_FIRST_STRIDE, -np.inf, 0.0, 0.0]),
            room=np.zeros(int(np.diff(offers.begin).max(initial=0))),
        )

    @property
    def bound(self) -> float:
        """The best bound so far."""
        return float(self._climb.pace[_BOUND])

    @property
    def lam(self) -> Floats:
        """(r,) the multipliers of the best bound."""
        return self._climb.best.lam

    @property
    def chosen(self) -> Bools:
        """(c,) the sites that the best bound chose."""
        return self._climb.best.chosen

    def settle(self, target: float, enough: float, steps: int) -> bool:
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
        return bool(_settle(self._offers, self._climb, target, enough, steps))

    def site_bounds(self) -> Floats:
        """Return (c,) a bound on every plan that uses each site; ``inf`` where none can."""
        offers, best = self._offers, self._climb.best
        inside = best.chosen & ~offers.forced
        last_in = best.rho[inside].max(initial=-np.inf)
        added = np.where(best.chosen, 0.0, np.maximum(best.rho - last_in, 0.0))
        return np.where(offers.free | offers.forced, self.bound + added, np.inf)

    def exchanges(self, chosen: Bools, total: float, number: int) -> list[tuple[int, int]]:
        """Return pairs of a site to leave a plan and one to come, those of the least bound first.

        Parameters
        ----------
        chosen
            (c,) the sites of the plan.
        total
            What the plan costs: pairs that cannot make it cheaper are left out.
        number
            So many pairs at most.
        """
        offers, rho = self._offers, self._climb.best.rho
        leave = np.flatnonzero(chosen & ~offers.forced)
        come = np.flatnonzero(offers.free & ~chosen)
        dearer = rho[chosen].sum() - rho[self.chosen].sum()
        bounds = self.bound + dearer + rho[come][None, :] - rho[leave][:, None]
        order = np.argsort(bounds, axis=None, kind="stable")[:number]
        pairs = np.unravel_index(order[bounds.flat[order] < total], bounds.shape)
        return list(zip(leave[pairs[0]].tolist(), come[pairs[1]].tolist(), strict=True))

    def pair_bounds(self, cost: Floats) -> Floats:
        """Return (c, r) a bound on every plan that sends each row to each site.

        A row comes into a group in place of its dearest one, or as one more if there is room.

        Parameters
        ----------
        cost
            (c, r) what the offers hold; ``inf`` = cannot.
        """
        offers, best = self._offers, self._climb.best
        full = best.size >= offers.most
        spared = np.where(full, best.edge, np.maximum(best.edge, 0.0))
        added = np.maximum(cost - best.lam - spared[:, None], 0.0)
        return np.asarray(self.site_bounds()[:, None] + added)
