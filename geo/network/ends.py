"""The first and last stretch of a trip: from a position on an edge to the junctions at its ends.

A trip leaves its origin along the edge in the directions in which it may be driven, and comes to
its destination likewise. Both are tables of at most three junctions for each position, with the
seconds (the walk or track included) and the metres of road between position and junction. All
seconds are whole ticks (`geo.network.weights`), and all metres whole grains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.network.graph import RoadGraph
from geo.network.snap import Snaps
from geo.network.weights import TICK_S, TICKS_PER_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

GRAINS_PER_M = 1024
"""About a millimetre each; a power of two, as are the ticks of travel times."""


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """What searches need of (m,) edges: junctions at both ends, and metres."""

    tail: Ints
    head: Ints
    length_m: Floats

    @classmethod
    def of(cls, graph: RoadGraph) -> EdgeTable:
        """Return the table of a graph."""
        length_m = to_grains(np.asarray(graph.edge_length_m, np.float64))
        return cls(graph.edge_tail(), np.asarray(graph.edge_head), length_m)


@dataclass(frozen=True, slots=True)
class Ends:
    """The junctions that k positions lead to, or are come to from.

    Attributes
    ----------
    junction
        (k, 3) junctions; 0 where there is none.
    seconds
        (k, 3) from position to junction or back; ``inf`` where there is none.
    length_m
        (k, 3) metres of road between them.
    """

    junction: Ints
    seconds: Floats
    length_m: Floats


def leaving(edges: EdgeTable, edge_seconds: Floats, snaps: Snaps) -> Ends:
    """Return where trips from the positions come to first."""
    forth, back = snaps.edge, snaps.reverse_edge
    rest = 1 - snaps.fraction
    at_tail = np.where(snaps.fraction == 0, 0.0, np.inf)
    return _ends(
        edges,
        snaps,
        edge=np.stack([forth, back, forth], axis=1),
        junction=np.stack([edges.head[forth], edges.head[back], edges.tail[forth]], axis=1),
        share=np.stack([rest, snaps.fraction, at_tail], axis=1),
        edge_seconds=edge_seconds,
    )


def arriving(edges: EdgeTable, edge_seconds: Floats, snaps: Snaps) -> Ends:
    """Return where trips to the positions come from last."""
    forth, back = snaps.edge, snaps.reverse_edge
    rest = 1 - snaps.fraction
    at_head = np.where(rest == 0, 0.0, np.inf)
    return _ends(
        edges,
        snaps,
        edge=np.stack([forth, back, forth], axis=1),
        junction=np.stack([edges.tail[forth], edges.tail[back], edges.head[forth]], axis=1),
        share=np.stack([snaps.fraction, rest, at_head], axis=1),
        edge_seconds=edge_seconds,
    )


def _ends(
    edges: EdgeTable,
    snaps: Snaps,
    *,
    edge: Ints,
    junction: Ints,
    share: Floats,
    edge_seconds: Floats,
) -> Ends:
    """Turn shares of edges into seconds and metres; a share of ``inf`` or edge -1 is no way."""
    open_ = (edge >= 0) & (share < np.inf)
    seconds = part_seconds(edge_seconds[edge], share) + ticks(snaps.access_s)[:, None]
    length_m = to_grains(np.where(open_, share, 0.0) * edges.length_m[edge])
    return Ends(np.where(open_, junction, 0), np.where(open_, seconds, np.inf), length_m)


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
    edge_seconds: Floats, origins: Snaps, destinations: Snaps
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
