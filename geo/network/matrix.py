"""Travel times between many origins and many destinations: contraction hierarchies.

RoutingKit's customizable contraction hierarchies (Dibbelt, Strasser and Wagner 2016, ACM Journal
of Experimental Algorithmics 21: 1.5) rank the junctions once for a network (`Hierarchy.order`,
saved with it) and take in the travel times of given conditions in a fraction of a second. Then one
sweep for each origin gives the times to all destinations. The ranked network and its metrics are
shared by all threads; query objects are not, so each call makes its own.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network.ends import EdgeTable, Ends, along_one_edge, arriving, leaving
from geo.network.graph import RoadGraph
from geo.network.grid import expand
from geo.network.snap import Snaps
from geo.network.weights import TICK_S, TICKS_PER_S, Conditions

if TYPE_CHECKING:
    from routingkit_cch import CCH, CCHMetric, CCHOneToMany

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Singles = npt.NDArray[np.float32]

_SHUT = 2**31 - 1
"""RoutingKit's infinite weight."""

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


class Hierarchy:
    """The ranked network, and its metrics by conditions; each is made when first needed.

    Parameters
    ----------
    graph, edges
        The roads.
    order
        (n,) junctions from least to most important, if known from an earlier run.
    """

    def __init__(
        self, graph: RoadGraph, edges: EdgeTable, order: npt.NDArray[np.int32] | None
    ) -> None:
        self._graph = graph
        self._edges = edges
        self._order = order
        self._cch: CCH | None = None
        self._metrics: dict[Conditions, CCHMetric] = {}
        self._lock = threading.RLock()

    @property
    def order(self) -> Ints:
        """(n,) junctions from least to most important (inertial flow on the coordinates)."""
        with self._lock:
            if self._order is None:
                from routingkit_cch import compute_order_inertial

                order = compute_order_inertial(
                    self._graph.junction_count,
                    self._edges.tail.tolist(),
                    self._edges.head.tolist(),
                    self._graph.junction_lat.tolist(),
                    self._graph.junction_lon.tolist(),
                )
                self._order = np.asarray(order, np.int32)
            return self._order

    def save_order(self, folder: Path) -> None:
        """Write the order into an existing folder."""
        np.save(folder / "order.npy", self.order)

    @staticmethod
    def load_order(folder: Path) -> Ints:
        """Map the order into memory, read-only."""
        return np.asarray(np.load(folder / "order.npy", mmap_mode="r", allow_pickle=False))

    def metric(self, conditions: Conditions, edge_seconds: Floats) -> CCHMetric:
        """Return the metric of given conditions, from the (m,) travel times of the edges."""
        from routingkit_cch import CCH, CCHMetric

        with self._lock:
            if conditions not in self._metrics:
                if self._cch is None:
                    tail, head = self._edges.tail.tolist(), self._edges.head.tolist()
                    self._cch = CCH(self.order.tolist(), tail, head, False)
                weights = np.minimum(edge_seconds * TICKS_PER_S, _SHUT).astype(np.int64)
                self._metrics[conditions] = CCHMetric(self._cch, weights.tolist())
            return self._metrics[conditions]


def travel_times(
    metric: CCHMetric,
    edges: EdgeTable,
    edge_seconds: Floats,
    origins: Snaps,
    destinations: Snaps,
    cutoff_s: float,
) -> TravelTimeMatrix:
    """Return the matrix of travel times; a position that is on no road is unreachable."""
    seconds = np.full((len(origins), len(destinations)), np.inf, np.float32)
    rows, columns = np.flatnonzero(origins.found), np.flatnonzero(destinations.found)
    if len(rows) and len(columns):
        starts, goals = origins[rows], destinations[columns]
        through = _through_junctions(
            metric, leaving(edges, edge_seconds, starts), arriving(edges, edge_seconds, goals)
        )
        _take_direct(through, edge_seconds, starts, goals)
        through[through > cutoff_s] = np.inf
        seconds[np.ix_(rows, columns)] = through
    return TravelTimeMatrix(seconds)


def _through_junctions(metric: CCHMetric, first: Ends, last: Ends) -> Floats:
    """Return (n, m) seconds of the trips that pass at least one junction."""
    from routingkit_cch import CCHOneToMany

    used = np.isfinite(last.seconds)
    targets, position = np.unique(last.junction[used], return_inverse=True)
    column = np.zeros(last.junction.shape, np.intp)
    column[used] = position
    # One row for each of the ends: whole rows are added and compared, several times faster.
    column, last_s = np.ascontiguousarray(column.T), np.ascontiguousarray(last.seconds.T)
    result = np.full((len(first.seconds), len(last.seconds)), np.inf)
    if not len(targets):
        return result

    def sweep(rows: range) -> None:
        query = CCHOneToMany(metric, targets.tolist())
        for row in rows:
            found = _times_from(query, first.junction[row], first.seconds[row])
            np.min(found[column] + last_s, axis=0, out=result[row])

    workers = min(_MOST_WORKERS, os.cpu_count() or 1) if result.size >= _LARGE else 1
    parts = [range(start, len(result), workers) for start in range(workers)]
    if workers == 1:
        sweep(parts[0])
    else:  # RoutingKit lets other threads run while it searches
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(sweep, parts))
    return result


def _times_from(query: CCHOneToMany, junctions: Ints, seconds: Floats) -> Floats:
    """Return seconds to all targets of a query, from one row of `Ends`."""
    open_ = np.isfinite(seconds)
    if not open_.any():
        return np.full(query.target_count, np.inf)
    offsets = np.rint(seconds[open_] * TICKS_PER_S).astype(np.int64)
    pairs = list(zip(junctions[open_].tolist(), offsets.tolist(), strict=True))
    found = np.array(query.distances_from_multi(pairs), np.float64) * TICK_S
    found[np.isnan(found)] = np.inf  # RoutingKit says None
    return found


def _take_direct(seconds: Floats, edge_seconds: Floats, origins: Snaps, goals: Snaps) -> None:
    """Put in, where shorter, the trips whose ends lie on one edge."""
    order = np.argsort(goals.edge, kind="stable")
    keys = goals.edge[order]
    start = np.searchsorted(keys, origins.edge, "left")
    row, index = expand(start, np.searchsorted(keys, origins.edge, "right") - start)
    column = order[index]
    direct, _ = along_one_edge(edge_seconds, origins[row], goals[column])
    np.minimum.at(seconds, (row, column), direct)
