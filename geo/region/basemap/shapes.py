"""Many lines or polygons as three flat arrays, so that numpy works on all of them at once.

A tile build touches millions of small shapes; one Python object for each would cost more than the
geometry itself. Rings are open here (the first point is not repeated), with exteriors before
their holes, as in a vector tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Geometries = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Some n shapes of p parts (lines or rings) of q points.

    Attributes
    ----------
    xy
        (q, 2) x to the east and y to the south.
    part_start
        (p + 1,) points ``part_start[k]:part_start[k + 1]`` make part k.
    shape_start
        (n + 1,) parts ``shape_start[i]:shape_start[i + 1]`` make shape i.
    hole
        (p,) whether the part is a hole in the last part before it that is none; for lines all
        False.
    closed
        Whether the parts are rings.
    """

    xy: Floats
    part_start: Ints
    shape_start: Ints
    hole: Bools
    closed: bool

    def __len__(self) -> int:
        return len(self.shape_start) - 1

    @property
    def part_lengths(self) -> Ints:
        """(p,) points of each part."""
        return np.diff(self.part_start)

    @property
    def shape_of_part(self) -> Ints:
        """(p,) the shape of each part."""
        return np.repeat(np.arange(len(self)), np.diff(self.shape_start))

    @property
    def part_of_point(self) -> Ints:
        """(q,) the part of each point."""
        return np.repeat(np.arange(len(self.hole)), self.part_lengths)

    def next_point(self) -> Ints:
        """(q,) the point after each point in its part; after the last of a line, itself."""
        following = np.arange(1, len(self.xy) + 1)
        full = self.part_lengths > 0
        last = self.part_start[1:][full] - 1
        following[last] = self.part_start[:-1][full] if self.closed else last
        return following

    def bounds(self) -> tuple[Floats, Floats]:
        """Return (n, 2) least and (n, 2) greatest x and y; a shape without points has inf, -inf."""
        point_start = self.part_start[self.shape_start]
        low = np.full((len(self), 2), np.inf)
        high = np.full((len(self), 2), -np.inf)
        full = np.diff(point_start) > 0
        if full.any():
            starts = point_start[:-1][full]
            low[full] = np.minimum.reduceat(self.xy, starts)
            high[full] = np.maximum.reduceat(self.xy, starts)
        return low, high

    def take(self, rows: npt.NDArray[Any]) -> Shapes:
        """Return the shapes of some rows (indices or a mask), in that order."""
        if rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)
        parts, shape_start = gather(self.shape_start, rows)
        points, part_start = gather(self.part_start, parts)
        return Shapes(self.xy[points], part_start, shape_start, self.hole[parts], self.closed)

    def keep_points(self, keep: Bools) -> Shapes:
        """Return the shapes with only some points; parts may become empty."""
        if keep.all():
            return self
        counts = np.concatenate(([0], np.cumsum(keep)))
        return Shapes(
            self.xy[keep], counts[self.part_start], self.shape_start, self.hole, self.closed
        )

    def keep_parts(self, keep: Bools) -> Shapes:
        """Return the shapes with only some parts; a hole goes with the ring around it."""
        if keep.all():
            return self
        keep = self.with_holes(keep)
        counts = np.concatenate(([0], np.cumsum(keep)))
        points, part_start = gather(self.part_start, np.flatnonzero(keep))
        return Shapes(
            self.xy[points], part_start, counts[self.shape_start], self.hole[keep], self.closed
        )

    def with_holes(self, keep: Bools) -> Bools:
        """(p,) the parts that stay where some shall: a hole goes with the ring around it."""
        if not self.closed or not len(keep):
            return keep
        around = np.maximum.accumulate(np.where(self.hole, -1, np.arange(len(keep))))
        return np.asarray(keep & keep[around])

    def ring_areas(self) -> Floats:
        """(p,) area of each ring by the surveyor's formula, positive where it runs clockwise.

        Clockwise as seen on screen, where y grows downwards.
        """
        if not len(self.xy):
            return np.zeros(len(self.hole))
        first = self.xy[self.part_start[:-1].clip(max=len(self.xy) - 1)]
        local = self.xy - np.repeat(first, self.part_lengths, axis=0)  # keeps the digits small
        following = local[self.next_point()]
        cross = local[:, 0] * following[:, 1] - following[:, 0] * local[:, 1]
        return np.bincount(self.part_of_point, cross, len(self.hole)) / 2

    def moved(self, offset: Floats) -> Shapes:
        """Return the shapes, each moved by its row of ``offset``, (n, 2)."""
        points = np.diff(self.part_start[self.shape_start])
        return Shapes(
            self.xy + np.repeat(offset, points, axis=0),
            self.part_start,
            self.shape_start,
            self.hole,
            self.closed,
        )

    def scaled(self, factor: float) -> Shapes:
        """Return the shapes with every coordinate multiplied."""
        return Shapes(self.xy * factor, self.part_start, self.shape_start, self.hole, self.closed)

    def to_geometries(self) -> Geometries:
        """Return (n,) shapely lines or polygons, multi where a shape has several."""
        if not self.closed:
            return np.asarray(
                shapely.from_ragged_array(
                    shapely.GeometryType.MULTILINESTRING,
                    self.xy,
                    (self.part_start, self.shape_start),
                )
            )
        points = np.arange(len(self.xy) + len(self.hole)) - self.part_of_closed_point()
        ring_start = self.part_start + np.arange(len(self.part_start))
        points[ring_start[1:] - 1] = self.part_start[:-1]
        outer = np.flatnonzero(~self.hole)
        polygon_start = np.append(outer, len(self.hole))
        multi_start = np.searchsorted(outer, self.shape_start)
        return np.asarray(
            shapely.from_ragged_array(
                shapely.GeometryType.MULTIPOLYGON,
                self.xy[points],
                (ring_start, polygon_start, multi_start),
            )
        )

    def part_of_closed_point(self) -> Ints:
        """Return the part of each point as it would be with every ring's first point repeated."""
        return np.repeat(np.arange(len(self.hole)), self.part_lengths + 1)


