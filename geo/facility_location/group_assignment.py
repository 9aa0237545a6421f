"""Who can meet at given sites, in groups neither too small nor too large: a flow.

First every chosen site is given its smallest group, then everybody else is placed while there is
room, each by a path that may move others from site to site but makes no group smaller. So what the
first step gave is kept, and whom no path places no plan of these sites can place besides (Ford &
Fulkerson 1956, Canadian Journal of Mathematics 8: 399; Mendelsohn & Dulmage 1958, ibid. 10: 517).
What a path in vain has seen is the reason why: see `group_cuts`.

Who goes where at given sites, for the least total in groups of allowed size.

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

from geo.facility_location.group_model import Sizes
from geo.facility_location.model import Floats, Rows
from geo.jit import jit

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


@jit
def _find_moves(cost: Floats, holder: Ints, site: int, moves: _Moves) -> None:
    """Find who of a site's group moves to each other site at the least cost."""
    moves.cost[site, :] = np.inf
    for row in range(holder.size):
        if holder[row] == site:
            for other in range(cost.shape[0]):
                more = cost[other, row] - cost[site, row]
                if more < moves.cost[site, other]:
                    moves.cost[site, other], moves.row[site, other] = more, row


@jit
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


@jit
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


class Bipartite(NamedTuple):
    """Who can go where.

    Attributes
    ----------
    begin, row
        The rows that can go to site j stand from ``begin[j]`` to ``begin[j + 1]``.
    first, site
        The sites that row i can go to stand from ``first[i]`` to ``first[i + 1]``.
    least
        The smallest group.
    most
        (c,) the largest at each site.
    able, forced
        (c,) sites that may be chosen, and those that must.
    """

    begin: Ints
    row: Ints
    first: Ints
    site: Ints
    least: int
    most: Ints
    able: Bools
    forced: Bools


class Assignment(NamedTuple):
    """Chosen sites, and who is where.

    Attributes
    ----------
    chosen
        (c,) the sites.
    holder
        (r,) the site of each row, -1 = nowhere.
    load
        (c,) how many are at each site.
    """

    chosen: Bools
    holder: Ints
    load: Ints


class AugmentingPath(NamedTuple):
    """Where a search for a path has been: by site, the row that leads on and the site there."""

    seen: Bools
    by: Ints
    other: Ints
    queue: Ints


def bipartite_of(near: Bools, least: int, most: Ints, forced: Bools) -> Bipartite:
    """List who can go where.

    Parameters
    ----------
    near
        (c, r) whether each row can go to each site.
    least, most, forced
        As in `Bipartite`.
    """
    site, row = np.nonzero(near)
    of_row, by_row = np.nonzero(near.T)
    count = np.bincount(site, minlength=len(near))
    each = np.bincount(of_row, minlength=near.shape[1])
    return Bipartite(
        begin=np.concatenate([[0], count.cumsum()]),
        row=row.astype(np.int64),
        first=np.concatenate([[0], each.cumsum()]),
        site=by_row.astype(np.int64),
        least=least,
        most=most,
        able=(most >= least) & (count >= least),
        forced=forced,
    )


def nobody_at(chosen: Bools, rows: int) -> Assignment:
    """Return chosen sites to which nobody has come yet."""
    return Assignment(chosen.copy(), np.full(rows, -1, np.int64), np.zeros(len(chosen), np.int64))


@jit
def new_trail(sites: int) -> AugmentingPath:
    """Return where no search has been."""
    return AugmentingPath(
        np.zeros(sites, np.bool_),
        np.full(sites, -1, np.int64),
        np.full(sites, -1, np.int64),
        np.empty(sites, np.int64),
    )


@jit
def _look(
    ways: Bipartite, filled: Assignment, trail: AugmentingPath, step: tuple[int, int], tail: int
) -> tuple[int, int]:
    """Look where a row can go that a site, or nobody, holds; return a site with room, or -1."""
    row, holder = step
    for k in range(ways.first[row], ways.first[row + 1]):
        site = ways.site[k]
        if filled.chosen[site] and not trail.seen[site]:
            trail.seen[site], trail.by[site], trail.other[site] = True, row, holder
            if filled.load[site] < ways.most[site]:
                return site, tail
            trail.queue[tail] = site
            tail += 1
    return -1, tail


@jit
def place_row(ways: Bipartite, filled: Assignment, trail: AugmentingPath, row: int) -> bool:
    """Find room for a row, moving others if need be; return whether there is any.

    Where there is none, the trail has seen the sites that are full of those who cannot go
    elsewhere.
    """
    head = 0
    end, tail = _look(ways, filled, trail, (row, -1), 0)
    while end < 0 and head < tail:
        site = trail.queue[head]
        head += 1
        for k in range(ways.begin[site], ways.begin[site + 1]):
            if filled.holder[ways.row[k]] == site:
                end, tail = _look(ways, filled, trail, (ways.row[k], site), tail)
                if end >= 0:
                    break
    if end < 0:
        return False
    filled.load[end] += 1
    while end >= 0:
        filled.holder[trail.by[end]] = end
        end = trail.other[end]
    return True


@jit
def fetch_row(ways: Bipartite, filled: Assignment, trail: AugmentingPath, site: int) -> bool:
    """Bring one more row to a site, from nowhere or a group that is larger than the smallest.

    Where that cannot be, the trail has seen the sites whose groups live on the same rows.
    """
    head, tail = 0, 1
    trail.seen[site], trail.other[site], trail.queue[0] = True, -1, site
    while head < tail:
        taker = trail.queue[head]
        head += 1
        for k in range(ways.begin[taker], ways.begin[taker + 1]):
            row = ways.row[k]
            giver = filled.holder[row]
            if giver >= 0 and trail.seen[giver]:
                continue
            if giver < 0 or filled.load[giver] > ways.least:
                if giver >= 0:
                    filled.load[giver] -= 1
                filled.load[site] += 1
                while taker >= 0:
                    filled.holder[row] = taker
                    row, taker = trail.by[taker], trail.other[taker]
                return True
            trail.seen[giver], trail.by[giver], trail.other[giver] = True, row, taker
            trail.queue[tail] = giver
            tail += 1
    return False


@jit
def settle(ways: Bipartite, filled: Assignment) -> tuple[int, int]:
    """Bring as many as can be to the chosen sites, from who is there already.

    Returns how many the smallest groups lack, and how many rows go nowhere.
    """
    lacking, nowhere = 0, 0
    for site in range(filled.load.size):
        if filled.chosen[site]:
            trail = new_trail(filled.load.size)
            while filled.load[site] < ways.least:
                full = filled.load[site] >= ways.most[site]
                if full or not fetch_row(ways, filled, trail, site):
                    lacking += ways.least - filled.load[site]
                    break
                trail.seen[:] = False
    trail = new_trail(filled.load.size)
    for row in range(filled.holder.size):
        if filled.holder[row] < 0:
            if place_row(ways, filled, trail, row):
                trail.seen[:] = False
            else:
                nowhere += 1  # what it has seen leads nobody else to a room either
    return lacking, nowhere
