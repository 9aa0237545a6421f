"""The first and last stretch of a trip: between a position on an edge and the edge's ends.

A trip leaves its origin along the edge in the directions in which it may be driven, and comes to
its destination likewise. Both are tables of at most three junctions for each position: the far end
of the edge, that of the reverse edge, and the near end where the position lies on it. They are six
where the road is duplicated because nobody may drive through it (`geo.region.roads.through`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.network.graph import EdgeTable, Floats, Ints, round_to_grains, round_to_ticks
from geo.network.snapping import SnappedPoints


@dataclass(frozen=True, slots=True)
class AccessLegs:
    """The junctions that k positions lead to, or are reached from.

    Attributes
    ----------
    junction
        (k, 3) or (k, 6) junctions; 0 where there is none.
    seconds
        (k, 3) or (k, 6) between position and junction, the walk or track included; ``inf`` where
        there is none.
    length_m
        (k, 3) or (k, 6) metres of road between them.
    """

    junction: Ints
    seconds: Floats
    length_m: Floats


def access_legs(
    edges: EdgeTable, edge_seconds: Floats, snaps: SnappedPoints, *, homeward: bool = False
) -> AccessLegs:
    """Return the junctions that trips from the positions reach first.

    Homeward, edges are driven in reverse: the junctions that trips to the positions pass last.
    """
    near, far = (edges.head, edges.tail) if homeward else (edges.tail, edges.head)
    passed, ahead = snaps.fraction, 1 - snaps.fraction
    if homeward:
        passed, ahead = ahead, passed
    share = np.stack([ahead, passed, np.where(passed == 0, 0.0, np.inf)], axis=1)
    edge = np.stack([snaps.edge, snaps.reverse_edge, snaps.edge], axis=1)
    twin = np.where(edge >= 0, edges.twin[edge], -1)
    if (twin >= 0).any():
        edge, share = np.hstack([edge, twin]), np.hstack([share, share])
    is_open = (edge >= 0) & (share < np.inf)
    at_near_end = np.arange(edge.shape[1]) % 3 == 2
    junction = np.where(at_near_end, near[edge], far[edge])
    walk_s = round_to_ticks(snaps.access_s)[:, None]
    return AccessLegs(
        np.where(is_open, junction, 0),
        np.where(is_open, _part_seconds(edge_seconds[edge], share) + walk_s, np.inf),
        round_to_grains(np.where(is_open, share, 0.0) * edges.length_m[edge]),
    )


def egress_legs(edges: EdgeTable, edge_seconds: Floats, snaps: SnappedPoints) -> AccessLegs:
    """Return the junctions that trips to the positions pass last."""
    return access_legs(edges, edge_seconds, snaps, homeward=True)


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
        (k,) seconds, ``inf`` where the two lie on different edges or the trip is against a
        one-way; (k,) the share of the edge that is driven.
    """
    ahead = destinations.fraction - origins.fraction
    edge = np.where(ahead >= 0, origins.edge, origins.reverse_edge)
    on_same_edge = (origins.edge == destinations.edge) & (edge >= 0)
    share = np.abs(ahead)
    walks_s = round_to_ticks(origins.access_s) + round_to_ticks(destinations.access_s)
    seconds = _part_seconds(edge_seconds[edge], share) + walks_s
    return np.where(on_same_edge, seconds, np.inf), share


def _part_seconds(seconds: Floats, share: Floats) -> Floats:
    """Return shares of travel times in whole ticks; no share of a shut edge takes no time."""
    return round_to_ticks(np.multiply(seconds, share, out=np.zeros_like(share), where=share > 0))