def from_lines(lines: Geometries) -> Shapes:
    """Return lines and multilines as shapes, one for each."""
    parts, shape = _parts(lines, shapely.GeometryType.LINESTRING)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    hole = np.zeros(len(parts), np.bool_)
    return Shapes(xy, _starts(part, len(parts)), _starts(shape, len(lines)), hole, closed=False)


def from_polygons(polygons: Geometries) -> Shapes:
    """Return polygons and multipolygons as shapes, one for each."""
    parts, shape = _parts(polygons, shapely.GeometryType.POLYGON)
    rings, part = shapely.get_rings(parts, return_index=True)
    hole = np.ones(len(rings), np.bool_)
    hole[_starts(part, len(parts))[:-1]] = False
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.ones(len(xy), np.bool_)
    ring_start = _starts(ring, len(rings))
    closing[ring_start[1:] - 1] = False
    return Shapes(
        xy[closing],
        ring_start - np.arange(len(ring_start)),
        _starts(shape[part], len(polygons)),
        hole,
        closed=True,
    )


def join(several: Sequence[Shapes]) -> Shapes:
    """Return the shapes of several, one after the other; there is at least one."""
    return Shapes(
        np.concatenate([shapes.xy for shapes in several]),
        _join_starts([shapes.part_start for shapes in several]),
        _join_starts([shapes.shape_start for shapes in several]),
        np.concatenate([shapes.hole for shapes in several]),
        several[0].closed,
    )


def no_shapes(*, closed: bool) -> Shapes:
    """Return zero shapes."""
    start = np.zeros(1, np.int64)
    return Shapes(np.zeros((0, 2)), start, start, np.zeros(0, np.bool_), closed)


def _parts(geometries: Geometries, kind: shapely.GeometryType) -> tuple[Geometries, Ints]:
    """Return the parts of one kind that are not empty, and the row of each."""
    parts, row = shapely.get_parts(geometries, return_index=True)
    if (shapely.get_type_id(parts) > shapely.GeometryType.MULTIPOINT).any():
        parts, inner = shapely.get_parts(parts, return_index=True)  # what collections hold
        row = row[inner]
    right = (shapely.get_type_id(parts) == kind) & ~shapely.is_empty(parts)
    return (parts, row) if right.all() else (parts[right], row[right])


def _starts(owner: Ints, count: int) -> Ints:
    """Return (count + 1,) where the items of each owner start, from the owner of each item."""
    return np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=count))))


def gather(start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the members of some rows of a ragged array, and where each row now starts."""
    lengths = start[rows + 1] - start[rows]
    new_start = np.concatenate(([0], np.cumsum(lengths)))
    members = np.arange(new_start[-1]) + np.repeat(start[rows] - new_start[:-1], lengths)
    return members, new_start


def _join_starts(starts: Sequence[Ints]) -> Ints:
    ends = np.cumsum([0] + [int(start[-1]) for start in starts])
    shifted = [start[1:] + end for start, end in zip(starts, ends[:-1], strict=True)]
    return np.concatenate([np.zeros(1, np.int64), *shifted])
