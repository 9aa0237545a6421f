"""Shortest paths from one origin to every junction: Dijkstra's search.

SciPy's is compiled, but its import takes a third of a second, longer than the first answers of a
process take in Python (`geo.network.readiness`). Both give the same numbers to the last digit.

An origin lies on an edge, not on a junction, so it becomes one more row of the matrix whose few
arcs lead to the junctions at the edge's ends. Only that row changes between searches. A search
owns its matrix while it runs, and gives it back to a pool, so any number of threads may search one
network and no search copies it. (A pool and not one matrix for each thread, because web servers
start threads freely.)

Everything within reach of one origin: travel times and road lengths from one search.

A search gives times alone. The paths behind them are found only when somebody asks for lengths or
a route: travel times are exact (`geo.network.graph`), so an edge is part of a shortest path if
and only if the times at its two ends differ by exactly its own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network.access_legs import (
    AccessLegs,
    EdgeTable,
    access_legs,
    along_one_edge,
    egress_legs,
    to_grains,
)
from geo.network.graph import Conditions, RoadGraph
from geo.network.readiness import loops_pay, read_only, scipy_pays
from geo.network.road_samples import RoadSampler
from geo.network.snapping import SnappedPoints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from geo.network.compiled_search import Edges, Last

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

MAX_ENDS = 6
"""A trip starts towards at most so many junctions (`geo.network.access_legs`)."""


@dataclass(frozen=True, slots=True)
class AdjacencyArrays:
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
    def forwards(cls, graph: RoadGraph) -> AdjacencyArrays:
        """Return the edges as they are driven: from an origin."""
        edges = np.arange(graph.edge_count, dtype=np.int32)
        return cls(np.asarray(graph.first_edge), np.asarray(graph.edge_head), edges)

    @classmethod
    def backwards(cls, graph: RoadGraph) -> AdjacencyArrays:
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

    def __init__(self, arcs: AdjacencyArrays, edge_seconds: Floats) -> None:
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


Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RoadTimes:
    """Travel times at positions along roads.

    Attributes
    ----------
    lon, lat
        (q,) degrees.
    seconds
        (q,) travel times.
    """

    lon: Floats
    lat: Floats
    seconds: Singles


@dataclass(frozen=True)
class Reach:
    """Travel times between one origin and everywhere.

    Attributes
    ----------
    origin
        The one position that the search began at.
    cutoff_s
        Whatever is farther stands as ``inf``.
    conditions
        What the roads were like.
    homeward
        Whether the times are those of trips to the origin, and not from it.
    exact_seconds
        (junctions,) travel times, the walk or track at the origin included; ``inf`` = beyond.
    edges, edge_seconds
        The edges that were searched, and the (m,) travel time of each.
    back
        The arcs that a search the other way would follow.
    roads
        The roads as they are drawn.
    """

    origin: SnappedPoints
    cutoff_s: float
    conditions: Conditions
    homeward: bool
    exact_seconds: Floats
    edges: EdgeTable
    edge_seconds: Floats
    back: AdjacencyArrays
    roads: RoadSampler

    @cached_property
    def seconds(self) -> Singles:
        """(junctions,) travel times in seconds; ``inf`` = beyond the cutoff."""
        return np.asarray(self.junction_seconds, np.float32)

    @cached_property
    def junction_seconds(self) -> Floats:
        """(junctions,) exact travel times, the same for all junctions that are one place."""
        return self.edges.by_place(self.exact_seconds)

    def to(self, snaps: SnappedPoints) -> Singles:
        """Return (k,) seconds to positions, or from them if homeward; ``inf`` = beyond.

        The walks or tracks at both ends are included.
        """
        if loops_pay():
            seconds = self._last_stretches(snaps).seconds
        else:
            seconds, _ = self._best(self.last_ends(snaps), self._direct(snaps)[0])
        return np.asarray(seconds, np.float32)

    def lengths_to(self, snaps: SnappedPoints) -> Singles:
        """Return (k,) metres of road driven on the same trips; ``inf`` = beyond the cutoff."""
        return self.trips_to(snaps)[1]

    def trips_to(self, snaps: SnappedPoints) -> tuple[Singles, Singles]:
        """Return what `to` and `lengths_to` do, at little more than the price of one."""
        if loops_pay():
            last = self._last_stretches(snaps)
            metres = self._metres_to(last.junction) + last.metres
            metres[last.seconds == np.inf] = np.inf
            return last.seconds.astype(np.float32), metres.astype(np.float32)
        ends = self.last_ends(snaps)
        direct_s, share = self._direct(snaps)
        seconds, column = self._best(ends, direct_s)
        rows = np.arange(len(snaps))
        through = np.minimum(column, ends.junction.shape[1] - 1)
        length_m = self.junction_m[ends.junction[rows, through]] + ends.length_m[rows, through]
        direct = column == ends.junction.shape[1]
        length_m[direct] = to_grains(share * self.edges.length_m[snaps.edge])[direct]
        length_m[~np.isfinite(seconds)] = np.inf
        return np.asarray(seconds, np.float32), np.asarray(length_m, np.float32)

    def junctions_within(self, cutoff_s: float) -> tuple[Floats, Floats]:
        """Return the lon and lat of the junctions within a cutoff, degrees."""
        return self.roads.junctions(self.junction_seconds <= cutoff_s)

    def along_roads(self, step_m: float) -> RoadTimes:
        """Return positions at even steps along the roads that are within the cutoff.

        Parameters
        ----------
        step_m
            The greatest distance between two positions on one road.
        """
        samples = self.roads.every(step_m)
        first_edge, last_edge = self.roads.forward, self.roads.backward
        if self.homeward:
            first_edge, last_edge = last_edge, first_edge
        first_s, first_rate = self._from_end(first_edge)
        last_s, last_rate = self._from_end(last_edge)
        here = self.roads.road_of(int(self.origin.edge[0]))
        reached = (first_s <= self.cutoff_s) | (last_s <= self.cutoff_s)
        reached[here] = True
        rows = samples.of_roads(reached)
        road, share = samples.road[rows], samples.fraction[rows]
        seconds = first_s[road] + share * first_rate[road]
        np.minimum(seconds, last_s[road] + (1 - share) * last_rate[road], out=seconds)
        own = road == here
        seconds[own] = np.minimum(seconds[own], self._direct(self._snaps(share[own]))[0])
        within = seconds <= self.cutoff_s
        rows = rows[within]
        return RoadTimes(samples.lon[rows], samples.lat[rows], seconds[within])

    def _from_end(self, edge: Ints) -> tuple[Singles, Singles]:
        """Return seconds at the ends of roads where edges are entered, and those edges' own."""
        near = self.edges.head if self.homeward else self.edges.tail
        start = np.where(edge >= 0, self.exact_seconds[near[edge]], np.inf)
        rate = np.where(np.isfinite(start), self.edge_seconds[edge], np.inf)
        # A shut edge is passed nowhere: not even its first metre is reached by it.
        start[~np.isfinite(rate)], rate[~np.isfinite(rate)] = np.inf, 0.0
        return start.astype(np.float32), rate.astype(np.float32)

    def _snaps(self, share: Singles) -> SnappedPoints:
        """Return positions on the road of the origin, by their share of its drawn line."""
        drawn = self.roads.is_forward(int(self.origin.edge[0]))
        fraction = np.asarray(share if drawn else 1 - share, np.float64)
        nothing = np.zeros(len(share))
        edge = np.repeat(self.origin.edge, len(share))
        reverse = np.repeat(self.origin.reverse_edge, len(share))
        return SnappedPoints(
            nothing, nothing, nothing, nothing, edge, reverse, fraction, nothing, nothing
        )

    def last_ends(self, snaps: SnappedPoints) -> AccessLegs:
        """Return the junctions at the far ends of trips to (homeward: from) positions."""
        end = access_legs if self.homeward else egress_legs
        return end(self.edges, self.edge_seconds, snaps)

    @cached_property
    def first_ends(self) -> AccessLegs:
        """The junctions next to the origin."""
        end = egress_legs if self.homeward else access_legs
        return end(self.edges, self.edge_seconds, self.origin)

    def best_column(self, snaps: SnappedPoints) -> npt.NDArray[np.intp]:
        """Return (k,) the column of `last_ends` that trips take; one more = never off the edge."""
        return self._best(self.last_ends(snaps), self._direct(snaps)[0])[1]

    def _best(self, ends: AccessLegs, direct_s: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
        through = self.exact_seconds[ends.junction] + ends.seconds
        ways = np.column_stack([through, direct_s])
        column = np.argmin(ways, axis=1)
        seconds = ways[np.arange(len(ways)), column]
        seconds[seconds > self.cutoff_s] = np.inf
        return seconds, column

    def _direct(self, snaps: SnappedPoints) -> tuple[Floats, Floats]:
        if self.homeward:
            return along_one_edge(self.edge_seconds, snaps, self.origin)
        return along_one_edge(self.edge_seconds, self.origin, snaps)

    @cached_property
    def parent_edge(self) -> Ints:
        """(junctions,) the edge by which the trip comes there (homeward: goes on from there).

        -1 at the junctions next to the origin, and beyond the cutoff.
        """
        near, far = self.edges.tail, self.edges.head
        if self.homeward:
            near, far = far, near
        edge = np.flatnonzero((self.exact_seconds < np.inf)[near])  # few of a large network
        far = far[edge]
        arrival = self.exact_seconds[near[edge]] + self.edge_seconds[edge]
        used = (arrival == self.exact_seconds[far]) & (arrival < np.inf)
        parent = np.full(len(self.exact_seconds), -1, np.int32)
        parent[far[used]] = edge[used]
        first = self.first_ends
        begun = self.exact_seconds[first.junction[0]] == first.seconds[0]
        parent[first.junction[0][begun]] = -1
        return parent

    @cached_property
    def junction_m(self) -> Floats:
        """(junctions,) metres of road driven; ``inf`` = beyond the cutoff.

        Each round of the loop doubles the number of edges that a length spans.
        """
        reached = np.flatnonzero(self.exact_seconds < np.inf)
        home = len(reached)  # a last row that is its own parent and has no length
        number = np.full(len(self.exact_seconds), home)
        number[reached] = np.arange(home)
        edge = self.parent_edge[reached]
        parent = np.append(np.where(edge >= 0, number[self._near(edge)], home), home)
        length_m = np.append(np.where(edge >= 0, self.edges.length_m[edge], 0.0), 0.0)
        first = self.first_ends
        for junction, metres, seconds in zip(
            first.junction[0], first.length_m[0], first.seconds[0], strict=True
        ):
            if self.exact_seconds[junction] == seconds < np.inf:
                length_m[number[junction]] = metres
        while (parent != home).any():
            length_m += length_m[parent]
            parent = parent[parent]
        all_m = np.full(len(self.exact_seconds), np.inf)
        all_m[reached] = length_m[:-1]
        return all_m

    def _last_stretches(self, snaps: SnappedPoints) -> Last:
        """Return how trips to positions end, beyond the cutoff in ``inf`` seconds."""
        from geo.network.compiled_search import last_stretches, positions_of

        last = last_stretches(
            self._loop_edges,
            self.exact_seconds,
            positions_of(self.origin),
            positions_of(snaps),
            self.homeward,
        )
        last.seconds[last.seconds > self.cutoff_s] = np.inf
        return last

    def _metres_to(self, junctions: Ints) -> Floats:
        """Return what ``junction_m`` has for some junctions, following back their trips alone."""
        from geo.network.compiled_search import Back, first_stretches, metres_to, positions_of

        first = first_stretches(self._loop_edges, positions_of(self.origin), self.homeward)
        arcs = self.back
        back = Back(read_only(arcs.first), read_only(arcs.onward), read_only(arcs.edge))
        return metres_to(back, self._loop_edges, self.exact_seconds, first, junctions)

    @cached_property
    def _loop_edges(self) -> Edges:
        """The edges as the loops take them."""
        from geo.network.compiled_search import edges_of

        return edges_of(self.edges, self.edge_seconds, self.homeward)

    def _near(self, edge: Ints) -> Ints:
        """Return the ends of edges that are nearer to the origin."""
        return (self.edges.head if self.homeward else self.edges.tail)[edge]
