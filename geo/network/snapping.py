"""Snapping: joining points to the nearest positions on roads.

The roads' drawn lines lie in a grid of square cells that is built once and saved with the network.
A search reads the few cells around a point and widens until everything nearer than the best road
found has been seen, so the answer is exact. Ferries never catch a point, motorways and tunnels only
one that lies on them, as the ends of recorded trips may. Nobody walks over water: where it lies
between, a road farther away is taken. The walk or track between point and road is charged at both
ends of a trip. All numbers are those of the ``[snap]`` table in ``data/speeds.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.files import read_table
from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import EdgeFlag, Floats, Ints, Longs, RoadGraph, edges_of_shapes, expand

if TYPE_CHECKING:
    from geo.network.search import NetworkSearch


_CELL_M = 60.0
FIRST_RADIUS_M = _CELL_M / 2
"""How far a point is searched first; then three times as far, again and again."""

_CELLS_PER_SEGMENT = 4  # a sparse region gets larger cells instead of millions of empty ones


class SnapRadii(NamedTuple):
    """How far to search, and how near counts as on a segment; metres."""

    within_m: float
    on_road_m: float


class NearestSegments(NamedTuple):
    """(k,) segments, -1 = none; positions along them, 0..1; metres to them, ``inf`` = none."""

    segment: Longs
    along: Floats
    away_m: Floats


class SegmentGrid(NamedTuple):
    """Segments of lines in the cells of a grid.

    Attributes
    ----------
    lon_e7, lat_e7
        (p,) the points of all lines, degrees times 1e7; segment i runs from point i to i + 1.
    frame
        (4,) west, south, and the width and height of a cell, in degrees times 1e7.
    size
        (2,) columns and rows.
    first
        (cells + 1,) cell c lists ``segment[first[c]:first[c + 1]]``; cells run eastwards, then
        northwards.
    segment
        Segments, by cell; -2 - i stands for the minor segment i, which catches only what lies on
        it.
    """

    lon_e7: Ints
    lat_e7: Ints
    frame: Floats
    size: Longs
    first: Ints
    segment: Ints

    @classmethod
    def build(
        cls, lon_e7: Ints, lat_e7: Ints, segments: Longs, minor: npt.NDArray[np.bool_]
    ) -> SegmentGrid:
        """Put segments into a grid whose cell suits their number.

        ``segments`` are the points that begin one. (p,) ``minor`` ones catch only what lies on
        them.
        """
        frame, size = _frame(lon_e7, lat_e7, segments)
        cells, owner = _cells_touched(lon_e7, lat_e7, segments, frame, size)
        order = np.lexsort((owner, cells))
        cells, owner = cells[order], owner[order]
        new = np.ones(len(cells), bool)
        new[1:] = (cells[1:] != cells[:-1]) | (owner[1:] != owner[:-1])
        counts = np.bincount(cells[new], minlength=int(size[0] * size[1]))
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        owner = owner[new]
        segment = np.where(minor[owner], -2 - owner, owner).astype(np.int32)
        return cls(lon_e7, lat_e7, frame, size, first, segment)

    def save(self, folder: Path) -> None:
        """Write the arrays that the graph does not have into an existing folder."""
        for name in self._fields[2:]:
            np.save(folder / f"grid_{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path, lon_e7: Ints, lat_e7: Ints) -> SegmentGrid:
        """Map what `save` wrote into memory, read-only."""
        paths = [folder / f"grid_{name}.npy" for name in cls._fields[2:]]
        return cls(lon_e7, lat_e7, *[np.asarray(np.load(path, mmap_mode="r")) for path in paths])

    def position(self, segment: Longs, along: Floats) -> tuple[Floats, Floats]:
        """Return lon and lat of positions, ``along`` running from 0 to 1 on each segment."""
        west, east = self.lon_e7[segment] / 1e7, self.lon_e7[segment + 1] / 1e7
        south, north = self.lat_e7[segment] / 1e7, self.lat_e7[segment + 1] / 1e7
        return west + along * (east - west), south + along * (north - south)

    def segment_m(self, segment: Longs) -> Floats:
        """Return the lengths of segments in metres, each on a plane at its own latitude."""
        lat = self.lat_e7[segment] / 1e7
        x = (self.lon_e7[segment + 1] - self.lon_e7[segment]) / 1e7 * np.cos(np.radians(lat))
        return np.asarray(np.hypot(x, self.lat_e7[segment + 1] / 1e7 - lat) * METRES_PER_DEGREE)

    def nearest(self, lon: Floats, lat: Floats, radii: SnapRadii) -> NearestSegments:
        """Return the nearest segment to each of k points, in degrees.

        A minor segment catches only what lies on it, and counts as that much farther than it is,
        so that others about as near come first.
        """
        found = NearestSegments(
            np.empty(len(lon), np.int64), np.empty(len(lon)), np.empty(len(lon))
        )
        shrink = np.cos(np.radians(lat))
        for row, point in enumerate(zip(lon, lat, shrink, strict=True)):
            nearest = self._nearest_to(*point, radii)
            found.segment[row], found.along[row], found.away_m[row] = nearest
        return found

    def _nearest_to(
        self, lon: float, lat: float, shrink: float, radii: SnapRadii
    ) -> tuple[int, float, float]:
        radius_m = min(FIRST_RADIUS_M, radii.within_m)
        while True:
            code, along, away_m = self._in_square(lon, lat, shrink, radius_m)
            on_it = np.where(away_m <= radii.on_road_m, away_m + radii.on_road_m, np.inf)
            counted_m = np.where(code < 0, on_it, away_m)
            best = int(np.argmin(counted_m)) if len(code) else -1
            if best >= 0 and counted_m[best] <= radius_m:
                if code[best] >= 0:
                    return code[best], along[best], counted_m[best]
                return -2 - code[best], along[best], counted_m[best] - radii.on_road_m
            if radius_m >= radii.within_m:
                return -1, 0.0, np.inf
            radius_m = min(radius_m * 3, radii.within_m)  # farther cells may hold a nearer one

    def around(self, lon: float, lat: float, radii: SnapRadii) -> NearestSegments:
        """Return all segments around one point, the nearest first; see `nearest`."""
        shrink = float(np.cos(np.radians(lat)))
        listed, along, away_m = self._in_square(lon, lat, shrink, radii.within_m)
        code, row = np.unique(listed, return_index=True)
        along, away_m = along[row], away_m[row]
        catches = away_m <= np.where(code < 0, radii.on_road_m, radii.within_m)
        order = np.flatnonzero(catches)[np.argsort(away_m[catches], kind="stable")]
        segment = np.where(code < 0, -2 - code, code)
        return NearestSegments(segment[order], along[order], away_m[order])

    def _in_square(
        self, lon: float, lat: float, shrink: float, radius_m: float
    ) -> tuple[Longs, Floats, Floats]:
        """Return the segments in all cells within a square around a point.

        (s,) segments as ``self.segment`` has them, where along each its nearest position is, and
        metres to that, on a plane that touches the Earth at the point.
        """
        west, south, width, height = self.frame
        columns, rows = self.size
        up = radius_m / METRES_PER_DEGREE * 1e7
        sideways = up / max(shrink, 1e-6)
        x, y = lon * 1e7 - west, lat * 1e7 - south
        low_x, high_x = (math.floor((x + side) / width) for side in (-sideways, sideways))
        low_y, high_y = (math.floor((y + side) / height) for side in (-up, up))
        parts = [np.empty(0, np.int32)]
        if high_x >= 0 and low_x < columns:
            low_x, high_x = max(low_x, 0), min(high_x, columns - 1)
            for row in range(max(low_y, 0), min(high_y, rows - 1) + 1):
                start, end = self.first[row * columns + np.array([low_x, high_x + 1])]
                parts.append(self.segment[start:end])
        code = np.concatenate(parts).astype(np.int64)
        segment = np.where(code < 0, -2 - code, code)
        x1 = (self.lon_e7[segment] / 1e7 - lon) * shrink
        y1 = self.lat_e7[segment] / 1e7 - lat
        dx = (self.lon_e7[segment + 1] / 1e7 - lon) * shrink - x1
        dy = self.lat_e7[segment + 1] / 1e7 - lat - y1
        square = dx * dx + dy * dy
        along = np.divide(-(x1 * dx + y1 * dy), square, out=np.zeros_like(dx), where=square > 0)
        along = np.clip(along, 0.0, 1.0)
        x1, y1 = x1 + along * dx, y1 + along * dy
        return code, along, np.sqrt(x1 * x1 + y1 * y1) * METRES_PER_DEGREE


def _frame(lon_e7: Ints, lat_e7: Ints, segments: Longs) -> tuple[Floats, Longs]:
    """Return the frame and size of a grid over segments."""
    if not len(segments):
        return np.array([0.0, 0.0, 1.0, 1.0]), np.array([1, 1])
    ends = np.concatenate([segments, segments + 1])
    west, east = float(lon_e7[ends].min()), float(lon_e7[ends].max())
    south, north = float(lat_e7[ends].min()), float(lat_e7[ends].max())
    shrink = max(float(np.cos(np.radians((south + north) / 2e7))), 1e-6)
    wide_m = (east - west) / 1e7 * METRES_PER_DEGREE * shrink
    high_m = (north - south) / 1e7 * METRES_PER_DEGREE
    fair_m = float(np.sqrt(wide_m * high_m / (_CELLS_PER_SEGMENT * len(segments))))
    height = max(_CELL_M, fair_m) / METRES_PER_DEGREE * 1e7
    width = height / shrink
    size = np.array([int((east - west) // width) + 1, int((north - south) // height) + 1])
    return np.array([west, south, width, height]), size


def _cells_touched(
    lon_e7: Ints, lat_e7: Ints, segments: Longs, frame: Floats, size: Longs
) -> tuple[Longs, Longs]:
    """Return pairs of cell and segment such that each cell that a segment crosses is there.

    Segments are cut into pieces no longer than a cell; a piece is listed in all (up to four)
    cells of its bounding box.
    """
    west, south, width, height = frame
    x = (lon_e7 - west) / width
    y = (lat_e7 - south) / height
    dx, dy = x[segments + 1] - x[segments], y[segments + 1] - y[segments]
    pieces = np.ceil(np.maximum(np.maximum(np.abs(dx), np.abs(dy)), 1e-9)).astype(np.int64)
    row, number = expand(np.zeros(len(segments), np.int64), pieces)
    begin, end = number / pieces[row], (number + 1) / pieces[row]
    columns = [np.floor(x[segments[row]] + dx[row] * at).astype(np.int64) for at in (begin, end)]
    lines = [np.floor(y[segments[row]] + dy[row] * at).astype(np.int64) for at in (begin, end)]
    cells = np.concatenate(
        [
            line.clip(0, size[1] - 1) * size[0] + column.clip(0, size[0] - 1)
            for line in lines
            for column in columns
        ]
    )
    return cells, np.tile(segments[row], 4)


WaterBetween = Callable[[tuple[Floats, Floats], tuple[Floats, Floats]], Floats]
"""Returns the (k,) metres of water on straight lines from (k,) lon and lat to (k,) lon and lat."""

MAX_SNAP_M = 3000.0
"""Farther from every road than this, a position is not in the region."""

_NOT_PUBLIC = int(
    EdgeFlag.FERRY | EdgeFlag.NO_SNAP | EdgeFlag.GATE | EdgeFlag.OUTBOUND | EdgeFlag.INBOUND
)
_TRIED_AT_ONCE = 256  # segments around a point that water cuts off from the nearest ones
AT_JUNCTION_M = 1.0
"""What is nearer than this to the end of an edge is at the junction."""


@dataclass(frozen=True, slots=True)
class SnappedPoints:
    """Where k points join the roads.

    Attributes
    ----------
    lon, lat
        (k,) the points as given, degrees.
    road_lon, road_lat
        (k,) the nearest positions on a road; the points themselves where nothing was near.
    edge
        (k,) the edge at that position; -1 where every road is too far, or beyond water.
    reverse_edge
        (k,) the same road driven in reverse; -1 on a one-way.
    fraction
        (k,) how far along ``edge`` the position is, 0..1.
    snap_m
        (k,) metres from the point to the road; where nothing was near, to the nearest junction;
        where water lies between, to the nearest road.
    access_s
        (k,) seconds for that walk or track.
    """

    lon: Floats
    lat: Floats
    road_lon: Floats
    road_lat: Floats
    edge: Ints
    reverse_edge: Ints
    fraction: Floats
    snap_m: Floats
    access_s: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def __getitem__(self, rows: int | slice | npt.NDArray[np.integer | np.bool_]) -> SnappedPoints:
        if isinstance(rows, int):
            row = range(len(self))[rows]  # an IndexError beyond the end, so that loops end
            rows = slice(row, row + 1)
        return SnappedPoints(*[getattr(self, name)[rows] for name in self.__slots__])

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """(k,) whether a road was near enough."""
        return self.edge >= 0

    def save(self, folder: Path) -> None:
        """Write one ``.npy`` file for each array into an existing folder."""
        for name in self.__slots__:
            np.save(folder / f"snap_{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> SnappedPoints:
        """Read what `save` wrote."""
        paths = [folder / f"snap_{name}.npy" for name in cls.__slots__]
        return cls(*[np.load(path, allow_pickle=False) for path in paths])


def access_seconds(snap_m: Floats) -> Floats:
    """Return the seconds between a point and its road: a short track is driven, the rest walked."""
    table = _rules()
    driven_m = np.minimum(snap_m, table["track_m"])
    walked_m = snap_m - driven_m
    return np.asarray(
        driven_m * 3.6 / table["track_kmh"] + walked_m * 3.6 / table["walk_kmh"], np.float64
    )


def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = read_table("speeds")["snap"]
    return rules


class EdgePositions(NamedTuple):
    """(k,) edges, their reverse edges or -1, and how far along the first positions are, 0..1."""

    edge: Ints
    reverse_edge: Ints
    fraction: Floats


class RoadLines:
    """The roads as they are drawn, and the edges over them.

    Points ``start[k]:start[k + 1]`` draw shape k of (s,); ``forward`` and ``backward`` are the edge
    along it and the one against it, -1 = none.
    """

    def __init__(self, graph: RoadGraph, grid: SegmentGrid) -> None:
        self.grid = grid
        self.start = np.asarray(graph.shape_start)
        self.forward, self.backward = edges_of_shapes(graph)

    @cached_property
    def segment_m(self) -> Floats:
        """(p - 1,) metres of all segments."""
        return self.grid.segment_m(np.arange(int(self.start[-1]) - 1))

    def edge_positions(self, segment: Longs, along: Floats) -> EdgePositions:
        """Return the edges under k positions on segments, ``along`` running from 0 to 1."""
        shape = np.searchsorted(self.start, segment, "right") - 1
        total_m, before_m = self._measure(shape, segment, along)
        at = np.divide(before_m, total_m, out=np.zeros_like(before_m), where=total_m > 0)
        at[before_m < AT_JUNCTION_M] = 0.0
        at[total_m - before_m < AT_JUNCTION_M] = 1.0
        forward, backward = self.forward[shape], self.backward[shape]
        one_way_back = forward < 0
        return EdgePositions(
            np.where(one_way_back, backward, forward),
            np.where(one_way_back, -1, backward),
            np.where(one_way_back, 1 - at, at),
        )

    def _measure(self, shape: Longs, segment: Longs, along: Floats) -> tuple[Floats, Floats]:
        """Return the lengths of shapes, and the lengths up to positions on them, in metres."""
        start = self.start[shape]
        row, index = expand(start, self.start[shape + 1] - 1 - start)
        length_m = self.grid.segment_m(index)
        passed = np.clip(segment[row] + along[row] - index, 0.0, 1.0)
        total_m = np.bincount(row, length_m, minlength=len(shape)).astype(np.float64)
        before_m = np.bincount(row, length_m * passed, minlength=len(shape))
        return total_m, before_m.astype(np.float64)


def build_grid(graph: RoadGraph) -> SegmentGrid:
    """Return the grid over all roads; ferries and gates are none."""
    flags, shapes = np.asarray(graph.edge_flags), np.asarray(graph.edge_shape)
    start = np.asarray(graph.shape_start)
    wanted, minor = np.zeros((2, len(start) - 1), bool)
    wanted[shapes[(flags & int(EdgeFlag.FERRY | EdgeFlag.GATE)) == 0]] = True
    minor[shapes[(flags & int(EdgeFlag.NO_SNAP)) != 0]] = True
    counts = np.diff(start)
    first = np.repeat(wanted, counts)
    first[start[1:] - 1] = False  # the last point begins no segment
    lon, lat = np.asarray(graph.shape_lon), np.asarray(graph.shape_lat)
    return SegmentGrid.build(lon, lat, np.flatnonzero(first), np.repeat(minor, counts))


class Snapper:
    """Finds the nearest road of a graph; no water is None."""

    def __init__(
        self,
        graph: RoadGraph,
        grid: SegmentGrid,
        search: NetworkSearch,
        water: WaterBetween | None = None,
    ) -> None:
        self._graph = graph
        self.grid = grid
        self._search = search
        self._water = water
        self._lines = RoadLines(graph, grid)
        self._inbound = edges_of_shapes(graph, inbound=True)

    def snap(self, lon: Floats, lat: Floats, *, max_snap_m: float) -> SnappedPoints:
        """Join (k,) positions in degrees to the nearest road; see `SnappedPoints` for "none"."""
        radii = SnapRadii(float(max_snap_m), float(_rules()["on_road_m"]))
        found = self._search.nearest_segments(self.grid, lon, lat, radii)
        self._avoid_water(lon, lat, found, radii)
        segment, along, snap_m = found
        near = segment >= 0
        road_lon, road_lat = lon.copy(), lat.copy()
        edge = np.full(len(lon), -1, np.int32)
        reverse = edge.copy()
        fraction = np.zeros(len(lon))
        if near.any():
            at_lon, at_lat = self.grid.position(segment[near], along[near])
            road_lon[near], road_lat[near] = at_lon, at_lat
            positions = self._search.edge_positions(self._lines, segment[near], along[near])
            self._move_to_public_roads(positions)
            edge[near], reverse[near], fraction[near] = positions
        far = ~near & np.isinf(snap_m)
        if far.any():
            snap_m[far] = self._graph.nearest_junction_m(lon[far], lat[far])
        return SnappedPoints(
            lon, lat, road_lon, road_lat, edge, reverse, fraction, snap_m, access_seconds(snap_m)
        )

    def _avoid_water(
        self, lon: Floats, lat: Floats, found: NearestSegments, radii: SnapRadii
    ) -> None:
        """Replace the segments that lie beyond water; -1 where all do, with the metres to them."""
        if self._water is None:
            return
        segment, along, snap_m = found
        most_m = _rules()["water_m"]
        rows = np.flatnonzero((segment >= 0) & (snap_m > most_m))
        if not len(rows):
            return
        at = self.grid.position(segment[rows], along[rows])
        for row in rows[self._water((lon[rows], lat[rows]), at) > most_m]:
            ashore = self._ashore(self._water, float(lon[row]), float(lat[row]), radii)
            if ashore is None:
                segment[row] = -1
            else:
                segment[row], along[row], snap_m[row] = ashore

    def _ashore(
        self, water: WaterBetween, lon: float, lat: float, radii: SnapRadii
    ) -> tuple[int, float, float] | None:
        """Return the nearest segment, position and metres to which no water is crossed."""
        segment, along, away_m = self.grid.around(lon, lat, radii)
        for begin in range(0, len(segment), _TRIED_AT_ONCE):
            part = slice(begin, begin + _TRIED_AT_ONCE)
            at = self.grid.position(segment[part], along[part])
            here = np.full(len(at[0]), lon), np.full(len(at[0]), lat)
            free = np.flatnonzero(water(here, at) <= _rules()["water_m"])
            if len(free):
                best = begin + int(free[0])
                return int(segment[best]), float(along[best]), float(away_m[best])
        return None

    def _move_to_public_roads(self, positions: EdgePositions) -> None:
        """Put what lies at the end of a road without through traffic onto the public road there.

        Otherwise a trip from that junction could begin by passing.
        """
        edge, reverse, fraction = positions
        graph = self._graph
        flags = np.asarray(graph.edge_flags)
        outbound = (flags[edge] & int(EdgeFlag.OUTBOUND)) != 0
        for row in np.flatnonzero(outbound & ((fraction == 0) | (fraction == 1))):
            junction = self._public_end(int(edge[row]), at_head=fraction[row] == 1)
            leaves = np.arange(graph.first_edge[junction], graph.first_edge[junction + 1])
            public = leaves[(flags[leaves] & _NOT_PUBLIC) == 0]
            if len(public):
                shape = graph.edge_shape[public[0]]
                edge[row], fraction[row] = public[0], 0.0
                lines = self._lines
                against = lines.forward if graph.edge_reversed[public[0]] else lines.backward
                reverse[row] = against[shape]

    def _public_end(self, edge: int, *, at_head: bool) -> int:
        """Return the junction at an end of a duplicated road; the public one, if there is.

        Drives leave the public road by the inbound copy, and come back to it by the other one.
        """
        graph = self._graph
        if at_head:
            return int(graph.edge_head[edge])
        inbound = self._inbound[int(graph.edge_reversed[edge])][graph.edge_shape[edge]]
        return int(np.searchsorted(graph.first_edge, inbound, "right")) - 1
