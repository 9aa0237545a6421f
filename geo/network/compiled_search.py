"""The search of a road network, compiled: for the app and for commands that ask much.

`CompiledSearch` answers from small networks by sweeping their contraction hierarchy
(`geo.network.hierarchy`), and joins points to roads by plain loops. Each loop does what NumPy does
for `geo.network.search.ArraySearch`, operation by operation, so that both give the same numbers to
the last digit. Its import takes half a second, and compiling it ten, once for a computer.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np

from geo.geometry import METRES_PER_DEGREE
from geo.jit import jit
from geo.network.graph import (
    GRAINS_PER_M,
    TICK_S,
    TICKS_PER_S,
    AdjacencyArrays,
    Conditions,
    Floats,
    Ints,
    Longs,
    Singles,
    expand,
)
from geo.network.hierarchy import Hierarchy, TimedArcs
from geo.network.reach import Reach, TripEnds, access_legs, along_one_edge, egress_legs
from geo.network.search import ArraySearch, NetworkArrays
from geo.network.snapping import (
    AT_JUNCTION_M,
    FIRST_RADIUS_M,
    EdgePositions,
    NearestSegments,
    RoadLines,
    SegmentGrid,
    SnappedPoints,
    SnapRadii,
)

Arrays = TypeVar("Arrays", bound=NamedTuple)

_SWEPT_JUNCTIONS = 50_000
"""Junctions of a network all of which are swept, however near the cutoff is."""


class CompiledSearch:
    """Searches by compiled loops; see `geo.network.search.NetworkSearch`."""

    def __init__(self, network: NetworkArrays) -> None:
        self._network = network
        self._hierarchy = Hierarchy(network)
        self._bounded = ArraySearch(network)

    def nearest_segments(
        self, grid: SegmentGrid, lon: Floats, lat: Floats, radii: SnapRadii
    ) -> NearestSegments:
        """Return the nearest segment to each of k points."""
        return _nearest(_read_only(grid), lon, lat, np.cos(np.radians(lat)), radii)

    def edge_positions(self, lines: RoadLines, segment: Longs, along: Floats) -> EdgePositions:
        """Return the edges under k positions on segments."""
        shapes = Shapes(lines.start, lines.segment_m, lines.forward, lines.backward)
        return _edge_positions(_read_only(shapes), segment, along)

    def reach(
        self, origin: SnappedPoints, *, cutoff_s: float, conditions: Conditions, homeward: bool
    ) -> Reach:
        """Return the travel times from one position.

        A search would visit nearly all of a small network; two sweeps over the hierarchy do so ten
        times faster (Delling, Goldberg, Nowatzyk and Werneck, "PHAST", 2013, Journal of Parallel
        and Distributed Computing 73: 940).
        """
        network = self._network
        if network.graph.junction_count > _SWEPT_JUNCTIONS:
            found = self._bounded.reach(
                origin, cutoff_s=cutoff_s, conditions=conditions, homeward=homeward
            )
            return replace(found, search=self)
        arcs = self._hierarchy.timed(conditions)
        if homeward:
            arcs = arcs._replace(up=arcs.down, down=arcs.up)
        edges = self._directed_edges(conditions, homeward=homeward)
        seconds = _seconds_everywhere(
            arcs, self._hierarchy.rank, edges, _positions(origin), homeward
        )
        seconds[seconds > cutoff_s] = np.inf
        return Reach(origin, cutoff_s, conditions, homeward, seconds, network, self)

    def trip_ends(self, reach: Reach, snaps: SnappedPoints) -> TripEnds:
        """Return how the fastest trips to k positions end."""
        edges = self._directed_edges(reach.conditions, homeward=reach.homeward)
        return _last_legs(
            edges, reach.exact_seconds, _positions(reach.origin), _positions(snaps), reach.homeward
        )

    def junction_lengths(self, reach: Reach, junctions: Ints) -> Floats:
        """Return (k,) metres driven to junctions, following back those trips alone."""
        arcs = _read_only(self._network.adjacency(homeward=not reach.homeward))
        edges = self._directed_edges(reach.conditions, homeward=reach.homeward)
        first = _first_legs(edges, _positions(reach.origin), reach.homeward)
        return _lengths_to(arcs, edges, reach.exact_seconds, first, junctions)

    def matrix(
        self,
        origins: SnappedPoints,
        destinations: SnappedPoints,
        *,
        cutoff_s: float,
        conditions: Conditions,
    ) -> Singles:
        """Return (n, m) seconds, by sweeps of the hierarchy."""
        edges, edge_seconds = self._network.edges, self._network.edge_seconds(conditions)
        seconds = self._hierarchy.seconds_between(
            conditions,
            access_legs(edges, edge_seconds, origins),
            egress_legs(edges, edge_seconds, destinations),
            cutoff_s,
        )
        # Trips whose ends lie on one edge may pass no junction at all.
        order = np.argsort(destinations.edge, kind="stable")
        keys = destinations.edge[order]
        start = np.searchsorted(keys, origins.edge, "left")
        row, index = expand(start, np.searchsorted(keys, origins.edge, "right") - start)
        column = order[index]
        direct_s, _ = along_one_edge(edge_seconds, origins[row], destinations[column])
        direct_s[direct_s > cutoff_s] = np.inf
        seconds[row, column] = np.minimum(seconds[row, column], direct_s.astype(np.float32))
        return seconds

    def _directed_edges(self, conditions: Conditions, *, homeward: bool) -> DirectedEdges:
        table = self._network.edges
        near, far = (table.head, table.tail) if homeward else (table.tail, table.head)
        seconds = self._network.edge_seconds(conditions)
        return _read_only(DirectedEdges(near, far, seconds, table.length_m, table.twin))


class Positions(NamedTuple):
    """(k,) positions on edges, as of `geo.network.snapping.SnappedPoints`."""

    edge: Ints
    reverse_edge: Ints
    fraction: Floats
    access_s: Floats


class DirectedEdges(NamedTuple):
    """(m,) edges: the junctions where they are entered and left, seconds, metres, other copies.

    For trips to a position, homeward, all are driven in reverse.
    """

    near: Ints
    far: Ints
    seconds: Floats
    length_m: Floats
    twin: Ints


class RoadShares(NamedTuple):
    """The road of one position: an edge, the reverse edge, -1 = none, and the shares of them.

    ``before`` is driven of the edge, ``after`` of the reverse edge, and then ``walk_s`` walked.
    """

    edge: int
    reverse: int
    before: float
    after: float
    walk_s: float


class Shapes(NamedTuple):
    """The roads as they are drawn, as `geo.network.snapping.RoadLines` has them."""

    start: Longs
    segment_m: Floats
    forward: Ints
    backward: Ints


def _positions(snaps: SnappedPoints) -> Positions:
    return _read_only(Positions(snaps.edge, snaps.reverse_edge, snaps.fraction, snaps.access_s))


def _read_only(arrays: Arrays) -> Arrays:
    """Return views that cannot be written to.

    A loop is compiled once for arrays that can and once for those that cannot, as mapped files.
    """
    views = [np.asarray(array).view() for array in arrays]
    for view in views:
        view.flags.writeable = False
    return arrays._make(views)


@jit
def _ticks(seconds: float) -> float:
    return float(np.rint(seconds * TICKS_PER_S) * TICK_S)


@jit
def _part_s(edges: DirectedEdges, edge: int, share: float) -> float:
    return _ticks(edges.seconds[edge] * share) if share > 0 else 0.0


@jit
def _part_m(edges: DirectedEdges, edge: int, share: float) -> float:
    return float(np.rint(share * edges.length_m[edge] * GRAINS_PER_M) / GRAINS_PER_M)


@jit
def _shares(snaps: Positions, k: int, homeward: bool) -> tuple[float, float]:
    """Return the shares of its edge, and of the reverse edge, from where they are entered."""
    fraction = snaps.fraction[k]
    return (1 - fraction, fraction) if homeward else (fraction, 1 - fraction)


@jit
def _first_legs(edges: DirectedEdges, origin: Positions, homeward: bool) -> TripEnds:
    """Return the junctions next to an origin, at most six, as `access_legs` has them."""
    edge, reverse = origin.edge[0], origin.reverse_edge[0]
    before, after = _shares(origin, 0, homeward)
    walk_s = _ticks(origin.access_s[0])
    first = TripEnds(np.full(6, np.inf), np.zeros(6, np.int32), np.zeros(6))
    for column in (0, 3):
        if edge >= 0:
            first.junction[column] = edges.far[edge]
            first.seconds[column] = _part_s(edges, edge, after) + walk_s
            first.length_m[column] = _part_m(edges, edge, after)
        if reverse >= 0:
            first.junction[column + 1] = edges.far[reverse]
            first.seconds[column + 1] = _part_s(edges, reverse, before) + walk_s
            first.length_m[column + 1] = _part_m(edges, reverse, before)
        if edge >= 0 and before == 0:
            first.junction[column + 2], first.seconds[column + 2] = edges.near[edge], walk_s
        edge = edges.twin[edge] if edge >= 0 else edge
        reverse = edges.twin[reverse] if reverse >= 0 else reverse
    return first


@jit
def _seconds_everywhere(
    arcs: TimedArcs, rank: Ints, edges: DirectedEdges, origin: Positions, homeward: bool
) -> Floats:
    """Return (junctions,) seconds from a position: up the hierarchy, then down all of it.

    Homeward, ``up`` and ``down`` of the arcs are exchanged.
    """
    arc_first, arc_head, arc_up, arc_down = arcs
    count = len(rank)
    times = np.full(count, np.inf)
    first = _first_legs(edges, origin, homeward)
    for end in range(len(first.junction)):
        v = rank[first.junction[end]]
        times[v] = min(times[v], first.seconds[end])
    # Arcs lead to higher ranks: each junction is final when its turn comes, up and down.
    for v in range(count):
        if times[v] < np.inf:
            for a in range(arc_first[v], arc_first[v + 1]):
                times[arc_head[a]] = min(times[arc_head[a]], times[v] + arc_up[a])
    for v in range(count - 1, -1, -1):
        best = times[v]
        for a in range(arc_first[v], arc_first[v + 1]):
            best = min(best, times[arc_head[a]] + arc_down[a])
        times[v] = best
    seconds = np.empty(count)
    for junction in range(count):
        seconds[junction] = times[rank[junction]]
    return seconds


@jit
def _last_legs(
    edges: DirectedEdges, seconds: Floats, origin: Positions, snaps: Positions, homeward: bool
) -> TripEnds:
    """Return the fastest end of each trip, from the (junctions,) seconds of a search.

    Ends are tried in the order of the columns that `ArraySearch` takes the first least of.
    """
    count = len(snaps.edge)
    last = TripEnds(np.full(count, np.inf), np.full(count, -1, np.int32), np.zeros(count))
    for k in range(count):
        edge, reverse = snaps.edge[k], snaps.reverse_edge[k]
        if edge < 0:
            continue
        walk_s = _ticks(snaps.access_s[k])
        before, after = _shares(snaps, k, homeward)
        shares = RoadShares(int(edge), int(reverse), before, after, walk_s)
        _offer_road(last, k, edges, seconds, shares)
        reverse_twin = int(edges.twin[reverse]) if reverse >= 0 else -1
        shares = RoadShares(int(edges.twin[edge]), reverse_twin, before, after, walk_s)
        _offer_road(last, k, edges, seconds, shares)
        ahead = snaps.fraction[k] - origin.fraction[0]
        own = edge if (ahead <= 0 if homeward else ahead >= 0) else reverse
        if edge == origin.edge[0] and own >= 0:
            whole_s = _part_s(edges, own, abs(ahead)) + _ticks(origin.access_s[0]) + walk_s
            _offer(last, k, whole_s, -1, _part_m(edges, edge, abs(ahead)))
    return last


@jit
def _offer_road(
    last: TripEnds, k: int, edges: DirectedEdges, seconds: Floats, shares: RoadShares
) -> None:
    """Let trip k end along a road, in either direction, or at the junction that it ends at."""
    edge, reverse, before, after, walk_s = shares
    if edge >= 0:
        v = edges.near[edge]
        whole_s = seconds[v] + _part_s(edges, edge, before) + walk_s
        _offer(last, k, whole_s, v, _part_m(edges, edge, before))
    if reverse >= 0:
        v = edges.near[reverse]
        whole_s = seconds[v] + _part_s(edges, reverse, after) + walk_s
        _offer(last, k, whole_s, v, _part_m(edges, reverse, after))
    if edge >= 0 and after == 0:
        v = edges.far[edge]
        _offer(last, k, seconds[v] + walk_s, v, 0.0)


@jit
def _offer(last: TripEnds, k: int, whole_s: float, junction: int, metres: float) -> None:
    """Let trip k end after a junction, if that is faster."""
    if whole_s < last.seconds[k]:
        last.seconds[k], last.junction[k], last.length_m[k] = whole_s, junction, metres


@jit
def _lengths_to(
    arcs: AdjacencyArrays, edges: DirectedEdges, seconds: Floats, first: TripEnds, junctions: Ints
) -> Floats:
    """Return (k,) metres of road driven to some junctions; ``inf`` = beyond, 0 for junction -1.

    Paths are followed back by ``arcs`` to the origin, which is ``first``; what is known of the
    junctions on them is kept for the next ones.
    """
    metres = np.full(len(seconds), -1.0)
    for end in range(len(first.junction)):
        v = first.junction[end]
        if seconds[v] == first.seconds[end]:
            metres[v] = first.length_m[end]
    path = np.empty(len(metres), np.int32)
    result = np.zeros(len(junctions))
    for row in range(len(junctions)):
        v = junctions[row]
        if v >= 0:
            result[row] = _length_to(arcs, edges, seconds, metres, path, v)
    return result


@jit
def _length_to(
    arcs: AdjacencyArrays, edges: DirectedEdges, seconds: Floats, metres: Floats, path: Ints, v: int
) -> float:
    """Return the metres to junction v, and keep those to all on the path."""
    size = 0
    if not seconds[v] < np.inf:
        return np.inf
    while metres[v] < 0:
        # Of several edges on equally fast paths the last one, as in `Reach.parent_edge`.
        a = arcs.first[v + 1] - 1
        while seconds[arcs.head[a]] + edges.seconds[arcs.edge[a]] != seconds[v]:
            a -= 1
        path[size] = arcs.edge[a]
        size += 1
        v = arcs.head[a]
    along = metres[v]
    for step in range(size - 1, -1, -1):
        along += edges.length_m[path[step]]
        metres[edges.far[path[step]]] = along
    return float(along)


@jit
def _nearest(
    grid: SegmentGrid, lon: Floats, lat: Floats, shrink: Floats, radii: SnapRadii
) -> NearestSegments:
    """Return the nearest segment to each point, as `SegmentGrid.nearest` does.

    ``shrink`` is (k,) how much shorter than one of latitude a degree of longitude is there.
    """
    segment = np.full(len(lon), -1, np.int64)
    along, away_m = np.zeros(len(lon)), np.full(len(lon), np.inf)
    for k in range(len(lon)):
        radius_m = min(FIRST_RADIUS_M, radii.within_m)
        while True:
            code, at, metres = _nearest_around(grid, lon[k], lat[k], shrink[k], radius_m, radii)
            if metres <= radius_m:  # else cells not yet searched may hold a nearer one
                segment[k], along[k], away_m[k] = code, at, metres
                break
            if radius_m >= radii.within_m:
                break
            radius_m = min(radius_m * 3, radii.within_m)
        if segment[k] < -1:
            segment[k], away_m[k] = -2 - segment[k], away_m[k] - radii.on_road_m
    return NearestSegments(segment, along, away_m)


@jit
def _nearest_around(
    grid: SegmentGrid, lon: float, lat: float, shrink: float, radius_m: float, radii: SnapRadii
) -> tuple[int, float, float]:
    """Return the nearest of the segments in all cells within a square around a point."""
    best, along, away_m = -1, 0.0, np.inf
    west, south, width, height = grid.frame
    columns, rows = grid.size
    up = radius_m / METRES_PER_DEGREE * 1e7
    sideways = up / max(shrink, 1e-6)
    x, y = lon * 1e7 - west, lat * 1e7 - south
    low_x, high_x = math.floor((x - sideways) / width), math.floor((x + sideways) / width)
    low_y, high_y = math.floor((y - up) / height), math.floor((y + up) / height)
    if high_x < 0 or low_x >= columns:
        return best, along, away_m
    low_x, high_x = max(low_x, 0), min(high_x, columns - 1)
    for row in range(max(low_y, 0), min(high_y, rows - 1) + 1):
        start = grid.first[row * columns + low_x]
        end = grid.first[row * columns + high_x + 1]
        for index in range(start, end):
            code = int(grid.segment[index])
            minor = code < 0
            at, metres = _distance(grid, -2 - code if minor else code, lon, lat, shrink)
            metres *= METRES_PER_DEGREE
            if minor:
                metres = metres + radii.on_road_m if metres <= radii.on_road_m else np.inf
            if metres < away_m:
                best, along, away_m = code, at, metres
    return best, along, away_m


@jit
def _distance(
    grid: SegmentGrid, segment: int, lon: float, lat: float, shrink: float
) -> tuple[float, float]:
    """Return where on a segment its nearest position is, and degrees to it."""
    x = (grid.lon_e7[segment] / 1e7 - lon) * shrink
    y = grid.lat_e7[segment] / 1e7 - lat
    dx = (grid.lon_e7[segment + 1] / 1e7 - lon) * shrink - x
    dy = grid.lat_e7[segment + 1] / 1e7 - lat - y
    square = dx * dx + dy * dy
    at = -(x * dx + y * dy) / square if square > 0 else 0.0
    at = min(max(at, 0.0), 1.0)
    x, y = x + at * dx, y + at * dy
    return at, math.sqrt(x * x + y * y)


@jit
def _edge_positions(shapes: Shapes, segment: Longs, along: Floats) -> EdgePositions:
    """Return the edges under positions, as `RoadLines.edge_positions` does."""
    edge, reverse = np.empty(len(segment), np.int32), np.full(len(segment), -1, np.int32)
    fraction = np.empty(len(segment))
    for k in range(len(segment)):
        shape = np.searchsorted(shapes.start, segment[k], "right") - 1
        total_m = before_m = 0.0
        for point in range(shapes.start[shape], shapes.start[shape + 1] - 1):
            passed = min(max(segment[k] + along[k] - point, 0.0), 1.0)
            total_m += shapes.segment_m[point]
            before_m += shapes.segment_m[point] * passed
        at = before_m / total_m if total_m > 0 else 0.0
        if before_m < AT_JUNCTION_M:
            at = 0.0
        if total_m - before_m < AT_JUNCTION_M:
            at = 1.0
        if shapes.forward[shape] < 0:
            edge[k], fraction[k] = shapes.backward[shape], 1 - at
        else:
            edge[k], reverse[k], fraction[k] = shapes.forward[shape], shapes.backward[shape], at
    return EdgePositions(edge, reverse, fraction)
