"""Who goes where at given sites, for the least total in groups of allowed size.

A transportation problem, solved one row after another: each takes the cheapest path to a place,
which may move others from site to site, or send somebody home. What one more row at a site costs
rises with those who are there: far less than nothing until the smallest group is, nothing until
the largest is. Costs that rise keep the plan cheapest after every step.

Source: Ahuja, Magnanti & Orlin 1993, Network Flows, chapters 9 and 14 (successive shortest paths;
convex costs).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.facility_location.compiled import compiled
from geo.facility_location.group_size import Sizes
from geo.facility_location.siting import Floats, Rows

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_ROUNDING = 1e-12
"""Of the dearest way: what shortens a path by less may come of rounding, and would lead in circles.

A path through home adds and takes away what home costs, so it is off by some of the last digits of
that, however short it is.
"""


class _Moves(NamedTuple):
    """By site, what it costs at least that one of its rows moves to each other site, and which."""

    cost: Floats
    row: Ints


@compiled
def _find_moves(cost: Floats, holder: Ints, site: int, moves: _Moves) -> None:
    """Find who of a site's group moves to each other site at the least cost."""
    moves.cost[site, :] = np.inf
    for row in range(holder.size):
        if holder[row] == site:
            for other in range(cost.shape[0]):
                more = cost[other, row] - cost[site, row]
                if more < moves.cost[site, other]:
                    moves.cost[site, other], moves.row[site, other] = more, row


@compiled
def _find_paths(moves: _Moves, distance: Floats, before: Ints, slack: float) -> None:
    """Shorten what each site costs by moves from another; ``before`` is that other, or -1.

    Parameters
    ----------
    slack
        What shortens by less is left alone.
    """
    before[:] = -1
    for _ in range(distance.size):
        changed = False
        for site in range(distance.size):
            if distance[site] == np.inf:
                continue
            for other in range(distance.size):
                through = distance[site] + moves.cost[site, other]
                if through < distance[other] - slack:
                    distance[other], before[other] = through, site
                    changed = True
        if not changed:
            break


@compiled
def _send(cost: Floats, least: Ints, most: Ints, bonus: float, slack: float) -> tuple[Ints, Ints]:
    """Send every row to a site; return where each is, and how many are at each site."""
    sites, rows = cost.shape
    holder, load = np.full(rows, -1, np.int64), np.zeros(sites, np.int64)
    moves = _Moves(np.full((sites, sites), np.inf), np.zeros((sites, sites), np.int64))
    distance, before = np.empty(sites), np.empty(sites, np.int64)
    for row in range(rows):
        distance[:] = cost[:, row]
        _find_paths(moves, distance, before, slack)
        end, cheapest = -1, np.inf
        for site in range(sites):
            if load[site] < most[site]:
                value = distance[site] - (bonus if load[site] < least[site] else 0.0)
                if value < cheapest:
                    end, cheapest = site, value
        if end < 0:
            continue
        load[end] += 1
        site = end
        while before[site] >= 0:
            holder[moves.row[before[site], site]] = site
            site = before[site]
        holder[row] = site
        site = end
        while site >= 0:
            _find_moves(cost, holder, site, moves)
            site = before[site]
    return holder, load


def fill_groups(cost: Floats, chosen: Bools, sizes: Sizes) -> Rows | None:
    """Send as many rows as can be to chosen sites, at the least total cost.

    Parameters
    ----------
    cost
        (c, r) by site; ``inf`` = cannot.
    chosen
        (c,) the sites.
    sizes
        What the groups must keep to.

    Returns
    -------
    numpy.ndarray or None
        (r,) the site of each row, -1 = nowhere; None where the smallest groups cannot be filled.
    """
    sites = np.flatnonzero(chosen)
    return fill_sites(cost, sites, np.full(len(sites), sizes.least), sizes.most[sites])


def fill_sites(cost: Floats, sites: Rows, least: Ints, most: Ints) -> Rows | None:
    """Do as `fill_groups`, with (k,) limits for each of the sites."""
    rows = cost.shape[1]
    some = cost[sites]
    dearest = float(some.max(initial=0.0, where=np.isfinite(some)))
    home = 2.0 * (len(sites) + 1) * (dearest + 1.0)
    holder, load = _send(
        np.vstack([some, np.full((1, rows), home)]),
        np.append(least, 0).astype(np.int64),
        np.append(most, rows).astype(np.int64),
        4.0 * home,
        _ROUNDING * home,
    )
    if (load[:-1] < least).any():
        return None
    return np.append(sites, -1)[holder]
