"""`RoadNetwork`: the roads of a region, and every question about driving on them.

The way of one trip: what is driven, and how it looks on a map.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import AcrossWater, OutsideRegion
from geo.model import Point
from geo.network.access_legs import EdgeTable, access_legs, egress_legs
from geo.network.graph import DRY, Conditions, RoadGraph
from geo.network.hierarchy import Hierarchy
from geo.network.matrix import Roads, TravelTimeMatrix, travel_times
from geo.network.readiness import loops_pay
from geo.network.road_samples import RoadSampler
from geo.network.search import AdjacencyArrays, OneToAll, Reach
from geo.network.segment_grid import SegmentGrid
from geo.network.snapping import MAX_SNAP_M, SnappedPoints, Snapper, WaterBetween

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Route:
    """One trip.

    Attributes
    ----------
    travel_time_s
        Seconds, the walks or tracks at both ends included.
    length_m
        Metres of road driven.
    points
        (k, 2) lon, lat of the line from the origin's place on the road to the destination's.
    """

    travel_time_s: float
    length_m: float
    points: Floats


def trace(graph: RoadGraph, reach: Reach, destination: SnappedPoints) -> Route | None:
    """Return the trip from the origin of a reach to one position; None where it is beyond.

    Parameters
    ----------
    graph
        The roads that the reach was searched on.
    reach
        A search from the origin, not homeward.
    destination
        One position.
    """
    seconds = float(reach.to(destination)[0])
    if not np.isfinite(seconds):
        return None
    column = int(reach.best_column(destination)[0])
    if column == reach.last_ends(destination).junction.shape[1]:
        lines = [_direct(graph, reach.origin, destination)]
    else:
        lines = _through(graph, reach, destination, column)
    points = np.concatenate([_position(reach.origin), *lines, _position(destination)])
    kept = np.ones(len(points), bool)
    kept[1:] = (points[1:] != points[:-1]).any(axis=1)
    if kept.sum() == 1:
        kept[-1] = True  # a line has two ends, be they the same
    return Route(seconds, float(reach.lengths_to(destination)[0]), points[kept])


def _through(
    graph: RoadGraph, reach: Reach, destination: SnappedPoints, column: int
) -> list[Floats]:
    """Return the lines of a trip over junctions, in the order of driving."""
    junction = int(reach.last_ends(destination).junction[0, column])
    fraction = float(destination.fraction[0])
    lines = []
    if column % 3 == 0:  # the copies of a road that is laid twice are drawn alike
        lines.append(_part(graph, int(destination.edge[0]), 0.0, fraction))
    elif column % 3 == 1:
        lines.append(_part(graph, int(destination.reverse_edge[0]), 0.0, 1 - fraction))
    while (edge := int(reach.parent_edge[junction])) >= 0:
        lines.append(graph.shape(edge))
        junction = int(reach.edges.tail[edge])
    lines.append(_first(graph, reach, junction))
    return lines[::-1]


def _first(graph: RoadGraph, reach: Reach, junction: int) -> Floats:
    """Return the line from the origin to the first junction."""
    ends, origin = reach.first_ends, reach.origin
    fits = (ends.junction[0] == junction) & (ends.seconds[0] == reach.exact_seconds[junction])
    column = int(np.argmax(fits)) % 3
    fraction = float(origin.fraction[0])
    if column == 0:
        return _part(graph, int(origin.edge[0]), fraction, 1.0)
    if column == 1:
        return _part(graph, int(origin.reverse_edge[0]), 1 - fraction, 1.0)
    return np.empty((0, 2))


def _direct(graph: RoadGraph, origin: SnappedPoints, destination: SnappedPoints) -> Floats:
    """Return the line between two positions on one edge."""
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


_SMALL = 50_000
"""Junctions up to which all of them are looked at, however near the cutoff is."""


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
    """

    def __init__(
        self,
        graph: RoadGraph,
        *,
        grid: SegmentGrid | None = None,
        order: npt.NDArray[np.int32] | None = None,
        water: WaterBetween | None = None,
    ) -> None:
        self.graph = graph
        self._edges = EdgeTable.of(graph)
        self._hierarchy = Hierarchy(graph, self._edges, order)
        self._roads = RoadSampler(graph)
        self._grid = grid
        self._water = water
        self._snapper: Snapper | None = None
        self._seconds: dict[Conditions, Floats] = {}
        self._searches: dict[tuple[Conditions, bool], OneToAll] = {}
        self._arcs_by_way: dict[bool, AdjacencyArrays] = {}
        self._lock = threading.RLock()

    @classmethod
    def open(cls, folder: Path, *, water: WaterBetween | None = None) -> RoadNetwork:
        """Open the network that `save` wrote; nothing is read before it is needed."""
        graph = RoadGraph.load(folder)
        grid = SegmentGrid.load(folder, np.asarray(graph.shape_lon), np.asarray(graph.shape_lat))
        return cls(graph, grid=grid, order=Hierarchy.load_order(folder), water=water)

    def save(self, folder: Path) -> None:
        """Write the graph, and what makes opening and matrices fast, into an existing folder."""
        self.graph.save(folder)
        self._the_snapper()
        if self._grid is not None:
            self._grid.save(folder)
        self._hierarchy.save_order(folder)

    def snap(
        self, lons: npt.ArrayLike, lats: npt.ArrayLike, *, max_snap_m: float = MAX_SNAP_M
    ) -> SnappedPoints:
        """Join k points to the nearest positions on roads.

        Parameters
        ----------
        lons, lats
            (k,) degrees.
        max_snap_m
            Where every road is farther, or beyond water, the edge is -1 and ``snap_m`` still says
            how far it is.
        """
        lon = np.atleast_1d(np.asarray(lons, np.float64))
        lat = np.atleast_1d(np.asarray(lats, np.float64))
        return self._the_snapper().snap(lon, lat, max_snap_m=max_snap_m)

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
        """Return the travel times from one origin to everywhere.

        Parameters
        ----------
        origin
            A point, or a snap of length 1.
        cutoff_s
            How far to look, seconds; ``inf`` for everything.
        conditions
            What the roads are like.
        homeward
            Travel times to the origin instead.

        Raises
        ------
        OutsideRegion
            The origin is too far from every road.
        """
        snaps = self._one(origin)
        seconds = self._edge_seconds(conditions)
        if self.graph.junction_count <= _SMALL and loops_pay():
            found = self._sweep(snaps, conditions, homeward=homeward)
            found[found > cutoff_s] = np.inf
        else:
            end = egress_legs if homeward else access_legs
            ends = end(self._edges, seconds, snaps)
            open_ = np.isfinite(ends.seconds[0])
            found = self._search(conditions, homeward=homeward).run(
                ends.junction[0][open_], ends.seconds[0][open_], cutoff_s=cutoff_s
            )
        return Reach(
            snaps,
            cutoff_s,
            conditions,
            homeward,
            found,
            self._edges,
            seconds,
            self._arcs(homeward=not homeward),
            self._roads,
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

        Parameters
        ----------
        origins, destinations
            Points or snaps; one that no road is near to has a row or column of ``inf``.
        cutoff_s
            What is farther stands as ``inf``.
        conditions
            What the roads are like.
        """
        seconds = self._edge_seconds(conditions)
        arcs = self._hierarchy.timed(conditions, seconds)
        roads = Roads(self._edges, seconds, self._hierarchy.rank, arcs)
        return travel_times(roads, self._many(origins), self._many(destinations), float(cutoff_s))

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
        target = self._one(destination)
        reach = self.reach(origin, cutoff_s=np.inf, conditions=conditions)
        return trace(self.graph, reach, target)

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

    def _the_snapper(self) -> Snapper:
        with self._lock:
            if self._snapper is None:
                self._grid = self._grid or Snapper.build_grid(self.graph)
                self._snapper = Snapper(self.graph, self._grid, self._water)
            return self._snapper

    def _edge_seconds(self, conditions: Conditions) -> Floats:
        with self._lock:
            if conditions not in self._seconds:
                self._seconds[conditions] = conditions.edge_seconds(self.graph)
            return self._seconds[conditions]

    def _search(self, conditions: Conditions, *, homeward: bool) -> OneToAll:
        with self._lock:
            key = (conditions, homeward)
            if key not in self._searches:
                arcs = self._arcs(homeward=homeward)
                self._searches[key] = OneToAll(arcs, self._edge_seconds(conditions))
            return self._searches[key]

    def _sweep(self, origin: SnappedPoints, conditions: Conditions, *, homeward: bool) -> Floats:
        """Return (junctions,) seconds from an origin to all of a small network.

        A search would visit nearly all of it; two sweeps over the hierarchy do so ten times faster
        (Delling, Goldberg, Nowatzyk and Werneck, "PHAST", 2013, Journal of Parallel and Distributed
        Computing 73: 940).
        """
        from geo.network.compiled_search import edges_of, positions_of, times_everywhere

        seconds = self._edge_seconds(conditions)
        arcs = self._hierarchy.timed(conditions, seconds)
        if homeward:
            arcs = arcs._replace(up=arcs.down, down=arcs.up)
        edges = edges_of(self._edges, seconds, homeward)
        return times_everywhere(arcs, self._hierarchy.rank, edges, positions_of(origin), homeward)

    def _arcs(self, *, homeward: bool) -> AdjacencyArrays:
        with self._lock:
            if homeward not in self._arcs_by_way:
                make = AdjacencyArrays.backwards if homeward else AdjacencyArrays.forwards
                self._arcs_by_way[homeward] = make(self.graph)
            return self._arcs_by_way[homeward]


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
