"""`RoadNetwork`: the roads of a region, and every question about driving on them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import AcrossWater, OutsideRegion
from geo.model import Point
from geo.network.graph import CONDITIONS, DRY, Conditions, Floats, Ints, RoadGraph
from geo.network.reach import AccessLegs, Reach
from geo.network.search import ArraySearch, NetworkArrays, NetworkSearch
from geo.network.snapping import (
    MAX_SNAP_M,
    SegmentGrid,
    SnappedPoints,
    Snapper,
    WaterBetween,
    build_grid,
)

_ORDER = "order.npy"


@dataclass(frozen=True, slots=True)
class TravelTimeMatrix:
    """Travel times between n origins and m destinations: (n, m) float32 seconds.

    ``inf`` = unreachable, or beyond the cutoff.
    """

    seconds: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Route:
    """One trip: its seconds, the walks or tracks at both ends included, and its metres of road.

    ``points`` are (k, 2) lon, lat of the line between the two places on the road.
    """

    travel_time_s: float
    length_m: float
    points: Floats


def _trace(reach: Reach, destination: SnappedPoints) -> Route | None:
    """Return the trip from the origin of a reach to one position; None where it is beyond.

    The reach is not homeward.
    """
    ends = reach.trip_ends(destination)
    exact_s, junction = float(ends.seconds[0]), int(ends.junction[0])
    if not np.isfinite(exact_s):
        return None
    if junction < 0:
        lines = [_direct(reach, destination)]
    else:
        lines = _through(reach, destination, junction, exact_s)
    points = np.concatenate([_position(reach.origin), *lines, _position(destination)])
    kept = np.ones(len(points), bool)
    kept[1:] = (points[1:] != points[:-1]).any(axis=1)
    if kept.sum() == 1:
        kept[-1] = True  # a line has two ends, be they the same
    seconds, length_m = reach.trips_to(destination)
    return Route(float(seconds[0]), float(length_m[0]), points[kept])


def _through(
    reach: Reach, destination: SnappedPoints, junction: int, exact_s: float
) -> list[Floats]:
    """Return the lines of a trip over junctions, in the order of driving."""
    graph = reach.network.graph
    lines = []
    fraction = float(destination.fraction[0])
    last_s = exact_s - float(reach.exact_seconds[junction])  # exact, as all seconds are ticks
    column = _column(reach.last_legs(destination), junction, last_s)
    if column == 0:
        lines.append(_part(graph, int(destination.edge[0]), 0.0, fraction))
    elif column == 1:
        lines.append(_part(graph, int(destination.reverse_edge[0]), 0.0, 1 - fraction))
    while (edge := int(reach.parent_edge[junction])) >= 0:
        lines.append(graph.shape(edge))
        junction = int(reach.network.edges.tail[edge])
    fraction = float(reach.origin.fraction[0])
    column = _column(reach.first_legs, junction, float(reach.exact_seconds[junction]))
    if column == 0:
        lines.append(_part(graph, int(reach.origin.edge[0]), fraction, 1.0))
    elif column == 1:
        lines.append(_part(graph, int(reach.origin.reverse_edge[0]), 1 - fraction, 1.0))
    return lines[::-1]


def _column(legs: AccessLegs, junction: int, seconds: float) -> int:
    """Return by which leg a trip comes to a junction: 0 = edge, 1 = reverse edge, 2 = none."""
    fits = (legs.junction[0] == junction) & (legs.seconds[0] == seconds)
    return int(np.argmax(fits)) % 3  # the copies of a duplicated road are drawn alike


def _direct(reach: Reach, destination: SnappedPoints) -> Floats:
    """Return the line of a trip that never leaves its edge."""
    graph, origin = reach.network.graph, reach.origin
    start, end = float(origin.fraction[0]), float(destination.fraction[0])
    if end >= start:
        return _part(graph, int(origin.edge[0]), start, end)
    return _part(graph, int(origin.reverse_edge[0]), 1 - start, 1 - end)


def _part(graph: RoadGraph, edge: int, start: float, end: float) -> Floats:
    """Return the points of an edge's line between two fractions of its length, 0 and 1 included."""
    points = graph.shape(edge)
    x = points[:, 0] * np.cos(np.radians(points[0, 1]))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(points[:, 1])))])
    at = along / along[-1] if along[-1] > 0 else along
    inner = (at > start) & (at < end)
    inner[0], inner[-1] = start == 0, end == 1
    return np.asarray(points[inner])


