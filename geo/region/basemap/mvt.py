"""Writing Mapbox Vector Tiles, version 2.1 (https://github.com/mapbox/vector-tile-spec).

This is the part about geometries (section 4.3); `geo.region.basemap.messages` writes the layers
around them. Those of a whole block of tiles are turned into bytes by numpy in one go.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from geo.region.basemap.packing import Packed, varints
from geo.region.basemap.shapes import Floats, Shapes

Value = str | int | float
Properties = tuple[tuple[str, Value], ...]
"""The attributes of a feature, as name and value, sorted by name."""


class GeometryKind(IntEnum):
    """The geometry types of the specification (section 4.3.4)."""

    POINT = 1
    LINE = 2
    POLYGON = 3


_EXTRA = {GeometryKind.POINT: 1, GeometryKind.LINE: 2, GeometryKind.POLYGON: 3}
"""Commands beside the coordinates of a part: MoveTo; LineTo; ClosePath."""

_MOVE_TO_ONE, _LINE_TO, _CLOSE = 1 << 3 | 1, 2, 1 << 3 | 7


def clean(shapes: Shapes) -> Shapes:
    """Round to whole units and repair what rounding did.

    Points that fall together become one; rings and lines without extent go, with their holes;
    polygons whose holes leave nothing go; exteriors run clockwise on screen and holes the other
    way (section 4.3.4.4).
    """
    xy = np.rint(shapes.xy)
    rounded = Shapes(xy, shapes.part_start, shapes.shape_start, shapes.hole, shapes.closed)
    following = rounded.next_point()
    same = (xy == xy[following]).all(axis=1)
    if not shapes.closed:
        same &= following != np.arange(len(xy))
    cleaned = rounded.keep_points(~same)
    if not shapes.closed:
        return cleaned.keep_parts(cleaned.part_lengths >= 2)
    areas = cleaned.ring_areas()
    keep = cleaned.with_holes((cleaned.part_lengths >= 3) & (areas != 0))
    polygon = np.cumsum(~cleaned.hole) - 1
    net = np.bincount(polygon, np.abs(areas) * np.where(cleaned.hole, -1, 1) * keep)
    keep &= net[polygon] > 0
    return _wind(cleaned.keep_parts(keep), areas[keep])


def _wind(shapes: Shapes, areas: Floats) -> Shapes:
    """Turn rings that run the wrong way round."""
    wrong = (areas > 0) == shapes.hole
    if not wrong.any():
        return shapes
    order = np.arange(len(shapes.xy))
    turned = wrong[shapes.part_of_point]
    ends = shapes.part_start[:-1] + shapes.part_start[1:] - 1
    order[turned] = ends[shapes.part_of_point][turned] - order[turned]
    return Shapes(
        shapes.xy[order], shapes.part_start, shapes.shape_start, shapes.hole, shapes.closed
    )


def encode_geometries(shapes: Shapes, kind: GeometryKind) -> Packed:
    """Return each shape's geometry as packed commands (section 4.3).

    Parameters
    ----------
    shapes
        In whole units from the upper left corner of the tile of each.
    """
    extra = _EXTRA[kind]
    parts = np.arange(len(shapes.hole))
    part_of_point = shapes.part_of_point
    header = 2 * shapes.part_start[:-1] + extra * parts
    values = np.empty(2 * len(shapes.xy) + extra * len(parts), np.uint32)
    values[header] = _MOVE_TO_ONE
    at = 2 * np.arange(len(shapes.xy)) + extra * part_of_point + 2
    at[shapes.part_start[:-1]] -= 1
    if kind != GeometryKind.POINT:
        values[header + 3] = (shapes.part_lengths - 1) << 3 | _LINE_TO
    if kind == GeometryKind.POLYGON:
        values[2 * shapes.part_start[1:] + extra * parts + 2] = _CLOSE
    steps = _zigzag_steps(shapes)
    values[at] = steps[:, 0]
    values[at + 1] = steps[:, 1]
    value_start = 2 * shapes.part_start + extra * np.arange(len(parts) + 1)
    return varints(values).joined(value_start[shapes.shape_start])


def _zigzag_steps(shapes: Shapes) -> npt.NDArray[np.uint32]:
    """(q, 2) the way from the point before in the same shape, so coded that small is short."""
    points = shapes.xy.astype(np.int32)
    steps = points.copy()
    steps[1:] -= points[:-1]
    first = shapes.part_start[shapes.shape_start[:-1]]
    steps[first] = points[first]
    return ((steps << 1) ^ (steps >> 31)).view(np.uint32)
