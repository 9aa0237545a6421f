"""Who goes where at given sites, in groups neither too small nor too large: flows in a network.

The *cheapest* assignment is a transportation problem, solved one row after another by successive
shortest paths: each row takes the cheapest path to a place, which may move others from site to
site, or send somebody home. What one more row at a site costs rises with those who are there: far
less than nothing until the smallest group is, nothing until the largest is. Costs that rise keep
the plan cheapest after every step (Ahuja, Magnanti & Orlin 1993, Network Flows, chapters 9 and 14).

The *largest* assignment is a maximum flow by augmenting paths: first every chosen site is given its
smallest group, then everybody else is placed while there is room, each by a path that may move
others but makes no group smaller. So what the first step gave is kept, and whom no path places no
plan of these sites can place besides (Ford & Fulkerson 1956, Canadian Journal of Mathematics 8:
399; Mendelsohn & Dulmage 1958, ibid. 10: 517). What a path in vain has seen is the reason why: see
`group_cuts`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.facility_location.group_model import GroupLimits
from geo.facility_location.model import Bools, Floats, Ints, Rows
from geo.jit import jit

_ROUNDING = 1e-12
"""Of the dearest path: what shortens by less may come of rounding, and would lead in circles.

A path through home adds and takes away what home costs, so it is off by some of the last digits of
that, however short it is.
"""


class _Moves(NamedTuple):
    """By site, what it costs at least that one of its rows moves to each other site, and which."""

    cost: Floats
    row: Ints


@jit
def _find_moves(cost: Floats, site_of: Ints, site: int, moves: _Moves) -> None:
    """Find who of a site's group moves to each other site at the least cost."""
    moves.cost[site, :] = np.inf
    for row in range(site_of.size):
        if site_of[row] == site:
            for other in range(cost.shape[0]):
                more = cost[other, row] - cost[site, row]
                if more < moves.cost[site, other]:
                    moves.cost[site, other], moves.row[site, other] = more, row