def _position(snaps: SnappedPoints) -> Floats:
    return np.column_stack([snaps.road_lon, snaps.road_lat])


class RoadNetwork:
    """The roads of a region. Every thread may ask at the same time.

    Parameters
    ----------
    graph
        The roads as arrays.
    grid, order
        What `save` wrote of an earlier network of the same graph; made when first needed if None.
    water
        Measures the water on straight lines, which nobody walks over; None where none is known.
    compiled
        Whether to search by compiled loops, which load for half a second and then are many times
        faster; the numbers are the same.
    """

    def __init__(
        self,
        graph: RoadGraph,
        *,
        grid: SegmentGrid | None = None,
        order: Ints | None = None,
        water: WaterBetween | None = None,
        compiled: bool = True,
    ) -> None:
        self.graph = graph
        self._network = NetworkArrays(graph, order)
        self._grid = grid
        self._water = water
        self._compiled = compiled
        self._prepared: tuple[NetworkSearch, Snapper] | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls, folder: Path, *, water: WaterBetween | None = None, compiled: bool = True
    ) -> RoadNetwork:
        """Open the network that `save` wrote; nothing is read before it is needed."""
        graph = RoadGraph.load(folder)
        grid = SegmentGrid.load(folder, np.asarray(graph.shape_lon), np.asarray(graph.shape_lat))
        order = np.asarray(np.load(folder / _ORDER, mmap_mode="r", allow_pickle=False))
        return cls(graph, grid=grid, order=order, water=water, compiled=compiled)

    def save(self, folder: Path) -> None:
        """Write the graph, and what makes opening and matrices fast, into an existing folder."""
        self.graph.save(folder)
        self._snapper.grid.save(folder)
        np.save(folder / _ORDER, self._network.order)

    def snap(
        self, lons: npt.ArrayLike, lats: npt.ArrayLike, *, max_snap_m: float = MAX_SNAP_M
    ) -> SnappedPoints:
        """Join k points, in degrees, to the nearest positions on roads.

        Where every road is farther than ``max_snap_m``, or beyond water, the edge is -1 and
        ``snap_m`` still says how far it is.
        """
        lon = np.atleast_1d(np.asarray(lons, np.float64))
        lat = np.atleast_1d(np.asarray(lats, np.float64))
        return self._snapper.snap(lon, lat, max_snap_m=max_snap_m)

    def snap_point(self, point: Point, *, max_snap_m: float = MAX_SNAP_M) -> SnappedPoints:
        """Join one point to the nearest position on a road.

        Raises
        ------
        OutsideRegion
            Every road is farther than ``max_snap_m``; the error says how far.
        AcrossWater
            Roads are nearer, but water lies between.
        """
        snaps = self.snap([point.lon], [point.lat], max_snap_m=max_snap_m)
        if not snaps.found[0]:
            raise _outside(float(snaps.snap_m[0]), max_snap_m)
        return snaps

    def reach(
        self,
        origin: Point | SnappedPoints,
        *,
        cutoff_s: float,
        conditions: Conditions = DRY,
        homeward: bool = False,
    ) -> Reach:
        """Return the travel times from one origin, a point or a snap of length 1, to everywhere.

        Or, homeward, to the origin from everywhere. A cutoff of ``inf`` searches everything.

        Raises
        ------
        OutsideRegion
            The origin is too far from every road.
        """
        return self._search.reach(
            self._one(origin), cutoff_s=cutoff_s, conditions=conditions, homeward=homeward
        )

    def matrix(
        self,
        origins: Sequence[Point] | SnappedPoints,
        destinations: Sequence[Point] | SnappedPoints,
        *,
        cutoff_s: float = np.inf,
        conditions: Conditions = DRY,
    ) -> TravelTimeMatrix:
        """Return the travel times between n origins and m destinations.

        A point that no road is near to has a row or column of ``inf``, and so is what is beyond the
        cutoff.
        """
        starts, ends = self._many(origins), self._many(destinations)
        seconds = np.full((len(starts), len(ends)), np.inf, np.float32)
        rows, columns = np.flatnonzero(starts.found), np.flatnonzero(ends.found)
        if len(rows) and len(columns):
            seconds[np.ix_(rows, columns)] = self._search.matrix(
                starts[rows], ends[columns], cutoff_s=float(cutoff_s), conditions=conditions
            )
        return TravelTimeMatrix(seconds)

    def route(
        self,
        origin: Point | SnappedPoints,
        destination: Point | SnappedPoints,
        *,
        conditions: Conditions = DRY,
    ) -> Route | None:
        """Return the fastest trip; None where there is no way.

        Raises
        ------
        OutsideRegion
            One of the ends is too far from every road.
        """
        end = self._one(destination)
        return _trace(self.reach(origin, cutoff_s=np.inf, conditions=conditions), end)

    def _one(self, point: Point | SnappedPoints) -> SnappedPoints:
        if isinstance(point, Point):
            return self.snap_point(point)
        if not point.found[0]:
            raise _outside(float(point.snap_m[0]), MAX_SNAP_M)
        return point[:1]

    def _many(self, points: Sequence[Point] | SnappedPoints) -> SnappedPoints:
        if isinstance(points, SnappedPoints):
            return points
        return self.snap([point.lon for point in points], [point.lat for point in points])

    @property
    def _search(self) -> NetworkSearch:
        return self._prepare()[0]

    @property
    def _snapper(self) -> Snapper:
        return self._prepare()[1]

    def _prepare(self) -> tuple[NetworkSearch, Snapper]:
        with self._lock:
            if self._prepared is None:
                search = _new_search(self._network, compiled=self._compiled)
                grid = self._grid or build_grid(self.graph)
                self._prepared = search, Snapper(self.graph, grid, search, self._water)
            return self._prepared


