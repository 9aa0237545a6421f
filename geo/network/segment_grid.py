"""A grid of square cells over the segments of the roads' lines.

A cell lists the segments that touch it, as compressed rows, so that the cells side by side in one
row of the grid are one slice of the list. Everything is plain arrays: it loads by mapping files
into memory, faster than a tree of objects could be built (our reason for not using an R-tree).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import Floats, Ints, Longs

_CELL_M = 60.0
FIRST_RADIUS_M = _CELL_M / 2
"""How far a point is searched first; then three times as far, again and again."""

_CELLS_PER_SEGMENT = 4  # a sparse region gets larger cells instead of millions of empty ones


def expand(start: npt.NDArray[Any], count: npt.NDArray[Any]) -> tuple[Longs, Longs]:
    """Return the row and the index of each item of the ranges ``start[r] : start[r] + count[r]``.

    Examples
    --------
    >>> expand(np.array([5, 9]), np.array([2, 1]))
    (array([0, 0, 1]), array([5, 6, 9]))
    """
    rows = np.repeat(np.arange(len(start)), count)
    before = np.cumsum(count) - count
    index = np.arange(len(rows)) + np.repeat(start - before, count)
    return rows, index


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
        cls,
        lon_e7: Ints,
        lat_e7: Ints,
        segments: Longs,
        minor: npt.NDArray[np.bool_],
    ) -> SegmentGrid:
        """Put segments into a grid whose cell suits their number.

        Parameters
        ----------
        segments
            (s,) which points begin a segment.
        minor
            (p,) whether the segment that begins at a point is minor: catches only what lies on it.
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
    lon_e7: Ints,
    lat_e7: Ints,
    segments: Longs,
    frame: Floats,
    size: Longs,
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