@jit
def _shortest_paths(moves: _Moves, distance: Floats, before: Ints, slack: float) -> None:
    """Shorten what each site costs by moves from another (Bellman and Ford).

    ``before`` becomes that other site, or -1; what shortens by less than the slack is left alone.
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
def _transport(
    cost: Floats, min_size: Ints, max_size: Ints, bonus: float, slack: float
) -> tuple[Ints, Ints]:
    """Send every row to a site; return where each is, and how many are at each site.

    ``bonus`` is what a row is worth at a site that lacks its smallest group.
    """
    sites, rows = cost.shape
    site_of, load = np.full(rows, -1, np.int64), np.zeros(sites, np.int64)
    moves = _Moves(np.full((sites, sites), np.inf), np.zeros((sites, sites), np.int64))
    distance, before = np.empty(sites), np.empty(sites, np.int64)
    for row in range(rows):
        distance[:] = cost[:, row]
        _shortest_paths(moves, distance, before, slack)
        end, cheapest = -1, np.inf
        for site in range(sites):
            if load[site] < max_size[site]:
                value = distance[site] - (bonus if load[site] < min_size[site] else 0.0)
                if value < cheapest:
                    end, cheapest = site, value
        if end < 0:
            continue
        load[end] += 1
        site = end
        while before[site] >= 0:
            site_of[moves.row[before[site], site]] = site
            site = before[site]
        site_of[row] = site
        # Only the groups along the path have changed, so only their moves are found again.
        site = end
        while site >= 0:
            _find_moves(cost, site_of, site, moves)
            site = before[site]
    return site_of, load


def cheapest_assignment(cost: Floats, chosen: Bools, limits: GroupLimits) -> Rows | None:
    """Send as many rows as can be to (c,) chosen sites, at the least total cost.

    Returns (r,) the site of each row, -1 = nowhere; None where the smallest groups cannot be
    filled. ``cost`` is (c, r) by site, ``inf`` = cannot.
    """
    sites = np.flatnonzero(chosen)
    smallest = np.full(len(sites), limits.min_size)
    return cheapest_assignment_to(cost, sites, smallest, limits.max_size[sites])


def cheapest_assignment_to(
    cost: Floats, sites: Rows, min_size: Ints, max_size: Ints
) -> Rows | None:
    """Do as `cheapest_assignment`, with (k,) limits for each of the sites."""
    rows = cost.shape[1]
    some = cost[sites]
    dearest = float(some.max(initial=0.0, where=np.isfinite(some)))
    # To stay home costs more than any path that moves one row at every site, and a row that a
    # smallest group lacks is worth more than to be placed.
    home = 2.0 * (len(sites) + 1) * (dearest + 1.0)
    site_of, load = _transport(
        np.vstack([some, np.full((1, rows), home)]),
        np.append(min_size, 0).astype(np.int64),
        np.append(max_size, rows).astype(np.int64),
        4.0 * home,
        _ROUNDING * home,
    )
    if (load[:-1] < min_size).any():
        return None
    return np.append(sites, -1)[site_of]


class Bipartite(NamedTuple):
    """Who can go where.

    Attributes
    ----------
    begin, row
        The rows that can go to site j stand from ``begin[j]`` to ``begin[j + 1]``.
    first, site
        The sites that row i can go to stand from ``first[i]`` to ``first[i + 1]``.
    min_size, max_size
        The smallest group, and (c,) the largest at each site.
    allowed, forced
        (c,) sites that may be chosen, and those that must.
    """

    begin: Ints
    row: Ints
    first: Ints
    site: Ints
    min_size: int
    max_size: Ints
    allowed: Bools
    forced: Bools

    @classmethod
    def of(cls, near: Bools, limits: GroupLimits) -> Bipartite:
        """List who can go where; ``near`` is (c, r), whether each row can go to each site."""
        site, row = np.nonzero(near)
        of_row, by_row = np.nonzero(near.T)
        count = np.bincount(site, minlength=len(near))
        each = np.bincount(of_row, minlength=near.shape[1])
        return cls(
            begin=np.concatenate([[0], count.cumsum()]),
            row=row.astype(np.int64),
            first=np.concatenate([[0], each.cumsum()]),
            site=by_row.astype(np.int64),
            min_size=limits.min_size,
            max_size=limits.max_size,
            allowed=(limits.max_size >= limits.min_size) & (count >= limits.min_size),
            forced=limits.forced,
        )


class Assignment(NamedTuple):
    """The (c,) chosen sites, (r,) the site of each row (-1 = nowhere), and the (c,) loads."""

    chosen: Bools
    site_of: Ints
    load: Ints

    @classmethod
    def empty(cls, chosen: Bools, rows: int) -> Assignment:
        """Return chosen sites to which nobody has come yet."""
        return cls(chosen.copy(), np.full(rows, -1, np.int64), np.zeros(len(chosen), np.int64))

    @property
    def nowhere(self) -> int:
        """How many rows go nowhere."""
        return int((self.site_of < 0).sum())


@jit
def copy_assignment(assignment: Assignment) -> Assignment:
    """Return a copy that can be changed."""
    return Assignment(assignment.chosen.copy(), assignment.site_of.copy(), assignment.load.copy())


class AugmentingPath(NamedTuple):
    """A breadth-first search for a path: by site, the row that leads on, and the site there."""

    seen: Bools
    row: Ints
    other: Ints
    queue: Ints


@jit
def new_path(sites: int) -> AugmentingPath:
    """Return a search that has seen nothing."""
    return AugmentingPath(
        np.zeros(sites, np.bool_),
        np.full(sites, -1, np.int64),
        np.full(sites, -1, np.int64),
        np.empty(sites, np.int64),
    )


@jit
def _scan_row(
    graph: Bipartite,
    assignment: Assignment,
    path: AugmentingPath,
    step: tuple[int, int],
    tail: int,
) -> tuple[int, int]:
    """Queue the sites where a row can go, which ``step`` holds now; return one with room, or -1."""
    row, holder = step
    for k in range(graph.first[row], graph.first[row + 1]):
        site = graph.site[k]
        if assignment.chosen[site] and not path.seen[site]:
            path.seen[site], path.row[site], path.other[site] = True, row, holder
            if assignment.load[site] < graph.max_size[site]:
                return site, tail
            path.queue[tail] = site
            tail += 1
    return -1, tail


@jit
def augment_row(graph: Bipartite, assignment: Assignment, path: AugmentingPath, row: int) -> bool:
    """Find room for a row, moving others if need be; return whether there is any.

    Where there is none, the path has seen the sites that are full of those who cannot go
    elsewhere.
    """
    head = 0
    end, tail = _scan_row(graph, assignment, path, (row, -1), 0)
    while end < 0 and head < tail:
        site = path.queue[head]
        head += 1
        for k in range(graph.begin[site], graph.begin[site + 1]):
            if assignment.site_of[graph.row[k]] == site:
                end, tail = _scan_row(graph, assignment, path, (graph.row[k], site), tail)
                if end >= 0:
                    break
    if end < 0:
        return False
    assignment.load[end] += 1
    while end >= 0:
        assignment.site_of[path.row[end]] = end
        end = path.other[end]
    return True


@jit
def augment_site(graph: Bipartite, assignment: Assignment, path: AugmentingPath, site: int) -> bool:
    """Bring one more row to a site, from nowhere or a group that is larger than the smallest.

    Where that cannot be, the path has seen the sites whose groups live on the same rows.
    """
    head, tail = 0, 1
    path.seen[site], path.other[site], path.queue[0] = True, -1, site
    while head < tail:
        taker = path.queue[head]
        head += 1
        for k in range(graph.begin[taker], graph.begin[taker + 1]):
            row = graph.row[k]
            giver = assignment.site_of[row]
            if giver >= 0 and path.seen[giver]:
                continue
            if giver < 0 or assignment.load[giver] > graph.min_size:
                if giver >= 0:
                    assignment.load[giver] -= 1
                assignment.load[site] += 1
                while taker >= 0:
                    assignment.site_of[row] = taker
                    row, taker = path.row[taker], path.other[taker]
                return True
            path.seen[giver], path.row[giver], path.other[giver] = True, row, taker
            path.queue[tail] = giver
            tail += 1
    return False


@jit
def fill_groups(graph: Bipartite, assignment: Assignment) -> tuple[int, int]:
    """Bring as many as can be to the chosen sites, from who is there already.

    Returns how many the smallest groups lack, and how many rows go nowhere.
    """
    lacking, nowhere = 0, 0
    for site in range(assignment.load.size):
        if assignment.chosen[site]:
            path = new_path(assignment.load.size)
            while assignment.load[site] < graph.min_size:
                full = assignment.load[site] >= graph.max_size[site]
                if full or not augment_site(graph, assignment, path, site):
                    lacking += graph.min_size - assignment.load[site]
                    break
                path.seen[:] = False
    path = new_path(assignment.load.size)
    for row in range(assignment.site_of.size):
        if assignment.site_of[row] < 0:
            if augment_row(graph, assignment, path, row):
                path.seen[:] = False
            else:
                nowhere += 1  # what it has seen leads nobody else to a room either
    return lacking, nowhere