def _new_search(network: NetworkArrays, *, compiled: bool) -> NetworkSearch:
    if not compiled:
        return ArraySearch(network)
    from geo.network.compiled_search import CompiledSearch

    return CompiledSearch(network)


def _outside(snap_m: float, max_snap_m: float) -> OutsideRegion:
    if not np.isfinite(snap_m):
        return OutsideRegion("the region has no roads at all; build it from another extract.")
    if snap_m <= max_snap_m:
        return AcrossWater(
            "water separates the position from every road of the region around it; choose a "
            "position beside a road.",
            snap_m=snap_m,
        )
    km = snap_m / 1000
    away = f"{km:.1f}" if km < 10 else f"{km:,.0f}"
    return OutsideRegion(
        f"the position is {away} km from the nearest road of the region, more than "
        f"{max_snap_m / 1000:g} km; choose a position nearer to a road, or the region it is in.",
        snap_m=snap_m,
    )


def warm() -> None:
    """Compile the loops of searches, or load them; some ten seconds once for a computer."""
    network = RoadNetwork(_one_road())
    snaps = network.snap([0.001], [0.0])
    network.matrix(snaps, snaps)
    network.reach(snaps, cutoff_s=60).trips_to(snaps)


def _one_road() -> RoadGraph:
    """Return two junctions on the equator and the road between them."""
    zeros = np.zeros(2, np.int32)
    return RoadGraph(
        junction_lon=np.array([0.0, 0.01]),
        junction_lat=np.zeros(2),
        first_edge=np.array([0, 1, 2], np.int32),
        edge_head=np.array([1, 0], np.int32),
        edge_length_m=np.full(2, 1113.0, np.float32),
        edge_seconds=np.full((len(CONDITIONS), 2), 80.0, np.float32),
        edge_flags=zeros.astype(np.uint8),
        edge_class=zeros.astype(np.uint8),
        edge_way=zeros.astype(np.int64),
        edge_shape=zeros,
        edge_reversed=np.array([False, True]),
        shape_start=np.array([0, 2]),
        shape_lon=np.array([0, 100_000], np.int32),
        shape_lat=zeros,
    )
