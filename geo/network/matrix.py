"""Travel times between many origins and many destinations: sweeps over the hierarchy.

Each origin climbs the hierarchy (`geo.network.hierarchy`) from the junctions next to it; then one
sweep down gives the times to all junctions that ways to the destinations may meet (Delling,
Goldberg and Werneck, "Faster Batched Shortest Paths in Road Networks", ATMOS 2011). Only that part
of the hierarchy is copied and swept.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network.access_legs import AccessLegs, EdgeTable, access_legs, along_one_edge, egress_legs
from geo.network.segment_grid import expand
from geo.network.snapping import SnappedPoints

if TYPE_CHECKING:
    from geo.network.sweeps import AccessArcs, Timed, Trips

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Singles = npt.NDArray[np.float32]

_LARGE = 100_000  # pairs from which on threads pay
_MOST_WORKERS = 4


@dataclass(frozen=True, slots=True)
class TravelTimeMatrix:
    """Travel times between n origins and m destinations.

    Attributes
    ----------
    seconds
        (n, m) float32; ``inf`` = unreachable, or beyond the cutoff.
    """

    seconds: Singles


@dataclass(frozen=True, slots=True)
class Roads:
    """What a matrix needs of the roads under given conditions.

    Attributes
    ----------
    edges, edge_seconds
        The edges, and the (m,) travel time of each.
    rank
        (n,) the place of each junction in the hierarchy.
    arcs
        The hierarchy.
    """

    edges: EdgeTable
    edge_seconds: Floats
    rank: Ints
    arcs: Timed


def travel_times(
    roads: Roads, origins: SnappedPoints, destinations: SnappedPoints, cutoff_s: float
) -> TravelTimeMatrix:
    """Return the matrix of travel times; a position that is on no road is unreachable."""
    seconds = np.full((len(origins), len(destinations)), np.inf, np.float32)
    rows, columns = np.flatnonzero(origins.found), np.flatnonzero(destinations.found)
    if not (len(rows) and len(columns)):
        return TravelTimeMatrix(seconds)
    starts, goals = origins[rows], destinations[columns]
    found = _through_junctions(
        roads,
        access_legs(roads.edges, roads.edge_seconds, starts),
        egress_legs(roads.edges, roads.edge_seconds, goals),
        cutoff_s,
    )
    _take_direct(found, roads.edge_seconds, starts, goals, cutoff_s)
    if found.shape == seconds.shape:
        return TravelTimeMatrix(found)
    seconds[np.ix_(rows, columns)] = found
    return TravelTimeMatrix(seconds)


def _through_junctions(
    roads: Roads, first: AccessLegs, last: AccessLegs, cutoff_s: float
) -> Singles:
    """Return (n, m) seconds of the trips that pass at least one junction."""
    from geo.network.sweeps import AccessArcs, sweep

    origins = AccessArcs(roads.rank[first.junction], first.seconds)
    destinations = AccessArcs(roads.rank[last.junction], last.seconds)
    trips = _asked(roads.arcs, origins, destinations, cutoff_s)
    result = np.empty((len(first.seconds), len(last.seconds)), np.float32)
    # Junctions are numbered along a curve: neighbours climb together.
    rows = np.argsort(first.junction[:, 0], kind="stable")
    workers = min(_MOST_WORKERS, os.cpu_count() or 1) if result.size >= _LARGE else 1
    if workers == 1:
        sweep(trips, rows, result)
    else:
        with ThreadPoolExecutor(workers) as pool:
            parts = np.array_split(rows, workers)
            list(pool.map(lambda part: sweep(trips, part, result), parts))
    return result


def _asked(arcs: Timed, origins: AccessArcs, destinations: AccessArcs, cutoff_s: float) -> Trips:
    """Return the question, over the part of the hierarchy that its trips may meet."""
    from geo.network.sweeps import AccessArcs, Timed, Trips, above

    wanted = above(arcs, destinations)
    kept = wanted | above(arcs, origins)
    junctions = np.flatnonzero(kept)
    number = (np.cumsum(kept) - 1).clip(0).astype(np.int32)
    count = arcs.first[junctions + 1] - arcs.first[junctions]
    index = expand(arcs.first[junctions], count)[1]
    part = Timed(
        first=np.concatenate([[0], np.cumsum(count)]),
        head=number[arcs.head[index]],
        up=arcs.up[index],
        down=arcs.down[index],
    )
    return Trips(
        part,
        wanted[junctions],
        AccessArcs(number[origins.junction], origins.seconds),
        AccessArcs(number[destinations.junction], destinations.seconds),
        cutoff_s,
    )


def _take_direct(
    seconds: Singles,
    edge_seconds: Floats,
    origins: SnappedPoints,
    goals: SnappedPoints,
    cutoff_s: float,
) -> None:
    """Put in, where shorter, the trips whose ends lie on one edge."""
    order = np.argsort(goals.edge, kind="stable")
    keys = goals.edge[order]
    start = np.searchsorted(keys, origins.edge, "left")
    row, index = expand(start, np.searchsorted(keys, origins.edge, "right") - start)
    column = order[index]
    direct, _ = along_one_edge(edge_seconds, origins[row], goals[column])
    direct[direct > cutoff_s] = np.inf
    seconds[row, column] = np.minimum(seconds[row, column], direct.astype(np.float32))
