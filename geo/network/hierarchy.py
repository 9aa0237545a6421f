"""The road network ranked by importance: a customizable contraction hierarchy.

After Dibbelt, Strasser and Wagner, "Customizable Contraction Hierarchies" (2016, ACM Journal of
Experimental Algorithmics 21: 1.5). RoutingKit ranks the junctions, once for a network
(`Hierarchy.order`, saved with it). The arcs over them depend on that order alone; the travel times
of given conditions are put in within a fraction of a second. All of it is shared by all threads.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network.access_legs import EdgeTable
from geo.network.graph import Conditions, RoadGraph

if TYPE_CHECKING:
    from geo.network.sweeps import Timed, UpArcs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class Hierarchy:
    """The ranked network, and its arcs timed by conditions; each is made when first needed.

    Parameters
    ----------
    graph, edges
        The roads.
    order
        (n,) junctions from least to most important, if known from an earlier run.
    """

    def __init__(self, graph: RoadGraph, edges: EdgeTable, order: Ints | None) -> None:
        self._graph = graph
        self._edges = edges
        self._order = order
        self._rank: Ints | None = None
        self._arcs: UpArcs | None = None
        self._timed: dict[Conditions, Timed] = {}
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

    @property
    def rank(self) -> Ints:
        """(n,) the place of each junction in the order."""
        with self._lock:
            if self._rank is None:
                self._rank = np.empty(len(self.order), np.int32)
                self._rank[self.order] = np.arange(len(self.order), dtype=np.int32)
            return self._rank

    def save_order(self, folder: Path) -> None:
        """Write the order into an existing folder."""
        np.save(folder / "order.npy", self.order)

    @staticmethod
    def load_order(folder: Path) -> Ints:
        """Map the order into memory, read-only."""
        return np.asarray(np.load(folder / "order.npy", mmap_mode="r", allow_pickle=False))

    def timed(self, conditions: Conditions, edge_seconds: Floats) -> Timed:
        """Return the arcs under given conditions, from the (m,) travel times of the edges."""
        from geo.network.sweeps import Timed, customise

        with self._lock:
            if conditions not in self._timed:
                arcs = self._the_arcs()
                up, down = self._driven(arcs, edge_seconds)
                timed = Timed(arcs.first, arcs.head, up, down)
                customise(timed)
                self._timed[conditions] = timed
            return self._timed[conditions]

    def _the_arcs(self) -> UpArcs:
        from geo.network.sweeps import UpArcs, filled_in

        if self._arcs is None:
            low, high = self._ends()
            count = len(self.rank)
            pairs = np.unique(low * count + high)
            first = np.searchsorted(pairs, np.arange(count + 1) * count)
            first, head = filled_in(first, (pairs % count).astype(np.int32))
            rows = np.repeat(np.arange(count), np.diff(first))
            head = (np.sort(rows * count + head) % count).astype(np.int32)
            self._arcs = UpArcs(first, head)
        return self._arcs

    def _driven(self, arcs: UpArcs, edge_seconds: Floats) -> tuple[Floats, Floats]:
        """Return the seconds of the edges themselves, up and down each arc; else ``inf``."""
        count = len(self.rank)
        low, high = self._ends()
        keys = np.repeat(np.arange(count), np.diff(arcs.first)) * count + arcs.head
        arc = np.searchsorted(keys, low * count + high)
        up, down = np.full((2, len(arcs.head)), np.inf)
        tail = self.rank[self._edges.tail]
        rising, falling = (tail == low) & (low < high), tail > low  # a loop is neither
        np.minimum.at(up, arc[rising], edge_seconds[rising])
        np.minimum.at(down, arc[falling], edge_seconds[falling])
        return up, down

    def _ends(self) -> tuple[Longs, Longs]:
        """Return (m,) the lower and the higher rank of the ends of all edges."""
        tail, head = self.rank[self._edges.tail], self.rank[self._edges.head]
        return np.minimum(tail, head).astype(np.int64), np.maximum(tail, head).astype(np.int64)
