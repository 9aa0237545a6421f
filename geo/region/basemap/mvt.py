"""Writing Mapbox Vector Tiles, version 2.1 (https://github.com/mapbox/vector-tile-spec).

Geometries of a whole block of tiles are turned into bytes by numpy in one go; only the small
messages around them are put together one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo.region.basemap.clip import EXTENT
from geo.region.basemap.shapes import Ints, Shapes

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
    cleaned = cleaned.keep_parts((cleaned.part_lengths >= 3) & (cleaned.ring_areas() != 0))
    cleaned = cleaned.keep_parts(_net_areas(cleaned) > 0)
    return _wind(cleaned)


def _net_areas(shapes: Shapes) -> npt.NDArray[np.float64]:
    """(p,) for each ring the area of its polygon less the polygon's holes."""
    polygon = np.cumsum(~shapes.hole) - 1
    areas = np.abs(shapes.ring_areas()) * np.where(shapes.hole, -1, 1)
    return np.bincount(polygon, areas)[polygon] if len(areas) else areas


def _wind(shapes: Shapes) -> Shapes:
    """Turn rings that run the wrong way round."""
    wrong = (shapes.ring_areas() > 0) == shapes.hole
    order = np.arange(len(shapes.xy))
    turned = wrong[shapes.part_of_point]
    ends = shapes.part_start[:-1] + shapes.part_start[1:] - 1
    order[turned] = ends[shapes.part_of_point][turned] - order[turned]
    return Shapes(
        shapes.xy[order], shapes.part_start, shapes.shape_start, shapes.hole, shapes.closed
    )


def encode_geometries(shapes: Shapes, kind: GeometryKind) -> list[bytes]:
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
    data, byte_start = _varints(values)
    ends = byte_start[value_start[shapes.shape_start]].tolist()
    return [data[a:b] for a, b in pairwise(ends)]


def _zigzag_steps(shapes: Shapes) -> npt.NDArray[np.uint32]:
    """(q, 2) the way from the point before in the same shape, so coded that small is short."""
    points = shapes.xy.astype(np.int32)
    steps = points.copy()
    steps[1:] -= points[:-1]
    first = shapes.part_start[shapes.shape_start[:-1]]
    steps[first] = points[first]
    return ((steps << 1) ^ (steps >> 31)).view(np.uint32)


def _varints(values: npt.NDArray[np.uint32]) -> tuple[bytes, Ints]:
    """Return base-128 varints one after the other, and (k + 1,) where each starts."""
    lengths = np.ones(len(values), np.int64)
    for bits in (7, 14, 21, 28):
        lengths += values >= 1 << bits
    start = np.concatenate(([0], np.cumsum(lengths)))
    data = np.empty(start[-1], np.uint8)
    for index in range(int(lengths.max(initial=0))):
        longer = lengths > index
        more = (lengths[longer] > index + 1).astype(np.uint32) << 7
        data[start[:-1][longer] + index] = (values[longer] >> (7 * index)) & 127 | more
    return data.tobytes(), start


def encode_layer(
    name: str,
    kind: GeometryKind,
    geometries: Sequence[bytes],
    properties: Sequence[int],
    table: Sequence[Properties],
) -> bytes:
    """Return a layer as it stands in a tile.

    Parameters
    ----------
    geometries
        What `encode_geometries` gave for each feature.
    properties
        For each feature the row of ``table`` that holds its attributes.
    """
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    kind_and_geometry = bytes((0x18, kind, 0x22))
    tails = {
        row: _attributes(table[row], keys, values) + kind_and_geometry
        for row in dict.fromkeys(properties)  # in the order in which they come
    }
    parts = [_message(0x0A, name.encode())]
    for geometry, row in zip(geometries, properties, strict=True):
        tail = tails[row]
        size = varint(len(geometry))
        parts += (b"\x12", varint(len(tail) + len(size) + len(geometry)), tail, size, geometry)
    parts += map(_key_message, keys)
    parts += [_value_message(kind_of, value) for kind_of, value in values]
    parts.append(_EXTENT_AND_VERSION)
    return _message(0x1A, b"".join(parts))


def _attributes(
    properties: Properties, keys: dict[str, int], values: dict[tuple[type, Value], int]
) -> bytes:
    """Return the packed pairs of key and value indices, giving new ones an index."""
    pairs = b"".join(
        varint(keys.setdefault(key, len(keys)))
        + varint(values.setdefault((type(value), value), len(values)))
        for key, value in properties
    )
    return _message(0x12, pairs) if pairs else b""


@lru_cache(maxsize=64)
def _key_message(key: str) -> bytes:
    return _message(0x1A, key.encode())


@lru_cache(maxsize=65_536)
def _value_message(_kind: type, value: Value) -> bytes:
    """Return a value as it stands in a layer; neighbouring tiles name the same roads."""
    return _message(0x22, _value(value))


def _value(value: Value) -> bytes:
    """Return a Value message (section 4.4)."""
    if isinstance(value, str):
        return _message(0x0A, value.encode("utf-8", "replace"))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    if value >= 0:
        return b"\x28" + varint(value)
    return b"\x30" + varint(-2 * value - 1)


_SHORT = tuple(
    bytes((value,)) if value < 128 else bytes((value & 127 | 128, value >> 7))
    for value in range(2048)
)
"""The varints of small numbers: lengths of features and of attributes."""


def _message(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + varint(len(body)) + body


def varint(value: int) -> bytes:
    """Return a number as a base-128 varint.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    if value < len(_SHORT):
        return _SHORT[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


_EXTENT_AND_VERSION = b"\x28" + varint(EXTENT) + b"\x78\x02"
"""The end of a layer: how wide a tile is, and that this is version 2."""
