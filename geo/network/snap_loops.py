"""The inner loops of joining points to roads, compiled.

Each does what `geo.network.grid` and `snap` do over arrays, operation by operation, so that both
give the same numbers to the last digit (`geo.network.readiness`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE
from geo.network.sweeps import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class Cells(NamedTuple):
    """A grid over segments, as `geo.network.grid.SegmentGrid` has it."""

    lon_e7: Ints
    lat_e7: Ints
    frame: Floats
    columns: int
    rows: int
    first: Ints
    segment: Ints


class Look(NamedTuple):
    """How far to look: from a first radius to the last, and what counts as on a road; metres."""

    first_m: float
    within_m: float
    on_road_m: float


class Lines(NamedTuple):
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
    cells: Cells, lon: Floats, lat: Floats, shrink: Floats, look: Look
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
    cells: Cells, lon: float, lat: float, shrink: float, radius_m: float, look: Look
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
    lines: Lines, segment: Longs, along: Floats, at_junction_m: float
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
