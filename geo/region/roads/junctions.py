"""Seconds lost where roads meet.

A search over junctions does not know where a car came from, so what a turn costs is charged to the
edges that cannot do without it: a road that ends at another one pays at its end, and again, for
those who turn into it, at its beginning. Driving straight on costs next to nothing, as it should.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.region.roads.ways import Bools, Floats, Ints
from geo.tables import read_table


@dataclass(frozen=True, slots=True)
class Arms:
    """The m directed edges as they meet at v vertices.

    Attributes
    ----------
    tail, head
        (m,) vertices.
    leave, arrive
        (m,) heading in radians at the tail and at the head.
    rank, roundabout, ferry
        (m,) of the road.
    pair
        (m,) number of the piece; the two directions of a piece share it.
    """

    tail: Ints
    head: Ints
    leave: Floats
    arrive: Floats
    rank: Ints
    roundabout: Bools
    ferry: Bools
    pair: Ints


def junction_seconds(arms: Arms, wait_s: Floats) -> Floats:
    """Return the (m,) seconds that each edge loses at its two ends.

    Parameters
    ----------
    arms
        The edges.
    wait_s
        (m,) wait before boarding, 0 for roads.
    """
    vertices = int(max(arms.tail.max(initial=-1), arms.head.max(initial=-1))) + 1
    degree = _degree(arms, vertices)
    lost = _turning(arms, degree) + _yielding(arms, degree, vertices)
    lost += _boarding(arms, vertices) * wait_s
    return lost


def _degree(arms: Arms, vertices: int) -> Ints:
    """Return how many pieces meet at each (v,) vertex."""
    _, one = np.unique(arms.pair, return_index=True)
    return np.bincount(arms.tail[one], minlength=vertices) + np.bincount(
        arms.head[one], minlength=vertices
    )


def _turning(arms: Arms, degree: Ints) -> Floats:
    """Charge each edge the least turn that it forces at its head, and what is left at its tail."""
    first, second = _movements(arms)
    angle = np.abs((arms.leave[second] - arms.arrive[first] + np.pi) % (2 * np.pi) - np.pi)
    rules = read_table("speeds")["junction"]
    cost = rules["turn_s"] / (1 + np.exp(-rules["steepness"] * (angle / np.pi - 0.5)))
    cost[arms.roundabout[first] & arms.roundabout[second]] = 0.0
    cost[degree[arms.head[first]] < 3] = 0.0
    at_head = np.full(len(arms.tail), np.inf)
    np.minimum.at(at_head, first, cost)
    at_head[np.isinf(at_head)] = 0.0
    at_tail = np.full(len(arms.tail), np.inf)
    np.minimum.at(at_tail, second, np.maximum(0.0, cost - at_head[first]))
    at_tail[np.isinf(at_tail)] = 0.0
    return np.asarray(at_head + at_tail)


def _movements(arms: Arms) -> tuple[Ints, Ints]:
    """Return the pairs of edges that follow each other, without turning back on one piece."""
    order = np.argsort(arms.tail, kind="stable")
    vertices = int(max(arms.tail.max(initial=-1), arms.head.max(initial=-1))) + 1
    begin = np.searchsorted(arms.tail[order], np.arange(vertices + 1))
    count = (begin[1:] - begin[:-1])[arms.head]
    first = np.repeat(np.arange(len(arms.head)), count)
    offset = np.cumsum(count) - count
    second = order[np.arange(len(first)) - np.repeat(offset - begin[arms.head], count)]
    ahead = arms.pair[first] != arms.pair[second]
    return first[ahead], second[ahead]


def _yielding(arms: Arms, degree: Ints, vertices: int) -> Floats:
    """Charge the roads that give way at a junction, and a little those that do not."""
    rules = read_table("speeds")["junction"]
    best = np.full(vertices, 99)
    np.minimum.at(best, arms.tail, arms.rank)
    np.minimum.at(best, arms.head, arms.rank)
    circle = np.zeros(vertices, bool)
    circle[arms.tail[arms.roundabout]] = True
    _, one = np.unique(arms.pair, return_index=True)
    top = np.zeros(vertices, np.int64)
    for end in (arms.tail[one], arms.head[one]):
        np.add.at(top, end, arms.rank[one] == best[end])
    at = arms.head
    lost = np.where(top[at] > 2, rules["equal_s"], rules["through_s"])
    lost = np.where((arms.rank > best[at]) & (top[at] > 1), rules["give_way_s"], lost)
    lost = np.where(circle[at], rules["roundabout_s"], lost)
    lost[arms.roundabout | (degree[at] < 3)] = 0.0
    return np.asarray(lost, np.float64)


def _boarding(arms: Arms, vertices: int) -> Bools:
    """Return which ferries begin at a road."""
    road = np.zeros(vertices, bool)
    road[arms.tail[~arms.ferry]] = True
    road[arms.head[~arms.ferry]] = True
    return np.asarray(arms.ferry & road[arms.tail])
