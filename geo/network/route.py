"""The way of one trip: what is driven, and how it looks on a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.network.graph import RoadGraph
from geo.network.reach import Reach
from geo.network.snap import Snaps

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


def trace(graph: RoadGraph, reach: Reach, destination: Snaps) -> Route | None:
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


def _through(graph: RoadGraph, reach: Reach, destination: Snaps, column: int) -> list[Floats]:
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


def _direct(graph: RoadGraph, origin: Snaps, destination: Snaps) -> Floats:
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


def _position(snaps: Snaps) -> Floats:
    return np.column_stack([snaps.road_lon, snaps.road_lat])
