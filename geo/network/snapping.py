"""Joining points to the roads: the nearest position along an edge.

The roads' drawn lines lie in a grid of square cells that is built once and saved with the network.
Looking a point up reads the few cells around it; the answer is exact, because the search widens
until everything nearer than the best road found has been seen. Ferries never catch a point,
motorways and tunnels only one that lies on them, as the ends of recorded trips may. Nobody walks
over water: where it lies between, a road farther away is taken. The walk or track from the point to
the road is charged at both ends of a trip. All numbers are those of the
``[snap]`` table in ``data/speeds.toml``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.files import read_table
from geo.geometry import distances_m
from geo.network.graph import EdgeFlag, RoadGraph
from geo.network.readiness import loops_pay, read_only
from geo.network.road_samples import edges_of_shapes
from geo.network.segment_grid import SegmentGrid, expand

if TYPE_CHECKING:
    from geo.network.compiled_search import RoadLines

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

WaterBetween = Callable[[tuple[Floats, Floats], tuple[Floats, Floats]], Floats]
"""Returns the (k,) metres of water on straight lines from (k,) lon and lat to (k,) lon and lat."""

MAX_SNAP_M = 3000.0
"""Farther from every road than this, a position is not in the region."""

_NOT_PUBLIC = int(
    EdgeFlag.FERRY | EdgeFlag.NO_SNAP | EdgeFlag.GATE | EdgeFlag.OUTBOUND | EdgeFlag.INBOUND
)
_TRIED_AT_ONCE = 256  # segments around a point that water cuts off from the nearest ones
_AT_JUNCTION_M = 1.0  # nearer than this to the end of an edge is at the junction


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
        (k,) the same road driven the other way; -1 on a one-way.
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
    table = read_table("speeds")["snap"]
    driven_m = np.minimum(snap_m, table["track_m"])
    walked_m = snap_m - driven_m
    return np.asarray(
        driven_m * 3.6 / table["track_kmh"] + walked_m * 3.6 / table["walk_kmh"], np.float64
    )


class Snapper:
    """Finds the nearest road of a graph.

    Parameters
    ----------
    graph
        The roads.
    grid
        The grid that `Snapper.build_grid` made of the same graph.
    water
        What lies between; None where no water is known.
    """

    def __init__(
        self, graph: RoadGraph, grid: SegmentGrid, water: WaterBetween | None = None
    ) -> None:
        self._water = water
        self._graph = graph
        self._grid = grid
        self._shape_start = np.asarray(graph.shape_start)
        self._forward, self._backward = edges_of_shapes(graph)
        self._inbound = edges_of_shapes(graph, inbound=True)

    @staticmethod
    def build_grid(graph: RoadGraph) -> SegmentGrid:
        """Return the grid over all roads; ferries and gates are none."""
        flags, shapes = np.asarray(graph.edge_flags), np.asarray(graph.edge_shape)
        start = np.asarray(graph.shape_start)
        wanted, shy = np.zeros((2, len(start) - 1), bool)
        wanted[shapes[(flags & int(EdgeFlag.FERRY | EdgeFlag.GATE)) == 0]] = True
        shy[shapes[(flags & int(EdgeFlag.NO_SNAP)) != 0]] = True
        lengths = np.diff(start)
        first = np.repeat(wanted, lengths)
        first[start[1:] - 1] = False  # the last point begins no segment
        lon, lat = np.asarray(graph.shape_lon), np.asarray(graph.shape_lat)
        return SegmentGrid.build(lon, lat, np.flatnonzero(first), np.repeat(shy, lengths))

    def snap(self, lon: Floats, lat: Floats, *, max_snap_m: float) -> SnappedPoints:
        """Join points to the nearest road; see `SnappedPoints` for what stands for "none".

        Parameters
        ----------
        lon, lat
            (k,) degrees.
        max_snap_m
            How far a road may be.
        """
        on_road_m = read_table("speeds")["snap"]["on_road_m"]
        segment, along, snap_m = self._grid.nearest(
            lon, lat, within_m=max_snap_m, on_road_m=on_road_m
        )
        self._avoid_water(lon, lat, (segment, along, snap_m), max_snap_m)
        near = segment >= 0
        road_lon, road_lat = lon.copy(), lat.copy()
        edge = np.full(len(lon), -1, np.int32)
        reverse = edge.copy()
        fraction = np.zeros(len(lon))
        if near.any():
            at_lon, at_lat = self._grid.position(segment[near], along[near])
            road_lon[near], road_lat[near] = at_lon, at_lat
            edge[near], reverse[near], fraction[near] = self._on_public_roads(
                *self._place(segment[near], along[near])
            )
        far = ~near & np.isinf(snap_m)
        if far.any():
            snap_m[far] = self._to_junctions_m(lon[far], lat[far])
        return SnappedPoints(
            lon, lat, road_lon, road_lat, edge, reverse, fraction, snap_m, access_seconds(snap_m)
        )

    def _avoid_water(
        self,
        lon: Floats,
        lat: Floats,
        found: tuple[npt.NDArray[np.int64], Floats, Floats],
        max_snap_m: float,
    ) -> None:
        """Replace the segments that lie beyond water; -1 where all do, with the metres to them."""
        if self._water is None:
            return
        segment, along, snap_m = found
        most_m = read_table("speeds")["snap"]["water_m"]
        rows = np.flatnonzero((segment >= 0) & (snap_m > most_m))
        at = self._grid.position(segment[rows], along[rows])
        for row in rows[self._water((lon[rows], lat[rows]), at) > most_m]:
            ashore = self._ashore(self._water, float(lon[row]), float(lat[row]), max_snap_m)
            if ashore is None:
                segment[row] = -1
            else:
                segment[row], along[row], snap_m[row] = ashore

    def _ashore(
        self, water: WaterBetween, lon: float, lat: float, max_snap_m: float
    ) -> tuple[int, float, float] | None:
        """Return the nearest segment, position and metres to which no water is crossed."""
        rules = read_table("speeds")["snap"]
        segment, along, away_m = self._grid.around(
            lon, lat, within_m=max_snap_m, on_road_m=rules["on_road_m"]
        )
        for begin in range(0, len(segment), _TRIED_AT_ONCE):
            part = slice(begin, begin + _TRIED_AT_ONCE)
            at = self._grid.position(segment[part], along[part])
            here = np.full(len(at[0]), lon), np.full(len(at[0]), lat)
            free = np.flatnonzero(water(here, at) <= rules["water_m"])
            if len(free):
                best = begin + int(free[0])
                return int(segment[best]), float(along[best]), float(away_m[best])
        return None

    def _place(self, segment: npt.NDArray[np.int64], along: Floats) -> tuple[Ints, Ints, Floats]:
        """Return the edges and the fraction for positions on segments."""
        if loops_pay():
            from geo.network.compiled_search import place_on_edges

            return place_on_edges(self._lines, segment, along, _AT_JUNCTION_M)
        shape = np.searchsorted(self._shape_start, segment, "right") - 1
        total_m, before_m = self._measure(shape, segment, along)
        at = np.divide(before_m, total_m, out=np.zeros_like(before_m), where=total_m > 0)
        at[before_m < _AT_JUNCTION_M] = 0.0
        at[total_m - before_m < _AT_JUNCTION_M] = 1.0
        forward, backward = self._forward[shape], self._backward[shape]
        one_way_back = forward < 0
        edge = np.where(one_way_back, backward, forward)
        reverse = np.where(one_way_back, -1, backward)
        return edge, reverse, np.where(one_way_back, 1 - at, at)

    def _on_public_roads(
        self, edge: Ints, reverse: Ints, fraction: Floats
    ) -> tuple[Ints, Ints, Floats]:
        """Put what lies at the end of a road without through traffic onto the public road there.

        Otherwise a trip from that junction could begin by passing.
        """
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
                against = self._forward if graph.edge_reversed[public[0]] else self._backward
                reverse[row] = against[shape]
        return edge, reverse, fraction

    def _public_end(self, edge: int, *, at_head: bool) -> int:
        """Return the junction at an end of a road that is laid twice; the public one, if there is.

        Drives leave the public road by the copy that is come to by, and come back to it by the
        other one.
        """
        graph = self._graph
        if at_head:
            return int(graph.edge_head[edge])
        inbound = self._inbound[int(graph.edge_reversed[edge])][graph.edge_shape[edge]]
        return int(np.searchsorted(graph.first_edge, inbound, "right")) - 1

    def _measure(
        self, shape: npt.NDArray[np.int64], segment: npt.NDArray[np.int64], along: Floats
    ) -> tuple[Floats, Floats]:
        """Return the lengths of shapes, and the lengths up to positions on them, in metres."""
        start = self._shape_start[shape]
        count = self._shape_start[shape + 1] - 1 - start
        row, index = expand(start, count)
        lengths = self._grid.segment_m(index)
        passed = np.clip(segment[row] + along[row] - index, 0.0, 1.0)
        total_m = np.bincount(row, lengths, minlength=len(shape)).astype(np.float64)
        before_m = np.bincount(row, lengths * passed, minlength=len(shape))
        return total_m, before_m.astype(np.float64)

    @cached_property
    def _lines(self) -> RoadLines:
        """The roads' lines as the loops take them."""
        from geo.network.compiled_search import RoadLines

        lengths_m = self._grid.segment_m(np.arange(int(self._shape_start[-1]) - 1))
        return RoadLines(
            read_only(self._shape_start),
            read_only(lengths_m),
            read_only(self._forward),
            read_only(self._backward),
        )

    def _to_junctions_m(self, lon: Floats, lat: Floats) -> Floats:
        """Return metres to the nearest junction; ``inf`` where there are no roads."""
        from scipy.spatial import cKDTree

        junction_lon = np.asarray(self._graph.junction_lon)
        junction_lat = np.asarray(self._graph.junction_lat)
        if not len(junction_lon):
            return np.full(len(lon), np.inf)
        tree = cKDTree(_unit_vectors(junction_lon, junction_lat))
        _, nearest = tree.query(_unit_vectors(lon, lat))
        return distances_m(lon, lat, junction_lon[nearest], junction_lat[nearest])


def _unit_vectors(lon: Floats, lat: Floats) -> Floats:
    """Return (k, 3) positions on the unit sphere."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)
