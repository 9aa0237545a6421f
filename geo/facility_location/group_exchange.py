"""Exchanging sites until the groups of those that are chosen can be filled.

While somebody goes nowhere, a site is opened that they can go to, and the one closed that is missed
least: its group goes elsewhere by the paths of `group_flow`. Exchanges that help as much as they
hurt are taken too, so that the search does not end on a plain.
"""

from __future__ import annotations

import numpy as np

from geo.facility_location.compiled import compiled
from geo.facility_location.group_flow import Bools, Filled, Ways, settle


@compiled
def _closed(ways: Ways, filled: Filled, site: int) -> Filled:
    """Return what is left when a site is closed and its rows go elsewhere if they can."""
    left = Filled(filled.chosen.copy(), filled.holder.copy(), filled.load.copy())
    left.chosen[site], left.load[site] = False, 0
    for k in range(ways.begin[site], ways.begin[site + 1]):
        if left.holder[ways.row[k]] == site:
            left.holder[ways.row[k]] = -1
    return left


@compiled
def _one_of(able: Bools, random: np.random.Generator) -> int:
    """Return one of the places that are true, at random; -1 where none is."""
    which = np.flatnonzero(able)
    return -1 if which.size == 0 else which[int(random.random() * which.size)]


@compiled
def _who_comes(ways: Ways, filled: Filled, stranded: bool, random: np.random.Generator) -> int:
    """Return a site to open: near somebody who goes nowhere, if that is what is amiss."""
    able = ways.able & ~filled.chosen
    if stranded:
        row = _one_of((filled.holder < 0) & (ways.first[1:] > ways.first[:-1]), random)
        if row >= 0:
            near = np.zeros(able.size, np.bool_)
            near[ways.site[ways.first[row] : ways.first[row + 1]]] = True
            able &= near
    return _one_of(able, random)


@compiled
def _amiss(ways: Ways, filled: Filled, spare: int) -> int:
    """Fill the groups, and return how many they lack and go nowhere beyond what may."""
    lacking, nowhere = settle(ways, filled)
    return lacking + max(0, nowhere - spare)


@compiled
def _copy(filled: Filled) -> Filled:
    return Filled(filled.chosen.copy(), filled.holder.copy(), filled.load.copy())


@compiled
def _exchanged(
    ways: Ways, filled: Filled, come: int, aim: tuple[int, int], start: int
) -> tuple[Filled, int]:
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


@compiled
def improve(ways: Ways, filled: Filled, spare: int, tries: int, random: np.random.Generator) -> int:
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
