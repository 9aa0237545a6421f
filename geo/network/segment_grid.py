"""A grid of square cells over the segments of the roads' lines.

A cell lists the segments that touch it, as compressed rows, so that the cells side by side in one
row of the grid are one slice of the list. Everything is plain arrays: it loads by mapping files
into memory, faster than a tree of objects could be built (our reason for not using an R-tree).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import Floats, Ints

Longs = npt.NDArray[np.int64]

_CELL_M = 60.0
FIRST_RADIUS_M = _CELL_M / 2
"""How far a point is searched first; then three times as far, again and again."""

_PAIRS = 2_000_000  # of point and segment, weighed at once, to bound memory
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


@dataclass(frozen=True, slots=True)
class SegmentGrid:
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
        lon_e7, lat_e7
            (p,) the points of all lines.
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
        for field in fields(self)[2:]:
            np.save(folder / f"grid_{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path, lon_e7: Ints, lat_e7: Ints) -> SegmentGrid:
        """Map what `save` wrote into memory, read-only."""
        arrays = {
            field.name: np.asarray(np.load(folder / f"grid_{field.name}.npy", mmap_mode="r"))
            for field in fields(cls)[2:]
        }
        return cls(lon_e7, lat_e7, **arrays)

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
        """Return the nearest segment to each of k points.

        A minor segment catches only what lies on it, and counts as that much farther than it is,
        so that others about as near come first.
        """
        segment = np.full(len(lon), -1, np.int64)
        along, away_m = np.zeros(len(lon)), np.full(len(lon), np.inf)
        todo = np.arange(len(lon))
        radius_m = min(FIRST_RADIUS_M, radii.within_m)
        while len(todo) and len(self.segment):
            found = self._within(lon[todo], lat[todo], radius_m, radii.on_road_m)
            segment[todo], along[todo], away_m[todo] = found
            todo = todo[found.away_m > radius_m]  # cells not yet searched may hold a nearer one
            if radius_m >= radii.within_m:
                break
            radius_m = min(radius_m * 3, radii.within_m)
        segment[todo], along[todo], away_m[todo] = -1, 0.0, np.inf
        minor = segment < -1
        segment[minor] = -2 - segment[minor]
        away_m[minor] -= radii.on_road_m
        return NearestSegments(segment, along, away_m)

    def around(self, lon: float, lat: float, radii: SnapRadii) -> NearestSegments:
        """Return all segments around one point, the nearest first; see `nearest`."""
        here_lon, here_lat = np.array([lon]), np.array([lat])
        _, start, count = self._slices(here_lon, here_lat, radii.within_m)
        code = np.unique(self.segment[expand(start, count)[1]]).astype(np.int64)
        minor = code < 0
        segment = np.where(minor, -2 - code, code)
        here = np.zeros(len(segment), np.int64)
        along, away_m = self._distances(here_lon[here], here_lat[here], segment)
        catches = away_m <= np.where(minor, radii.on_road_m, radii.within_m)
        order = np.flatnonzero(catches)[np.argsort(away_m[catches], kind="stable")]
        return NearestSegments(segment[order], along[order], away_m[order])

    def _within(
        self, lon: Floats, lat: Floats, radius_m: float, on_road_m: float
    ) -> NearestSegments:
        """Return the nearest of the segments in all cells within a square around each point.

        Segments are coded as in ``self.segment``, and minor ones counted as farther.
        """
        owner, start, count = self._slices(lon, lat, radius_m)
        segment = np.full(len(lon), -1, np.int64)
        along, away_m = np.zeros(len(lon)), np.full(len(lon), np.inf)
        for part in _parts(count, _PAIRS):
            slice_row, index = expand(start[part], count[part])
            point = owner[part][slice_row]
            candidate = self.segment[index].astype(np.int64)
            minor = candidate < 0
            at, metres = self._distances(
                lon[point], lat[point], np.where(minor, -2 - candidate, candidate)
            )
            metres[minor] = np.where(metres[minor] <= on_road_m, metres[minor] + on_road_m, np.inf)
            begin = np.flatnonzero(np.diff(point, prepend=-1))
            if not len(begin):
                continue
            least = np.minimum.reduceat(metres, begin)
            size = np.diff(begin, append=len(point))
            tied = np.flatnonzero(metres == np.repeat(least, size))
            best = tied[np.flatnonzero(np.diff(point[tied], prepend=-1))]
            rows = point[best]
            nearer = metres[best] < away_m[rows]
            rows, best = rows[nearer], best[nearer]
            segment[rows], along[rows], away_m[rows] = candidate[best], at[best], metres[best]
        return NearestSegments(segment, along, away_m)

    def _slices(self, lon: Floats, lat: Floats, radius_m: float) -> tuple[Longs, Longs, Longs]:
        """Return the slices of ``segment`` around each point: owner, start and count."""
        west, south, width, height = self.frame
        up = radius_m / METRES_PER_DEGREE * 1e7
        sideways = up / np.maximum(np.cos(np.radians(lat)), 1e-6)
        x, y = lon * 1e7 - west, lat * 1e7 - south
        low_x = np.floor((x - sideways) / width).astype(np.int64)
        high_x = np.floor((x + sideways) / width).astype(np.int64)
        low_y = np.floor((y - up) / height).astype(np.int64)
        high_y = np.floor((y + up) / height).astype(np.int64)
        outside = (high_x < 0) | (low_x >= self.size[0]) | (high_y < 0) | (low_y >= self.size[1])
        low_x, high_x = low_x.clip(0, self.size[0] - 1), high_x.clip(0, self.size[0] - 1)
        low_y, high_y = low_y.clip(0, self.size[1] - 1), high_y.clip(0, self.size[1] - 1)
        rows = np.where(outside, 0, high_y - low_y + 1)
        owner, line = expand(low_y, rows)
        start = self.first[line * self.size[0] + low_x[owner]].astype(np.int64)
        end = self.first[line * self.size[0] + high_x[owner] + 1]
        return owner, start, end - start

    def _distances(self, lon: Floats, lat: Floats, segment: Longs) -> tuple[Floats, Floats]:
        """Return where along each segment its nearest position is, and metres to it.

        Measured on a plane that touches the Earth at the point.
        """
        shrink = np.cos(np.radians(lat))
        x1 = (self.lon_e7[segment] / 1e7 - lon) * shrink
        y1 = self.lat_e7[segment] / 1e7 - lat
        dx = (self.lon_e7[segment + 1] / 1e7 - lon) * shrink - x1
        dy = self.lat_e7[segment + 1] / 1e7 - lat - y1
        square = dx * dx + dy * dy
        along = np.divide(-(x1 * dx + y1 * dy), square, out=np.zeros_like(dx), where=square > 0)
        along = np.clip(along, 0.0, 1.0)
        x, y = x1 + along * dx, y1 + along * dy
        away_m = np.sqrt(x * x + y * y) * METRES_PER_DEGREE
        return along, away_m


def _parts(count: Longs, pairs: int) -> list[slice]:
    """Cut slices of these sizes into runs of about ``pairs`` items each."""
    total = np.cumsum(count)
    if not len(total) or total[-1] <= pairs:
        return [slice(0, len(count))]
    cuts = np.searchsorted(total, np.arange(pairs, total[-1], pairs)) + 1
    edges = np.unique(np.concatenate([[0], cuts, [len(count)]]))
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


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
