"""Cutting shapes into tiles.

Every shape starts at the smallest tile that holds it and moves down one zoom at a time, cut in two
by x and in two by y, until it lies in tiles of the wanted zoom. Half planes are cut by the method
of Sutherland and Hodgman (1974, Communications of the ACM 17: 32), on all shapes at once. A
polygon that falls apart stays one ring with edges along the cut; the cut lies in the buffer
outside of what is drawn, the signed area stays exact, and a renderer's triangulation copes.

Coordinates are units of the wanted zoom: tile x, y covers ``4096 x .. 4096 (x + 1)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.region.basemap.shapes import Bools, Floats, Ints, Shapes, join, no_shapes

EXTENT = 4096
"""Units along the side of a tile (Vector Tile Specification 2.1, section 4.1)."""

BUFFER = 64
"""Units that shapes reach beyond their tile, so that wide lines meet across the border."""


@dataclass(frozen=True, slots=True)
class TiledShapes:
    """Pieces of shapes, each in one tile.

    Attributes
    ----------
    shapes
        The m pieces.
    source
        (m,) the row of the shape that the piece was cut from.
    tile
        (m, 2) x and y of the piece's tile.
    """

    shapes: Shapes
    source: Ints
    tile: Ints

    def take(self, rows: Ints | Bools) -> TiledShapes:
        """Return some of the pieces."""
        return TiledShapes(self.shapes.take(rows), self.source[rows], self.tile[rows])


def cut_into_tiles(shapes: Shapes, zoom: int) -> TiledShapes:
    """Cut shapes into the tiles of a zoom.

    Parameters
    ----------
    shapes
        In units of that zoom.
    zoom
        0 to 14.
    """
    last = (1 << zoom) - 1
    low, high = _tile_ranges(shapes, np.zeros((len(shapes), 2)), np.full((len(shapes), 2), last))
    alive = np.flatnonzero((low <= high).all(axis=1))
    pieces = TiledShapes(shapes.take(alive), alive, low[alive])
    waiting: dict[int, list[TiledShapes]] = {}
    _sort_by_level(pieces, high[alive], waiting)
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


def _tile_ranges(shapes: Shapes, least: Floats, most: Floats) -> tuple[Ints, Ints]:
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


def _half(shapes: Shapes, parent: Ints, level: int, *, axis: int, upper: int) -> Shapes:
    """Return what lies in one half of the parent tile; shapes that do not become empty."""
    middle = ((2 * parent[:, axis] + 1) << (level - 1)).astype(np.float64) * EXTENT
    bound = middle - BUFFER if upper else middle + BUFFER
    return cut_half_plane(shapes, axis, bound, above=bool(upper))


def cut_half_plane(shapes: Shapes, axis: int, bound: Floats, *, above: bool) -> Shapes:
    """Keep the side of each shape where a coordinate is at least (or at most) a bound.

    Parameters
    ----------
    axis
        0 for x, 1 for y.
    bound
        (n,) one for each shape.
    above
        Whether to keep what is at or above the bound, or what is at or below it.

    Returns
    -------
    Shapes
        As many shapes, in the same order; some may have no parts.
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
        cut = Shapes(xy, part_start, shapes.shape_start, shapes.hole, closed=True)
        return cut.keep_parts(cut.part_lengths >= 3)
    entering = position[:-1][crossing & ~inside]
    return _broken_lines(xy, shapes, part_start, entering)


def _broken_lines(xy: Floats, shapes: Shapes, part_start: Ints, entering: Ints) -> Shapes:
    """Start a new part wherever a line comes back in."""
    starts = np.unique(np.concatenate((part_start[:-1], entering)))
    starts = starts[starts < len(xy)]
    first_point = part_start[shapes.shape_start]
    shape_start = np.searchsorted(starts, first_point)
    hole = np.zeros(len(starts), np.bool_)
    cut = Shapes(xy, np.append(starts, len(xy)), shape_start, hole, closed=False)
    return cut.keep_parts(cut.part_lengths >= 2)
