"""The search of a road network: one interface, and the implementation that needs no compilation.

`ArraySearch` is NumPy, and Python or SciPy: at hand at once, which suits a command that asks one
question. `geo.network.compiled_search.CompiledSearch` loads for half a second and then answers
many times faster. `RoadNetwork.open` chooses one of them. Both give the same numbers to the last
digit (`docs/decisions/search.md`).

An origin lies on an edge, not on a junction, so SciPy is given one more row of its matrix, whose
few arcs lead to the junctions at the edge's ends. Only that row changes between searches. A search
owns its matrix while it runs and then gives it back to a pool, so that any number of threads may
search one network and no search copies it. (A pool, not one matrix for each thread: web servers
start threads freely.)
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Protocol

import numpy as np

from geo.network.graph import (
    AdjacencyArrays,
    Conditions,
    EdgeTable,
    Floats,
    Ints,
    Longs,
    RoadGraph,
    Singles,
    round_to_grains,
)
from geo.network.reach import Reach, RoadSampler, TripEnds, access_legs
from geo.network.snapping import (
    EdgePositions,
    NearestSegments,
    RoadLines,
    SegmentGrid,
    SnappedPoints,
    SnapRadii,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_MAX_LEGS = 6
"""A trip starts towards at most so many junctions (`geo.network.reach`)."""

_HEAP_JUNCTIONS = 30_000
"""Junctions that Python searches in a fraction of the time that SciPy takes to import."""


class NetworkArrays:
    """What every search of one network reads, made when first needed.

    Two threads may both make an array, and make the same.
    """

    def __init__(self, graph: RoadGraph, order: Ints | None = None) -> None:
        self.graph = graph
        self.edges = EdgeTable.of(graph)
        self._known_order = order
        self._seconds: dict[Conditions, Floats] = {}
        self._adjacency: dict[bool, AdjacencyArrays] = {}

    @cached_property
    def order(self) -> Ints:
        """(n,) junctions from least to most important (inertial flow on the coordinates)."""
        if self._known_order is not None:
            return self._known_order
        from routingkit_cch import compute_order_inertial

        order = compute_order_inertial(
            self.graph.junction_count,
            self.edges.tail.tolist(),
            self.edges.head.tolist(),
            self.graph.junction_lat.tolist(),
            self.graph.junction_lon.tolist(),
        )
        return np.asarray(order, np.int32)

    @cached_property
    def roads(self) -> RoadSampler:
        """The roads as they are drawn."""
        return RoadSampler(self.graph)

    def edge_seconds(self, conditions: Conditions) -> Floats:
        """Return the (m,) travel times of edges; ``inf`` = shut."""
        if conditions not in self._seconds:
            self._seconds.setdefault(conditions, conditions.edge_seconds(self.graph))
        return self._seconds[conditions]

    def adjacency(self, *, homeward: bool) -> AdjacencyArrays:
        """Return the edges as a search follows them."""
        if homeward not in self._adjacency:
            arcs = AdjacencyArrays.of(self.graph, homeward=homeward)
            self._adjacency.setdefault(homeward, arcs)
        return self._adjacency[homeward]


class NetworkSearch(Protocol):
    """One implementation of everything that takes time."""

    def nearest_segments(
        self, grid: SegmentGrid, lon: Floats, lat: Floats, radii: SnapRadii
    ) -> NearestSegments:
        """Return the nearest segment to each of k points."""

    def edge_positions(self, lines: RoadLines, segment: Longs, along: Floats) -> EdgePositions:
        """Return the edges under k positions on segments, ``along`` running from 0 to 1."""

    def reach(
        self, origin: SnappedPoints, *, cutoff_s: float, conditions: Conditions, homeward: bool
    ) -> Reach:
        """Return the travel times from (homeward: to) one position."""

    def trip_ends(self, reach: Reach, snaps: SnappedPoints) -> TripEnds:
        """Return how the fastest trips to k positions end, be they beyond the cutoff."""

    def junction_lengths(self, reach: Reach, junctions: Ints) -> Floats:
        """Return (k,) metres driven to junctions; 0 for junction -1, ``inf`` beyond the cutoff."""

    def matrix(
        self,
        origins: SnappedPoints,
        destinations: SnappedPoints,
        *,
        cutoff_s: float,
        conditions: Conditions,
    ) -> Singles:
        """Return (n, m) seconds between positions on roads; ``inf`` = none within the cutoff."""


class ArraySearch:
    """Searches by Dijkstra's algorithm, without compilation; see `NetworkSearch`."""

    def __init__(self, network: NetworkArrays) -> None:
        self._network = network
        self._searches: dict[tuple[Conditions, bool], OneToAll] = {}

    def nearest_segments(
        self, grid: SegmentGrid, lon: Floats, lat: Floats, radii: SnapRadii
    ) -> NearestSegments:
        """Return the nearest segment to each of k points."""
        return grid.nearest(lon, lat, radii)

    def edge_positions(self, lines: RoadLines, segment: Longs, along: Floats) -> EdgePositions:
        """Return the edges under k positions on segments."""
        return lines.edge_positions(segment, along)

    def reach(
        self, origin: SnappedPoints, *, cutoff_s: float, conditions: Conditions, homeward: bool
    ) -> Reach:
        """Return the travel times from one position, looking no farther than the cutoff."""
        network = self._network
        edge_seconds = network.edge_seconds(conditions)
        key = (conditions, homeward)
        if key not in self._searches:
            arcs = network.adjacency(homeward=homeward)
            self._searches.setdefault(key, OneToAll(arcs, edge_seconds))
        legs = access_legs(network.edges, edge_seconds, origin, homeward=homeward)
        is_open = np.isfinite(legs.seconds[0])
        seconds = self._searches[key].run(
            legs.junction[0][is_open], legs.seconds[0][is_open], cutoff_s=cutoff_s
        )
        return Reach(origin, cutoff_s, conditions, homeward, seconds, network, self)

    def trip_ends(self, reach: Reach, snaps: SnappedPoints) -> TripEnds:
        """Return how the fastest trips to k positions end."""
        legs = reach.last_legs(snaps)
        direct_s, share = reach.direct_trips(snaps)
        options_s = np.column_stack([reach.exact_seconds[legs.junction] + legs.seconds, direct_s])
        direct_m = round_to_grains(share * self._network.edges.length_m[snaps.edge])
        nowhere = np.full(len(snaps), -1, np.int32)
        row, best = np.arange(len(snaps)), np.argmin(options_s, axis=1)
        return TripEnds(
            options_s[row, best],
            np.column_stack([legs.junction, nowhere])[row, best],
            np.column_stack([legs.length_m, direct_m])[row, best],
        )

    def junction_lengths(self, reach: Reach, junctions: Ints) -> Floats:
        """Return (k,) metres driven to junctions."""
        return np.where(junctions >= 0, reach.junction_m[junctions], 0.0)

    def matrix(
        self,
        origins: SnappedPoints,
        destinations: SnappedPoints,
        *,
        cutoff_s: float,
        conditions: Conditions,
    ) -> Singles:
        """Return (n, m) seconds, by a search from each origin."""
        seconds = np.empty((len(origins), len(destinations)), np.float32)
        for row in range(len(origins)):
            reach = self.reach(
                origins[row], cutoff_s=cutoff_s, conditions=conditions, homeward=False
            )
            seconds[row] = reach.to(destinations)
        return seconds


