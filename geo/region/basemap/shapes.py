"""Many lines or polygons as three flat arrays, and cutting them into tiles, all at once in numpy.

A tile build touches millions of small shapes; one Python object for each would cost more than the
geometry itself. Rings are open here (the first point is not repeated), with exteriors before
their holes, as in a vector tile.

To be cut, every shape starts at the smallest tile that holds it and moves down one zoom at a time,
cut in two by x and in two by y, until it lies in tiles of the wanted zoom. Half planes are cut by
the method of Sutherland and Hodgman (1974, Communications of the ACM 17: 32). A polygon that falls
apart stays one ring with edges along the cut; the cut lies in the buffer outside of what is drawn,
the signed area stays exact, and a renderer's triangulation copes. Coordinates are units of the
wanted zoom: tile x, y covers ``4096 x .. 4096 (x + 1)``.
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
class RaggedShapes:
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

    def take(self, rows: npt.NDArray[Any]) -> RaggedShapes:
        """Return the shapes of some rows (indices or a mask), in that order."""
        if rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)
        parts, shape_start = gather(self.shape_start, rows)
        points, part_start = gather(self.part_start, parts)
        return RaggedShapes(self.xy[points], part_start, shape_start, self.hole[parts], self.closed)

    def keep_points(self, keep: Bools) -> RaggedShapes:
        """Return the shapes with only some points; parts may become empty."""
        if keep.all():
            return self
        counts = np.concatenate(([0], np.cumsum(keep)))
        return RaggedShapes(
            self.xy[keep], counts[self.part_start], self.shape_start, self.hole, self.closed
        )

    def keep_parts(self, keep: Bools) -> RaggedShapes:
        """Return the shapes with only some parts; a hole goes with the ring around it."""
        if keep.all():
            return self
        keep = self.with_holes(keep)
        counts = np.concatenate(([0], np.cumsum(keep)))
        points, part_start = gather(self.part_start, np.flatnonzero(keep))
        return RaggedShapes(
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

    def moved(self, offset: Floats) -> RaggedShapes:
        """Return the shapes, each moved by its row of ``offset``, (n, 2)."""
        points = np.diff(self.part_start[self.shape_start])
        return RaggedShapes(
            self.xy + np.repeat(offset, points, axis=0),
            self.part_start,
            self.shape_start,
            self.hole,
            self.closed,
        )

    def scaled(self, factor: float) -> RaggedShapes:
        """Return the shapes with every coordinate multiplied."""
        return RaggedShapes(
            self.xy * factor, self.part_start, self.shape_start, self.hole, self.closed
        )

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


def from_lines(lines: Geometries) -> RaggedShapes:
    """Return lines and multilines as shapes, one for each."""
    parts, shape = _parts(lines, shapely.GeometryType.LINESTRING)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    hole = np.zeros(len(parts), np.bool_)
    return RaggedShapes(
        xy, _starts(part, len(parts)), _starts(shape, len(lines)), hole, closed=False
    )


def from_polygons(polygons: Geometries) -> RaggedShapes:
    """Return polygons and multipolygons as shapes, one for each."""
    parts, shape = _parts(polygons, shapely.GeometryType.POLYGON)
    rings, part = shapely.get_rings(parts, return_index=True)
    hole = np.ones(len(rings), np.bool_)
    hole[_starts(part, len(parts))[:-1]] = False
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.ones(len(xy), np.bool_)
    ring_start = _starts(ring, len(rings))
    closing[ring_start[1:] - 1] = False
    return RaggedShapes(
        xy[closing],
        ring_start - np.arange(len(ring_start)),
        _starts(shape[part], len(polygons)),
        hole,
        closed=True,
    )


def join(several: Sequence[RaggedShapes]) -> RaggedShapes:
    """Return the shapes of several, one after the other; there is at least one."""
    return RaggedShapes(
        np.concatenate([shapes.xy for shapes in several]),
        _join_starts([shapes.part_start for shapes in several]),
        _join_starts([shapes.shape_start for shapes in several]),
        np.concatenate([shapes.hole for shapes in several]),
        several[0].closed,
    )


def no_shapes(*, closed: bool) -> RaggedShapes:
    """Return zero shapes."""
    start = np.zeros(1, np.int64)
    return RaggedShapes(np.zeros((0, 2)), start, start, np.zeros(0, np.bool_), closed)


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


EXTENT = 4096
"""Units along the side of a tile (Vector Tile Specification 2.1, section 4.1)."""

BUFFER = 64
"""Units that shapes reach beyond their tile, so that wide lines meet across the border."""


@dataclass(frozen=True, slots=True)
class TiledShapes:
    """Pieces of shapes, each in one tile.

    ``source`` is (m,) the row of the shape that the piece was cut from, ``tile`` (m, 2) x and y.
    """

    shapes: RaggedShapes
    source: Ints
    tile: Ints

    def take(self, rows: Ints | Bools) -> TiledShapes:
        """Return some of the pieces."""
        return TiledShapes(self.shapes.take(rows), self.source[rows], self.tile[rows])


def cut_into_tiles(shapes: RaggedShapes, zoom: int) -> TiledShapes:
    """Cut shapes, in units of a zoom, into its tiles."""
    last = (1 << zoom) - 1
    low, high = _tile_ranges(shapes, np.zeros((len(shapes), 2)), np.full((len(shapes), 2), last))
    alive = np.flatnonzero((low <= high).all(axis=1))
    pieces = TiledShapes(shapes.take(alive), alive, low[alive])
    waiting: dict[int, list[TiledShapes]] = {}
    _sort_by_level(pieces, high[alive], waiting)
    # From the top down: halving files pieces under smaller levels only, so each is visited once.
    for level in range(zoom, 0, -1):
        if level in waiting:
            _halve_twice(_joined(waiting.pop(level)), level, waiting)
    if 0 not in waiting:
        return TiledShapes(no_shapes(closed=shapes.closed), alive[:0], low[:0])
    return _joined(waiting[0])


def _joined(groups: Sequence[TiledShapes]) -> TiledShapes:
    if len(groups) == 1:
        return groups[0]
    return TiledShapes(
        join([group.shapes for group in groups]),
        np.concatenate([group.source for group in groups]),
        np.concatenate([group.tile for group in groups]),
    )


def _tile_ranges(shapes: RaggedShapes, least: Floats, most: Floats) -> tuple[Ints, Ints]:
    """Return (n, 2) first and last tile that each shape reaches, within given limits."""
    low, high = shapes.bounds()
    empty = ~np.isfinite(low)
    low[empty], high[empty] = 0, 0
    first = np.maximum(np.floor((low - BUFFER) / EXTENT), least)
    last = np.minimum(np.floor((high + BUFFER) / EXTENT), most)
    last[empty] = -1
    return first.astype(np.int64), last.astype(np.int64)


def _sort_by_level(pieces: TiledShapes, last: Ints, waiting: dict[int, list[TiledShapes]]) -> None:
    """File pieces by how many zooms above the wanted one their smallest common tile lies."""
    differing = (pieces.tile ^ last).max(axis=1, initial=0)
    levels = np.ceil(np.log2(differing + 1)).astype(np.int64)
    for level in np.flatnonzero(np.bincount(levels)).tolist():
        here = levels == level
        waiting.setdefault(level, []).append(pieces if here.all() else pieces.take(here))


def _halve_twice(group: TiledShapes, level: int, waiting: dict[int, list[TiledShapes]]) -> None:
    """Cut pieces of one tile ``level`` zooms up into its four children."""
    parent = group.tile >> level
    for right in (0, 1):
        half = _half(group.shapes, parent, level, axis=0, upper=right)
        for lower in (0, 1):
            quarter = _half(half, parent, level, axis=1, upper=lower)
            child = (parent << 1) + np.array([right, lower])
            first, last = _tile_ranges(
                quarter, child << (level - 1), ((child + 1) << (level - 1)) - 1
            )
            alive = np.flatnonzero((first <= last).all(axis=1))
            pieces = TiledShapes(quarter.take(alive), group.source[alive], first[alive])
            _sort_by_level(pieces, last[alive], waiting)


def _half(shapes: RaggedShapes, parent: Ints, level: int, *, axis: int, upper: int) -> RaggedShapes:
    """Return what lies in one half of the parent tile; shapes that do not become empty."""
    middle = ((2 * parent[:, axis] + 1) << (level - 1)).astype(np.float64) * EXTENT
    bound = middle - BUFFER if upper else middle + BUFFER
    return cut_half_plane(shapes, axis, bound, above=bool(upper))


def cut_half_plane(shapes: RaggedShapes, axis: int, bound: Floats, *, above: bool) -> RaggedShapes:
    """Keep the side of each shape where a coordinate is at least (or at most) a bound.

    Parameters
    ----------
    bound
        (n,) one for each shape.
    above
        Whether to keep what is at or above the bound, or what is at or below it.
    """
    limit = np.repeat(bound, np.diff(shapes.part_start[shapes.shape_start]))
    value = shapes.xy[:, axis]
    inside = value >= limit if above else value <= limit
    if inside.all():
        return shapes
    following = shapes.next_point()
    crossing = inside != inside[following]
    emitted = inside.astype(np.int64) + crossing
    position = np.concatenate(([0], np.cumsum(emitted)))
    xy = np.empty((position[-1], 2))
    xy[position[:-1][inside]] = shapes.xy[inside]
    start, end = shapes.xy[crossing], shapes.xy[following[crossing]]
    at = limit[crossing]
    share = (at - start[:, axis]) / (end[:, axis] - start[:, axis])
    met = start + share[:, None] * (end - start)
    met[:, axis] = at
    xy[(position[:-1] + inside)[crossing]] = met
    part_start = position[shapes.part_start]
    if shapes.closed:
        cut = RaggedShapes(xy, part_start, shapes.shape_start, shapes.hole, closed=True)
        return cut.keep_parts(cut.part_lengths >= 3)
    entering = position[:-1][crossing & ~inside]
    return _broken_lines(xy, shapes, part_start, entering)


def _broken_lines(
    xy: Floats, shapes: RaggedShapes, part_start: Ints, entering: Ints
) -> RaggedShapes:
    """Start a new part wherever a line comes back in."""
    starts = np.unique(np.concatenate((part_start[:-1], entering)))
    starts = starts[starts < len(xy)]
    first_point = part_start[shapes.shape_start]
    shape_start = np.searchsorted(starts, first_point)
    hole = np.zeros(len(starts), np.bool_)
    cut = RaggedShapes(xy, np.append(starts, len(xy)), shape_start, hole, closed=False)
    return cut.keep_parts(cut.part_lengths >= 2)
