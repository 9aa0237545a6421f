"""The first and last stretch of a trip: from a position on an edge to the junctions at its ends.

A trip leaves its origin along the edge in the directions in which it may be driven, and comes to
its destination likewise. Both are tables of at most three junctions for each position, with the
seconds (the walk or track included) and the metres of road between position and junction; or of
six, where a position lies on a road that is laid twice because nobody may drive through it
(`geo.region.roads.through`). All seconds are whole ticks (`geo.network.graph`), and all metres
whole grains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.network.graph import TICK_S, TICKS_PER_S, EdgeFlag, RoadGraph
from geo.network.snapping import SnappedPoints

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

GRAINS_PER_M = 1024
"""About a millimetre each; a power of two, as are the ticks of travel times."""


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """What searches need of (m,) edges.

    Junctions at both ends, metres, and the other copy of a road that is laid twice, -1 = none.
    """

    tail: Ints
    head: Ints
    length_m: Floats
    twin: Ints

    @classmethod
    def of(cls, graph: RoadGraph) -> EdgeTable:
        """Return the table of a graph."""
        length_m = to_grains(np.asarray(graph.edge_length_m, np.float64))
        return cls(graph.edge_tail(), np.asarray(graph.edge_head), length_m, _twins(graph))

    def by_place(self, seconds: Floats) -> Floats:
        """Return (junctions,) travel times, the same for all junctions that are one place.

        Where roads are laid twice, a place on them has the lesser time of its two junctions. Where
        they begin, it has the time of the public junction: a copy may be come to through them,
        which nobody drives on from.
        """
        one = np.flatnonzero(self.twin >= 0)
        if not len(one):
            return seconds
        other = self.twin[one]
        single = np.flatnonzero(self.twin < 0)
        public = np.zeros(len(seconds), bool)
        public[self.tail[single]] = public[self.head[single]] = True
        copy = np.concatenate([self.tail[one], self.head[one]])
        twin = np.concatenate([self.tail[other], self.head[other]])
        placed = seconds.copy()
        np.minimum.at(placed, copy, seconds[twin])
        beside = public[copy] | public[twin]
        placed[copy[beside]] = seconds[np.where(public[copy], copy, twin)[beside]]
        return placed


def _twins(graph: RoadGraph) -> Ints:
    """Return the (m,) edges that are the other copies of edges; -1 = none."""
    twin: Ints = np.full(graph.edge_count, -1, np.int32)
    flags = np.asarray(graph.edge_flags)
    copies = np.flatnonzero(flags & int(EdgeFlag.OUTBOUND | EdgeFlag.INBOUND))
    if not len(copies):
        return twin
    outbound = (flags[copies] & int(EdgeFlag.OUTBOUND)) != 0
    drawn = np.asarray(graph.edge_shape)[copies] * 2 + np.asarray(graph.edge_reversed)[copies]
    order = np.argsort(drawn, kind="stable")
    one, other = (copies[order][outbound[order] == side] for side in (True, False))
    twin[one], twin[other] = other, one
    return twin


@dataclass(frozen=True, slots=True)
class AccessLegs:
    """The junctions that k positions lead to, or are come to from.

    Attributes
    ----------
    junction
        (k, 3) or (k, 6) junctions; 0 where there is none.
    seconds
        (k, 3) or (k, 6) from position to junction or back; ``inf`` where there is none.
    length_m
        (k, 3) or (k, 6) metres of road between them.
    """

    junction: Ints
    seconds: Floats
    length_m: Floats


def access_legs(edges: EdgeTable, edge_seconds: Floats, snaps: SnappedPoints) -> AccessLegs:
    """Return where trips from the positions come to first."""
    rest = 1 - snaps.fraction
    at_tail = np.where(snaps.fraction == 0, 0.0, np.inf)
    share = np.stack([rest, snaps.fraction, at_tail], axis=1)
    return _ends(edges, snaps, (edges.head, edges.head, edges.tail), share, edge_seconds)


def egress_legs(edges: EdgeTable, edge_seconds: Floats, snaps: SnappedPoints) -> AccessLegs:
    """Return where trips to the positions come from last."""
    rest = 1 - snaps.fraction
    at_head = np.where(rest == 0, 0.0, np.inf)
    share = np.stack([snaps.fraction, rest, at_head], axis=1)
    return _ends(edges, snaps, (edges.tail, edges.tail, edges.head), share, edge_seconds)


def _ends(
    edges: EdgeTable,
    snaps: SnappedPoints,
    ends: tuple[Ints, Ints, Ints],
    share: Floats,
    edge_seconds: Floats,
) -> AccessLegs:
    """Return the junctions at ends of the edges of positions, and the seconds and metres to them.

    The edges are ``edge``, ``reverse_edge`` and ``edge`` again, and then their copies. A share of
    ``inf``, or edge -1, is no way.
    """
    edge = np.stack([snaps.edge, snaps.reverse_edge, snaps.edge], axis=1)
    twin = np.where(edge >= 0, edges.twin[edge], -1)
    if (twin >= 0).any():
        edge, share = np.hstack([edge, twin]), np.hstack([share, share])
    columns = [ends[column % 3][edge[:, column]] for column in range(edge.shape[1])]
    open_ = (edge >= 0) & (share < np.inf)
    seconds = part_seconds(edge_seconds[edge], share) + ticks(snaps.access_s)[:, None]
    length_m = to_grains(np.where(open_, share, 0.0) * edges.length_m[edge])
    junction = np.where(open_, np.stack(columns, axis=1), 0)
    return AccessLegs(junction, np.where(open_, seconds, np.inf), length_m)


def part_seconds(seconds: Floats, share: Floats) -> Floats:
    """Return shares of travel times in whole ticks; no share of a shut edge takes no time."""
    return ticks(np.multiply(seconds, share, out=np.zeros_like(share), where=share > 0))


def ticks(seconds: Floats) -> Floats:
    """Round seconds to whole ticks, still in seconds."""
    return np.asarray(np.rint(seconds * TICKS_PER_S) * TICK_S, np.float64)


def to_grains(metres: Floats) -> Floats:
    """Round metres to whole grains, so that sums are exact whatever the order of adding."""
    return np.asarray(np.rint(metres * GRAINS_PER_M) / GRAINS_PER_M, np.float64)


def along_one_edge(
    edge_seconds: Floats, origins: SnappedPoints, destinations: SnappedPoints
) -> tuple[Floats, Floats]:
    """Return the trips that never leave their edge, pair by pair.

    Parameters
    ----------
    edge_seconds
        (m,) travel times.
    origins, destinations
        k positions each, or one of them a single position for all of the other.

    Returns
    -------
    tuple
        (k,) seconds, ``inf`` where the two lie on different edges or the way is one-way against
        the trip; (k,) the share of the edge that is driven.
    """
    ahead = destinations.fraction - origins.fraction
    edge = np.where(ahead >= 0, origins.edge, origins.reverse_edge)
    same = (origins.edge == destinations.edge) & (edge >= 0)
    share = np.abs(ahead)
    walks = ticks(origins.access_s) + ticks(destinations.access_s)
    seconds = part_seconds(edge_seconds[edge], share) + walks
    return np.where(same, seconds, np.inf), share