class OneToAll:
    """Travel times from one origin to every junction, over (m,) given travel times of edges."""

    def __init__(self, arcs: AdjacencyArrays, edge_seconds: Floats) -> None:
        self._arcs = arcs
        self._seconds = edge_seconds[arcs.edge]
        self._idle: deque[csr_array] = deque()

    def run(self, junctions: Ints, start_s: Floats, *, cutoff_s: float) -> Floats:
        """Return (n,) seconds to all junctions; ``inf`` = not within the cutoff.

        The origin leads to (k,) junctions, at most six, each in ``start_s`` seconds.
        """
        if len(self._arcs.first) - 1 > _HEAP_JUNCTIONS:
            return self.by_scipy(junctions, start_s, cutoff_s)
        return self.by_heap(junctions, start_s, cutoff_s)

    def by_scipy(self, junctions: Ints, start_s: Floats, cutoff_s: float) -> Floats:
        """Search a large network; SciPy takes a third of a second to import."""
        from scipy.sparse.csgraph import dijkstra

        try:
            matrix = self._idle.pop()
        except IndexError:
            matrix = self._new_matrix()
        origin = matrix.shape[0] - 1
        row = slice(len(matrix.data) - _MAX_LEGS, None)
        matrix.indices[row], matrix.data[row] = origin, 0.0  # an unused arc leads to itself
        matrix.indices[row][: len(junctions)] = junctions
        matrix.data[row][: len(junctions)] = start_s
        seconds = dijkstra(matrix, indices=origin, limit=cutoff_s)
        self._idle.append(matrix)
        return np.asarray(seconds[:-1], np.float64)

    def by_heap(self, junctions: Ints, start_s: Floats, cutoff_s: float) -> Floats:
        """Search a small network, by a heap in Python."""
        first, head, arc_s = self._lists
        best = [np.inf] * (len(first) - 1)
        queue: list[tuple[float, int]] = []
        for junction, seconds in zip(junctions.tolist(), start_s.tolist(), strict=True):
            if seconds <= cutoff_s and seconds < best[junction]:
                best[junction] = seconds
                heappush(queue, (seconds, junction))
        while queue:
            so_far, junction = heappop(queue)
            if so_far > best[junction]:
                continue  # settled by a faster path since it was queued
            for arc in range(first[junction], first[junction + 1]):
                seconds, onward = so_far + arc_s[arc], head[arc]
                if seconds <= cutoff_s and seconds < best[onward]:
                    best[onward] = seconds
                    heappush(queue, (seconds, onward))
        return np.array(best)

    @cached_property
    def _lists(self) -> tuple[list[int], list[int], list[float]]:
        return self._arcs.first.tolist(), self._arcs.head.tolist(), self._seconds.tolist()

    def _new_matrix(self) -> csr_array:
        from scipy.sparse import csr_array

        junctions = len(self._arcs.first) - 1
        spare = np.full(_MAX_LEGS, junctions, np.int32)
        indices = np.concatenate([self._arcs.head, spare])
        data = np.concatenate([self._seconds, np.zeros(_MAX_LEGS)])
        first = np.append(self._arcs.first, np.int32(len(indices)))
        return csr_array((data, indices, first), shape=(junctions + 1, junctions + 1))
