"""Joining points to the roads: the nearest position along an edge.

The roads' drawn lines lie in a grid of square cells that is built once and saved with the network.
A search reads the few cells around a point and widens until everything nearer than the best road
found has been seen, so the answer is exact. Ferries never catch a point, motorways and tunnels only
one that lies on them, as the ends of recorded trips may. Nobody walks over water: where it lies
between, a road farther away is taken. The walk or track between point and road is charged at both
ends of a trip. All numbers are those of the ``[snap]`` table in ``data/speeds.toml``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.files import read_table
from geo.geometry import distances_m
from geo.network.graph import EdgeFlag, Floats, Ints, Longs, RoadGraph, edges_of_shapes
from geo.network.segment_grid import NearestSegments, SegmentGrid, SnapRadii, expand

if TYPE_CHECKING:
    from geo.network.search import NetworkSearch

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
        for field in fields(self):
            np.save(folder / f"snap_{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> SnappedPoints:
        """Read what `save` wrote."""
        return cls(
            **{
                field.name: np.load(folder / f"snap_{field.name}.npy", allow_pickle=False)
                for field in fields(cls)
            }
        )


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

    Attributes
    ----------
    start
        (s + 1,) points ``start[k]:start[k + 1]`` draw shape k.
    forward, backward
        (s,) the edge along a shape and the one against it; -1 = none.
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
            snap_m[far] = self._to_junctions_m(lon[far], lat[far])
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

    def _to_junctions_m(self, lon: Floats, lat: Floats) -> Floats:
        """Return metres to the nearest junction; ``inf`` where there are no roads."""
        graph = self._graph
        if not graph.junction_count:
            return np.full(len(lon), np.inf)
        junctions = _unit_vectors(np.asarray(graph.junction_lon), np.asarray(graph.junction_lat))
        nearest = [int(np.argmax(junctions @ point)) for point in _unit_vectors(lon, lat)]
        return distances_m(lon, lat, graph.junction_lon[nearest], graph.junction_lat[nearest])


def _unit_vectors(lon: Floats, lat: Floats) -> Floats:
    """Return (k, 3) positions on the unit sphere."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)
