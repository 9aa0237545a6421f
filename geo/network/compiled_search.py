"""The inner loops of what one person asks, compiled: the times and the metres from one origin.

Each does what `geo.network.access_legs`, `search` and `reach` do over arrays, operation by
operation, so that both give the same numbers to the last digit (`geo.network.readiness`).

The inner loops of joining points to roads, compiled.

Each does what `geo.network.segment_grid` and `snap` do over arrays, operation by operation, so
that both give the same numbers to the last digit (`geo.network.readiness`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE
from geo.network.access_legs import GRAINS_PER_M, EdgeTable
from geo.network.graph import TICK_S, TICKS_PER_S
from geo.network.readiness import read_only
from geo.network.snapping import SnappedPoints
from geo.network.sweeps import Timed, compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class Positions(NamedTuple):
    """(k,) positions on edges, as of `geo.network.snapping.SnappedPoints`."""

    edge: Ints
    reverse_edge: Ints
    fraction: Floats
    access_s: Floats


class Edges(NamedTuple):
    """(m,) edges: the junctions where they are entered and left, seconds, metres, other copies.

    For trips to a position, homeward, all are driven the other way round.
    """

    near: Ints
    far: Ints
    seconds: Floats
    metres: Floats
    twin: Ints


class Back(NamedTuple):
    """The arcs by which trips come to each junction.

    Arcs ``first[v]:first[v + 1]`` of junction v lead back to junctions ``near`` by edges ``edge``.
    """

    first: Ints
    near: Ints
    edge: Ints


class Stretch(NamedTuple):
    """The road of one position: an edge, the one back, -1 = none, and the shares of them.

    ``before`` is driven of the edge, ``after`` of the one back, and then ``walk_s`` walked.
    """

    edge: int
    back: int
    before: float
    after: float
    walk_s: float


class Last(NamedTuple):
    """How (k,) trips end.

    Seconds of the whole trip; the junction that it passes last, -1 = none; metres from there on.
    """

    seconds: Floats
    junction: Ints
    metres: Floats


def positions_of(snaps: SnappedPoints) -> Positions:
    """Return snaps as the loops take them."""
    return Positions(
        read_only(snaps.edge),
        read_only(snaps.reverse_edge),
        read_only(snaps.fraction),
        read_only(snaps.access_s),
    )


def edges_of(table: EdgeTable, edge_seconds: Floats, homeward: bool) -> Edges:
    """Return edges as the loops take them."""
    near, far = (table.head, table.tail) if homeward else (table.tail, table.head)
    return Edges(read_only(near), read_only(far), edge_seconds, table.length_m, table.twin)


@compiled
def _ticks(seconds: float) -> float:
    return float(np.rint(seconds * TICKS_PER_S) * TICK_S)


@compiled
def _part_s(edges: Edges, edge: int, share: float) -> float:
    return _ticks(edges.seconds[edge] * share) if share > 0 else 0.0


@compiled
def _part_m(edges: Edges, edge: int, share: float) -> float:
    return float(np.rint(share * edges.metres[edge] * GRAINS_PER_M) / GRAINS_PER_M)


@compiled
def _shares(stand: Positions, k: int, homeward: bool) -> tuple[float, float]:
    """Return the shares of its edge, and of the reverse edge, from where they are entered."""
    fraction = stand.fraction[k]
    return (1 - fraction, fraction) if homeward else (fraction, 1 - fraction)


@compiled
def first_stretches(edges: Edges, origin: Positions, homeward: bool) -> Last:
    """Return the junctions next to an origin, at most six, as `access_legs` has them."""
    edge, back = origin.edge[0], origin.reverse_edge[0]
    before, after = _shares(origin, 0, homeward)
    walk_s = _ticks(origin.access_s[0])
    first = Last(np.full(6, np.inf), np.zeros(6, np.int32), np.zeros(6))
    for column in (0, 3):
        if edge >= 0:
            first.junction[column] = edges.far[edge]
            first.seconds[column] = _part_s(edges, edge, after) + walk_s
            first.metres[column] = _part_m(edges, edge, after)
        if back >= 0:
            first.junction[column + 1] = edges.far[back]
            first.seconds[column + 1] = _part_s(edges, back, before) + walk_s
            first.metres[column + 1] = _part_m(edges, back, before)
        if edge >= 0 and before == 0:
            first.junction[column + 2], first.seconds[column + 2] = edges.near[edge], walk_s
        edge = edges.twin[edge] if edge >= 0 else edge
        back = edges.twin[back] if back >= 0 else back
    return first


@compiled
def times_everywhere(
    arcs: Timed, rank: Ints, edges: Edges, origin: Positions, homeward: bool
) -> Floats:
    """Return (junctions,) seconds from a position: up the hierarchy, then down all of it.

    Parameters
    ----------
    arcs, rank
        The hierarchy, and the place of each junction in it; for times to the position with ``up``
        and ``down`` exchanged.
    edges, origin, homeward
        Where to begin.
    """
    arc_first, arc_head, arc_up, arc_down = arcs
    count = len(rank)
    times = np.full(count, np.inf)
    first = first_stretches(edges, origin, homeward)
    for end in range(len(first.junction)):
        v = rank[first.junction[end]]
        times[v] = min(times[v], first.seconds[end])
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


@compiled
def last_stretches(
    edges: Edges, seconds: Floats, origin: Positions, goals: Positions, homeward: bool
) -> Last:
    """Return the best way to end each trip, from the (junctions,) seconds of a search."""
    count = len(goals.edge)
    last = Last(np.full(count, np.inf), np.full(count, -1, np.int32), np.zeros(count))
    for k in range(count):
        edge, back = goals.edge[k], goals.reverse_edge[k]
        if edge < 0:
            continue
        walk_s = _ticks(goals.access_s[k])
        before, after = _shares(goals, k, homeward)
        stretch = Stretch(int(edge), int(back), before, after, walk_s)
        _take_stretch(last, k, edges, seconds, stretch)
        back_twin = int(edges.twin[back]) if back >= 0 else -1
        stretch = Stretch(int(edges.twin[edge]), back_twin, before, after, walk_s)
        _take_stretch(last, k, edges, seconds, stretch)
        ahead = goals.fraction[k] - origin.fraction[0]
        own = edge if (ahead <= 0 if homeward else ahead >= 0) else back
        if edge == origin.edge[0] and own >= 0:
            whole_s = _part_s(edges, own, abs(ahead)) + _ticks(origin.access_s[0]) + walk_s
            _take(last, k, whole_s, -1, _part_m(edges, edge, abs(ahead)))
    return last


@compiled
def _take_stretch(last: Last, k: int, edges: Edges, seconds: Floats, stretch: Stretch) -> None:
    """Let trip k end along a road, either way round, or where it begins."""
    edge, back, before, after, walk_s = stretch
    if edge >= 0:
        v = edges.near[edge]
        whole_s = seconds[v] + _part_s(edges, edge, before) + walk_s
        _take(last, k, whole_s, v, _part_m(edges, edge, before))
    if back >= 0:
        v = edges.near[back]
        whole_s = seconds[v] + _part_s(edges, back, after) + walk_s
        _take(last, k, whole_s, v, _part_m(edges, back, after))
    if edge >= 0 and after == 0:
        v = edges.far[edge]
        _take(last, k, seconds[v] + walk_s, v, 0.0)


@compiled
def _take(last: Last, k: int, whole_s: float, junction: int, metres: float) -> None:
    """Let trip k end after a junction, where that is faster."""
    if whole_s < last.seconds[k]:
        last.seconds[k], last.junction[k], last.metres[k] = whole_s, junction, metres


@compiled
def metres_to(back: Back, edges: Edges, seconds: Floats, first: Last, junctions: Ints) -> Floats:
    """Return (k,) metres of road driven to some junctions; ``inf`` = beyond, 0 for junction -1.

    Parameters
    ----------
    back, edges
        The arcs that are followed from there, back to the origin, and what they are.
    seconds
        (junctions,) of the search.
    first
        Where it began.
    junctions
        (k,) where to.
    """
    metres = np.full(len(seconds), -1.0)
    for end in range(len(first.junction)):
        v = first.junction[end]
        if seconds[v] == first.seconds[end]:
            metres[v] = first.metres[end]
    path = np.empty(len(metres), np.int32)
    result = np.zeros(len(junctions))
    for row in range(len(junctions)):
        v = junctions[row]
        if v >= 0:
            result[row] = _metres(back, edges, seconds, metres, path, v)
    return result


@compiled
def _metres(
    back: Back, edges: Edges, seconds: Floats, metres: Floats, path: Ints, junction: int
) -> float:
    """Return the metres to a junction, and note those to all on the way."""
    v, size = junction, 0
    if not seconds[v] < np.inf:
        return np.inf
    while metres[v] < 0:  # of several ways that are equal, the one that `Reach` takes
        a = back.first[v + 1] - 1
        while seconds[back.near[a]] + edges.seconds[back.edge[a]] != seconds[v]:
            a -= 1
        path[size] = back.edge[a]
        size += 1
        v = back.near[a]
    along = metres[v]
    for step in range(size - 1, -1, -1):
        along += edges.metres[path[step]]
        metres[edges.far[path[step]]] = along
    return float(along)


class Cells(NamedTuple):
    """A grid over segments, as `geo.network.segment_grid.SegmentGrid` has it."""

    lon_e7: Ints
    lat_e7: Ints
    frame: Floats
    columns: int
    rows: int
    first: Ints
    segment: Ints


class SearchRadii(NamedTuple):
    """How far to look: from a first radius to the last, and what counts as on a road; metres."""

    first_m: float
    within_m: float
    on_road_m: float


class RoadLines(NamedTuple):
    """The roads as they are drawn.

    Points ``start[s]:start[s + 1]`` make shape s, and are ``length_m`` from the next; it is driven
    ``forward`` and ``backward`` by an edge, or by none, which is -1.
    """

    start: Longs
    length_m: Floats
    forward: Ints
    backward: Ints


@compiled
def nearest_segments(
    cells: Cells, lon: Floats, lat: Floats, shrink: Floats, look: SearchRadii
) -> tuple[Longs, Floats, Floats]:
    """Return the nearest segment to each point, coded as in the grid, -1 where none is near.

    Parameters
    ----------
    cells
        The grid.
    lon, lat, shrink
        (k,) degrees, and how much shorter than one of latitude a degree of longitude is there.
    look
        How far to look.

    Returns
    -------
    tuple
        (k,) segments; (k,) positions along them, 0..1; (k,) metres.
    """
    segment = np.full(len(lon), -1, np.int64)
    along, away_m = np.zeros(len(lon)), np.full(len(lon), np.inf)
    for k in range(len(lon)):
        radius_m = look.first_m
        while True:
            found = _look_around(cells, lon[k], lat[k], shrink[k], radius_m, look)
            if found[2] <= radius_m:
                segment[k], along[k], away_m[k] = found
                break
            if radius_m >= look.within_m:
                break
            radius_m = min(radius_m * 3, look.within_m)
    return segment, along, away_m


@compiled
def _look_around(
    cells: Cells, lon: float, lat: float, shrink: float, radius_m: float, look: SearchRadii
) -> tuple[int, float, float]:
    """Return the nearest of the segments in all cells within a square around a point."""
    best, along, away_m = -1, 0.0, np.inf  # as numpy does all of it, step by step
    west, south, width, height = cells.frame
    up = radius_m / METRES_PER_DEGREE * 1e7
    aside = up / max(shrink, 1e-6)
    x, y = lon * 1e7 - west, lat * 1e7 - south
    low_x, high_x = math.floor((x - aside) / width), math.floor((x + aside) / width)
    low_y, high_y = math.floor((y - up) / height), math.floor((y + up) / height)
    if high_x < 0 or low_x >= cells.columns:
        return best, along, away_m
    low_x, high_x = max(low_x, 0), min(high_x, cells.columns - 1)
    for row in range(max(low_y, 0), min(high_y, cells.rows - 1) + 1):
        start = cells.first[row * cells.columns + low_x]
        end = cells.first[row * cells.columns + high_x + 1]
        for index in range(start, end):
            code = int(cells.segment[index])
            shy = code < 0
            at, metres = _distance(cells, -2 - code if shy else code, lon, lat, shrink)
            metres *= METRES_PER_DEGREE
            if shy:
                metres = metres + look.on_road_m if metres <= look.on_road_m else np.inf
            if metres < away_m:
                best, along, away_m = code, at, metres
    return best, along, away_m


@compiled
def _distance(
    cells: Cells, segment: int, lon: float, lat: float, shrink: float
) -> tuple[float, float]:
    """Return where on a segment its nearest position is, and degrees to it."""
    x = (cells.lon_e7[segment] / 1e7 - lon) * shrink
    y = cells.lat_e7[segment] / 1e7 - lat
    dx = (cells.lon_e7[segment + 1] / 1e7 - lon) * shrink - x
    dy = cells.lat_e7[segment + 1] / 1e7 - lat - y
    square = dx * dx + dy * dy
    at = -(x * dx + y * dy) / square if square > 0 else 0.0
    at = min(max(at, 0.0), 1.0)
    x, y = x + at * dx, y + at * dy
    return at, math.sqrt(x * x + y * y)


@compiled
def place_on_edges(
    lines: RoadLines, segment: Longs, along: Floats, at_junction_m: float
) -> tuple[Ints, Ints, Floats]:
    """Return the edges that positions lie on, those back or -1, and how far along the first, 0..1.

    Parameters
    ----------
    lines
        The roads as they are drawn.
    segment, along
        (k,) positions: the point that each lies after, and how far to the next, 0..1.
    at_junction_m
        What is nearer to an end of its edge lies at that end.
    """
    edge, reverse = np.empty(len(segment), np.int32), np.full(len(segment), -1, np.int32)
    fraction = np.empty(len(segment))
    for k in range(len(segment)):
        shape = np.searchsorted(lines.start, segment[k], "right") - 1
        total_m = before_m = 0.0
        for point in range(lines.start[shape], lines.start[shape + 1] - 1):
            passed = min(max(segment[k] + along[k] - point, 0.0), 1.0)
            total_m += lines.length_m[point]
            before_m += lines.length_m[point] * passed
        at = before_m / total_m if total_m > 0 else 0.0
        if before_m < at_junction_m:
            at = 0.0
        if total_m - before_m < at_junction_m:
            at = 1.0
        if lines.forward[shape] < 0:
            edge[k], fraction[k] = lines.backward[shape], 1 - at
        else:
            edge[k], reverse[k], fraction[k] = lines.forward[shape], lines.backward[shape], at
    return edge, reverse, fraction
