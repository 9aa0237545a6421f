"""Shortest paths from one origin to every junction: Dijkstra's search.

SciPy's is compiled, but its import takes a third of a second, longer than the first answers of a
process take in Python (`geo.network.readiness`). Both give the same numbers to the last digit.

An origin lies on an edge, not on a junction, so it becomes one more row of the matrix whose few
arcs lead to the junctions at the edge's ends. Only that row changes between searches. A search
owns its matrix while it runs, and gives it back to a pool, so any number of threads may search one
network and no search copies it. (A pool and not one matrix for each thread, because web servers
start threads freely.)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network.graph import RoadGraph
from geo.network.readiness import scipy_pays

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

MAX_ENDS = 6
"""A trip starts towards at most so many junctions (`geo.network.ends`)."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """The edges by the junction at which a search meets them.

    Attributes
    ----------
    first
        (n + 1,) arcs ``first[i]:first[i + 1]`` lead on from junction i.
    onward
        (m,) the junction that the arc leads to.
    edge
        (m,) the edge of the graph that it is.
    """

    first: Ints
    onward: Ints
    edge: Ints

    @classmethod
    def forwards(cls, graph: RoadGraph) -> Arcs:
        """Return the edges as they are driven: from an origin."""
        edges = np.arange(graph.edge_count, dtype=np.int32)
        return cls(np.asarray(graph.first_edge), np.asarray(graph.edge_head), edges)

    @classmethod
    def backwards(cls, graph: RoadGraph) -> Arcs:
        """Return the edges the other way round: towards a destination."""
        head = np.asarray(graph.edge_head)
        order = np.argsort(head, kind="stable").astype(np.int32)
        counts = np.bincount(head, minlength=graph.junction_count)
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return cls(first, graph.edge_tail()[order], order)


class OneToAll:
    """Travel times from one origin to every junction, over one weight set.

    Parameters
    ----------
    arcs
        The edges by junction.
    edge_seconds
        (m,) travel time of each edge of the graph; ``inf`` = shut.
    """

    def __init__(self, arcs: Arcs, edge_seconds: Floats) -> None:
        self._arcs = arcs
        self._seconds = edge_seconds[arcs.edge]
        self._idle: deque[csr_array] = deque()

    def run(self, ends: Ints, ends_s: Floats, *, cutoff_s: float) -> Floats:
        """Search.

        Parameters
        ----------
        ends, ends_s
            (k,) the junctions that the origin leads to, k <= `MAX_ENDS`, and the seconds to them.
        cutoff_s
            Junctions beyond are not looked at.

        Returns
        -------
        numpy.ndarray
            (n,) seconds; ``inf`` = not within the cutoff.
        """
        if scipy_pays(len(self._arcs.first) - 1):
            return self.by_scipy(ends, ends_s, cutoff_s)
        return self.in_python(ends, ends_s, cutoff_s)

    def by_scipy(self, ends: Ints, ends_s: Floats, cutoff_s: float) -> Floats:
        """Do what `run` does by the compiled search."""
        from scipy.sparse.csgraph import dijkstra

        try:
            matrix = self._idle.pop()
        except IndexError:
            matrix = self._new_matrix()
        origin = matrix.shape[0] - 1
        row = slice(len(matrix.data) - MAX_ENDS, None)
        matrix.indices[row], matrix.data[row] = origin, 0.0  # an unused arc leads to itself
        matrix.indices[row][: len(ends)], matrix.data[row][: len(ends)] = ends, ends_s
        seconds = dijkstra(matrix, indices=origin, limit=cutoff_s)
        self._idle.append(matrix)
        return np.asarray(seconds[:-1], np.float64)

    def in_python(self, ends: Ints, ends_s: Floats, cutoff_s: float) -> Floats:
        """Do what `run` does without an import."""
        first, onward, arc_s = self._lists
        found = [np.inf] * (len(first) - 1)
        queue: list[tuple[float, int]] = []
        for junction, seconds in zip(ends.tolist(), ends_s.tolist(), strict=True):
            if seconds <= cutoff_s and seconds < found[junction]:
                found[junction] = seconds
                heappush(queue, (seconds, junction))
        while queue:
            so_far, junction = heappop(queue)
            if so_far > found[junction]:
                continue  # it was reached by a shorter way meanwhile
            for arc in range(first[junction], first[junction + 1]):
                seconds, head = so_far + arc_s[arc], onward[arc]
                if seconds <= cutoff_s and seconds < found[head]:
                    found[head] = seconds
                    heappush(queue, (seconds, head))
        return np.array(found)

    @cached_property
    def _lists(self) -> tuple[list[int], list[int], list[float]]:
        return self._arcs.first.tolist(), self._arcs.onward.tolist(), self._seconds.tolist()

    def _new_matrix(self) -> csr_array:
        from scipy.sparse import csr_array

        junctions = len(self._arcs.first) - 1
        spare = np.full(MAX_ENDS, junctions, np.int32)
        indices = np.concatenate([self._arcs.onward, spare])
        data = np.concatenate([self._seconds, np.zeros(MAX_ENDS)])
        first = np.append(self._arcs.first, np.int32(len(indices)))
        return csr_array((data, indices, first), shape=(junctions + 1, junctions + 1))
