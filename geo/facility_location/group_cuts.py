r"""Which sites can hold groups of allowed size: an integer program over the sites alone.

Choose ``y_j`` (site j is chosen) and ``u_i`` (row i goes nowhere) such that for every set S of rows

    sum_j min(most_j, |near_j n S|) y_j + sum_{i in S} u_i >= |S|      there is room for them
    sum_j max(0, least - |near_j \ S|) y_j <= |S|                      so many groups live on them

By Hoffman's circulation theorem nothing else is asked of sites whose groups can be filled. Few sets
matter. The program begins with single rows, and takes in the sets that forbid what it chose, as a
flow shows them (`group_flow`), until nothing forbids it: a logic-based Benders decomposition. From
every choice a local search looks for one nearby that can be filled (`group_exchange`). A set stays
true for other cutoffs, with what is near then.

Sources: Hoffman 1960, Proceedings of Symposia in Applied Mathematics 10: 113 (circulations);
Hooker & Ottosson 2003, Mathematical Programming 96: 33 (the decomposition).

Exchanging sites until the groups of those that are chosen can be filled.

While somebody goes nowhere, a site is opened that they can go to, and the one closed that is missed
least: its group goes elsewhere by the paths of `group_flow`. Exchanges that help as much as they
hurt are taken too, so that the search does not end on a plain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.facility_location.group_assignment import (
    Assignment,
    Bipartite,
    bipartite_of,
    fetch_row,
    new_trail,
    nobody_at,
    place_row,
    settle,
)
from geo.facility_location.group_model import Sizes
from geo.facility_location.highs import Program, solve_program
from geo.facility_location.model import SolveBudget
from geo.jit import jit


@jit
def _closed(ways: Bipartite, filled: Assignment, site: int) -> Assignment:
    """Return what is left when a site is closed and its rows go elsewhere if they can."""
    left = Assignment(filled.chosen.copy(), filled.holder.copy(), filled.load.copy())
    left.chosen[site], left.load[site] = False, 0
    for k in range(ways.begin[site], ways.begin[site + 1]):
        if left.holder[ways.row[k]] == site:
            left.holder[ways.row[k]] = -1
    return left


@jit
def _one_of(able: Bools, random: np.random.Generator) -> int:
    """Return one of the places that are true, at random; -1 where none is."""
    which = np.flatnonzero(able)
    return -1 if which.size == 0 else which[int(random.random() * which.size)]


@jit
def _who_comes(
    ways: Bipartite, filled: Assignment, stranded: bool, random: np.random.Generator
) -> int:
    """Return a site to open: near somebody who goes nowhere, if that is what is amiss."""
    able = ways.able & ~filled.chosen
    if stranded:
        row = _one_of((filled.holder < 0) & (ways.first[1:] > ways.first[:-1]), random)
        if row >= 0:
            near = np.zeros(able.size, np.bool_)
            near[ways.site[ways.first[row] : ways.first[row + 1]]] = True
            able &= near
    return _one_of(able, random)


@jit
def _amiss(ways: Bipartite, filled: Assignment, spare: int) -> int:
    """Fill the groups, and return how many they lack and go nowhere beyond what may."""
    lacking, nowhere = settle(ways, filled)
    return lacking + max(0, nowhere - spare)


@jit
def _copy(filled: Assignment) -> Assignment:
    return Assignment(filled.chosen.copy(), filled.holder.copy(), filled.load.copy())


@jit
def _exchanged(
    ways: Bipartite, filled: Assignment, come: int, aim: tuple[int, int], start: int
) -> tuple[Assignment, int]:
    """Open a site and close the one that is missed least, or the first that helps."""
    spare, amiss = aim
    more = _copy(filled)
    more.chosen[come] = True
    settle(ways, more)
    best, least = filled, amiss + 1
    for k in range(filled.load.size):
        site = (start + k) % filled.load.size
        if more.chosen[site] and site != come and not ways.forced[site]:
            left = _closed(ways, more, site)
            value = _amiss(ways, left, spare)
            if value < least:
                best, least = left, value
                if value < amiss:
                    break
    return best, least


@jit
def improve(
    ways: Bipartite, filled: Assignment, spare: int, tries: int, random: np.random.Generator
) -> int:
    """Exchange sites until no group lacks anybody and at most ``spare`` rows go nowhere.

    Parameters
    ----------
    ways
        Who can go where.
    filled
        Where to begin, and then what was found.
    spare
        So many rows may go nowhere.
    tries, random
        How many exchanges are tried, and which.

    Returns
    -------
    int
        What is still amiss; 0 where nothing is.
    """
    amiss = _amiss(ways, filled, spare)
    for _ in range(tries):
        if amiss == 0:
            break
        come = _who_comes(ways, filled, (filled.holder < 0).sum() > spare, random)
        if come < 0:
            break
        start = int(random.random() * filled.load.size)
        other, value = _exchanged(ways, filled, come, (spare, amiss), start)
        if value <= amiss:
            amiss = value
            filled.chosen[:] = other.chosen
            filled.holder[:] = other.holder
            filled.load[:] = other.load
    return amiss


Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_EPS = 1e-6
_TIE = 0.5
"""How much the number of sites counts beside one row, at most."""
_TRIES = 20
"""Exchanges that are tried from every choice."""


@dataclass(slots=True)
class CoverCuts:
    """Sets of rows, (r,) each, that have forbidden some choice of sites."""

    room: list[Bools] = field(default_factory=list)
    alone: list[Bools] = field(default_factory=list)
    _known: set[tuple[bool, bytes]] = field(default_factory=set)

    def add(self, rows: Bools, *, alone: bool) -> bool:
        """Add a set; return whether it is new."""
        key = alone, np.packbits(rows).tobytes()
        if key in self._known:
            return False
        self._known.add(key)
        (self.alone if alone else self.room).append(rows)
        return True


@dataclass(frozen=True, slots=True)
class GroupFit:
    """What was found of groups.

    Attributes
    ----------
    filled
        Sites with their groups; None where none were found.
    bound
        At least so many rows go nowhere, or so many sites are needed, whichever was to be least.
    """

    filled: Assignment | None
    bound: float


@dataclass(frozen=True, slots=True)
class _Aim:
    """What is looked for.

    Attributes
    ----------
    number
        Of sites, at least and at most.
    enough
        So many rows may go nowhere; None for as few as can be.
    fewest_sites
        The number of sites is made least, not that of rows that go nowhere.
    more
        Of two choices that leave as many out, the one of more sites is taken.
    """

    number: tuple[int, int]
    enough: int | None
    fewest_sites: bool = False
    more: bool = False


class GroupFinder:
    """A search for sites whose groups can be filled, where every row goes to a site near it.

    Parameters
    ----------
    near
        (c, r) whether each row can go to each site.
    sizes
        What the groups must keep to.
    budget
        How long to try.
    reasons
        Sets that forbade something for these rows before; more are added.

    Attributes
    ----------
    best
        Of all groups that were looked at, those that leave the fewest rows out; None where none
        could be filled.
    """

    def __init__(
        self, near: Bools, sizes: Sizes, budget: SolveBudget, reasons: CoverCuts | None = None
    ) -> None:
        self._near, self._sizes, self._budget = near, sizes, budget
        self._reasons = reasons or CoverCuts()
        self._ways = bipartite_of(near, sizes.least, sizes.most, sizes.forced)
        self._lost = int((~near.any(axis=0)).sum())
        self.best: Assignment | None = None

    def nearby(self, chosen: Bools, spare: int, tries: int = _TRIES) -> Assignment | None:
        """Exchange sites until at most ``spare`` rows go nowhere; None where that is not found."""
        filled = nobody_at(chosen, self._near.shape[1])
        amiss = self._improve(filled, spare, tries, np.random.default_rng(0))
        self._keep(filled)
        return None if amiss else filled

    def prune(self, chosen: Bools, at_least: int) -> None:
        """Close sites of a choice whose groups stay too small, until the others can be filled.

        It leaves people out, but it is soon done: `best` may have what it finds.
        """
        filled = nobody_at(chosen, self._rows)
        settle(self._ways, filled)
        for _ in range(int(chosen.sum()) - at_least):
            short = filled.chosen & (filled.load < self._sizes.least) & ~self._sizes.forced
            if not short.any():
                break
            left = filled.chosen.copy()
            left[np.flatnonzero(short)[filled.load[short].argmin()]] = False
            filled = nobody_at(left, self._rows)
            settle(self._ways, filled)
        self._keep(filled)

    def _improve(
        self, filled: Assignment, spare: int, tries: int, random: np.random.Generator
    ) -> int:
        """Exchange sites one after the other until the budget ends; return what is still amiss."""
        amiss = improve(self._ways, filled, spare, 0, random)
        for _ in range(tries):
            if amiss == 0 or not self._budget.goes_on():
                break
            amiss = improve(self._ways, filled, spare, 1, random)
        return int(amiss)

    def within(self, number: tuple[int, int], spare: int) -> GroupFit:
        """Look for sites that leave at most so many rows out, or prove that there are none.

        Parameters
        ----------
        number
            How many sites at least and at most; rather more than fewer.
        spare
            So many rows may go nowhere: their number is what is bounded.
        """
        return self._search(_Aim(number, spare, more=True))

    def most_people(self, number: tuple[int, int], *, more: bool = True) -> GroupFit:
        """Look for so many sites that leave the fewest rows out, rather more sites than fewer."""
        return self._search(_Aim(number, None, more=more))

    def fewest(self, number: tuple[int, int], spare: int) -> GroupFit:
        """Look for the fewest sites that leave at most so many rows out."""
        return self._search(_Aim(number, spare, fewest_sites=True))

    @property
    def _rows(self) -> int:
        return int(self._near.shape[1])

    def _search(self, aim: _Aim) -> GroupFit:
        lost = 0 if aim.fewest_sites else self._lost
        bound, random = 0, np.random.default_rng(0)
        if aim.enough is not None and aim.enough < self._lost:
            return GroupFit(None, math.inf)
        while self._budget.goes_on():
            outcome = solve_program(self._program(aim), self._budget.part(silent=True))
            if outcome.infeasible:
                return GroupFit(None, math.inf)
            if math.isfinite(outcome.bound):
                tie = 0.0 if aim.fewest_sites or aim.more else _TIE
                bound = max(bound, math.ceil(outcome.bound - tie - _EPS))
            if outcome.values is None:
                break
            enough = bound + lost if aim.enough is None else aim.enough
            filled = nobody_at(outcome.values[: len(self._near)] > 0.5, self._rows)
            if self._fits(filled, enough, random):
                return GroupFit(filled, bound + lost)
        return GroupFit(None, bound + lost)

    def _fits(self, filled: Assignment, enough: int, random: np.random.Generator) -> bool:
        """Fill the groups of a choice, or of one nearby; take in what forbids either."""
        lacking, nowhere = settle(self._ways, filled)
        self._keep(filled)
        if lacking == 0 and nowhere <= enough:
            return True
        self._explain(filled, each=enough == self._lost)
        amiss = self._improve(filled, enough, _TRIES, random)
        self._keep(filled)
        if amiss:
            self._explain(filled, each=enough == self._lost)
        return amiss == 0

    def _keep(self, filled: Assignment) -> None:
        """Keep groups that can be filled, if they leave fewer out than those before."""
        if (filled.load[filled.chosen] < self._sizes.least).any():
            return
        if self.best is None or (filled.holder < 0).sum() < (self.best.holder < 0).sum():
            self.best = Assignment(filled.chosen.copy(), filled.holder.copy(), filled.load.copy())

    def _explain(self, filled: Assignment, *, each: bool) -> None:
        """Add the sets that forbid a choice: of each row that goes nowhere, or of all together."""
        sites = len(self._near)
        everyone = np.zeros(self._near.shape[1], np.bool_)
        for row in np.flatnonzero((filled.holder < 0) & self._near.any(axis=0)):
            trail = new_trail(sites)
            place_row(self._ways, filled, trail, int(row))
            rows = np.zeros(self._rows, np.bool_)
            rows[(filled.holder >= 0) & trail.seen[filled.holder]] = True
            rows[row] = True
            everyone[rows] = True
            if each:
                self._reasons.add(rows, alone=False)
        self._reasons.add(everyone, alone=False)
        for site in np.flatnonzero(filled.chosen & (filled.load < self._sizes.least)):
            trail = new_trail(sites)
            fetch_row(self._ways, filled, trail, int(site))
            self._reasons.add(_any_of(self._near[trail.seen]), alone=True)

    def _program(self, aim: _Aim) -> Program:
        """State the program of what is known."""
        number = aim.number
        free = (self._rows if aim.enough is None else aim.enough) - self._lost
        sites, rows = self._near.shape
        room, lower = self._room()
        alone, upper = self._alone()
        count = np.concatenate([np.ones(sites), np.zeros(rows)])[None]
        nowhere = np.concatenate([np.zeros(sites), np.ones(rows)])[None]
        left_out = np.full(rows, float(free > 0))
        rather = -_TIE if aim.more else _TIE
        cost = count if aim.fewest_sites else nowhere + count * rather / max(1, number[1])
        return Program(
            cost=cost[0],
            lower=np.append(self._sizes.forced.astype(np.float64), np.zeros(rows)),
            upper=np.append(self._able(number[1], free), left_out),
            integer=np.arange(sites + rows) < sites,
            matrix=sparse.csr_matrix(np.vstack([room, alone, count, nowhere])),
            row_lower=np.concatenate(
                [lower, np.full(len(alone), -np.inf), [float(number[0]), 0.0]]
            ),
            row_upper=np.concatenate(
                [np.full(len(room), np.inf), upper, [float(number[1]), float(free)]]
            ),
        )

    def _able(self, p: int, free: int) -> Floats:
        """Return (c,) 1 for the sites that p can include: the others have room for so many only."""
        reached = self._near.shape[1] - self._lost
        others = np.sort(np.minimum(self._sizes.most, self._near.sum(axis=1)))[::-1][: p - 1]
        near = np.minimum(self._sizes.most, self._near.sum(axis=1))
        needed = reached - free - int(others.sum())
        able = self._ways.able & (near >= needed)
        return np.asarray(able, np.float64)

    def _room(self) -> tuple[Floats, Floats]:
        """Return the rows of the program that say that there is room, and their least values."""
        reached = _any_of(self._near)
        sets: Bools = np.vstack([np.diag(reached)[reached], reached[None], *self._reasons.room])
        sets[:, ~reached] = False
        held = _sizes(sets, self._near)
        return (
            np.hstack([np.minimum(held, self._sizes.most), sets.astype(np.float64)]),
            sets.sum(axis=1).astype(np.float64),
        )

    def _alone(self) -> tuple[Floats, Floats]:
        """Return the rows that say how many groups can live on some, and their largest values."""
        rows = self._near.shape[1]
        sets = np.array(self._reasons.alone, np.bool_).reshape(len(self._reasons.alone), rows)
        elsewhere = self._near.sum(axis=1) - _sizes(sets, self._near)
        needs = np.maximum(0.0, self._sizes.least - elsewhere)
        return np.hstack([needs, np.zeros((len(sets), rows))]), sets.sum(axis=1).astype(np.float64)


def _any_of(near: Bools) -> Bools:
    """Return (r,) the rows that are near any of the sites."""
    return np.asarray(near.any(axis=0), np.bool_)


def _sizes(sets: Bools, near: Bools) -> Floats:
    """Return (k, c) how many of each set are near each site."""
    held = sets.astype(np.float32) @ near.T.astype(np.float32)
    return np.asarray(held, np.float64)
