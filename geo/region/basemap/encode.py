"""Encoding layers as Mapbox Vector Tiles 2.1 (https://github.com/mapbox/vector-tile-spec).

A layer lists each key and each value of its attributes once, and features name them by their place
in these lists (section 4.4). A tile is made of messages within messages, each with its length
before it. A block of tiles has hundreds of thousands of them, and joining each by itself took most
of the time; so all layers of one name in a block, their geometries (section 4.3) too, are turned
into bytes by numpy in one go, as many short byte strings in one array.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.region.basemap.shapes import EXTENT, Bools, Floats, Ints, RaggedShapes, gather


@dataclass(frozen=True, slots=True)
class RaggedBytes:
    """Some n byte strings, one after the other.

    ``start`` is (n + 1,): ``data[start[k]:start[k + 1]]`` is string k.
    """

    data: npt.NDArray[np.uint8]
    start: Ints

    @property
    def lengths(self) -> Ints:
        """(n,) bytes of each string."""
        return np.diff(self.start)

    def joined(self, start: Ints) -> RaggedBytes:
        """Return longer strings, each made of ``start[k]`` to ``start[k + 1]`` of these."""
        return RaggedBytes(self.data, self.start[start])

    def take(self, rows: Ints) -> RaggedBytes:
        """Return some of the strings, in that order."""
        members, start = gather(self.start, rows)
        return RaggedBytes(self.data[members], start)

    def where(self, wanted: Bools) -> RaggedBytes:
        """Return the same strings, those that are not wanted empty."""
        lengths = np.where(wanted, self.lengths, 0)
        start = np.concatenate(([0], np.cumsum(lengths)))
        return RaggedBytes(self.data[np.repeat(wanted, self.lengths)], start)

    def to_list(self) -> list[bytes]:
        """Return each string by itself."""
        whole = self.data.tobytes()
        return [whole[a:b] for a, b in pairwise(self.start.tolist())]


def pack(strings: Sequence[bytes]) -> RaggedBytes:
    """Return byte strings as one array."""
    start = np.cumsum([0, *map(len, strings)], dtype=np.int64)
    return RaggedBytes(np.frombuffer(b"".join(strings), np.uint8), start)


def repeated(string: bytes, count: int) -> RaggedBytes:
    """Return a byte string many times."""
    return RaggedBytes(
        np.tile(np.frombuffer(string, np.uint8), count), np.arange(count + 1) * len(string)
    )


def varint(value: int) -> bytes:
    """Return a number as a base-128 varint.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def varints(values: npt.NDArray[np.integer[Any]]) -> RaggedBytes:
    """Return numbers from 0 to 2^32 - 1 as base-128 varints.

    Examples
    --------
    >>> [one.hex() for one in varints(np.array([1, 300])).to_list()]
    ['01', 'ac02']
    """
    values = values.astype(np.uint32)
    lengths = np.ones(len(values), np.uint8)
    for bits in (7, 14, 21, 28):
        lengths += values >= 1 << bits
    start = np.zeros(len(values) + 1, np.int64)
    np.cumsum(lengths, out=start[1:])
    data = np.empty(start[-1], np.uint8)
    at = start[:-1]
    while len(values):  # one round for each byte of the longest; those that are done drop out
        longer = values >= 128
        data[at] = values & 127 | longer.astype(np.uint32) << 7
        at, values = at[longer] + 1, values[longer] >> 7
    return RaggedBytes(data, start)


def interleaved(columns: Sequence[RaggedBytes]) -> RaggedBytes:
    """Return for each row the strings of all columns, one after the other."""
    lengths = np.stack([column.lengths for column in columns], axis=1)
    ends = np.cumsum(lengths.ravel())
    first = (ends - lengths.ravel()).reshape(lengths.shape)
    total = int(ends[-1]) if len(ends) else 0
    data = np.empty(total, np.uint8)
    for place, column in zip(first.T, columns, strict=True):
        data[np.arange(len(column.data)) + np.repeat(place - column.start[:-1], column.lengths)] = (
            column.data
        )
    return RaggedBytes(data, np.append(first[:, 0], total))


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


def clean(shapes: RaggedShapes) -> RaggedShapes:
    """Round to whole units and repair what rounding did.

    Points that fall together become one; rings and lines without extent go, with their holes;
    polygons whose holes leave nothing go; exteriors run clockwise on screen and holes the other
    way (section 4.3.4.4).
    """
    xy = np.rint(shapes.xy)
    rounded = RaggedShapes(xy, shapes.part_start, shapes.shape_start, shapes.hole, shapes.closed)
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


def _wind(shapes: RaggedShapes, areas: Floats) -> RaggedShapes:
    """Turn rings that run the wrong way round."""
    wrong = (areas > 0) == shapes.hole
    if not wrong.any():
        return shapes
    order = np.arange(len(shapes.xy))
    turned = wrong[shapes.part_of_point]
    ends = shapes.part_start[:-1] + shapes.part_start[1:] - 1
    order[turned] = ends[shapes.part_of_point][turned] - order[turned]
    return RaggedShapes(
        shapes.xy[order], shapes.part_start, shapes.shape_start, shapes.hole, shapes.closed
    )


def encode_geometries(shapes: RaggedShapes, kind: GeometryKind) -> RaggedBytes:
    """Return each shape's geometry as packed commands (section 4.3).

    Shapes are in whole units from the upper left corner of the tile of each.
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


def _zigzag_steps(shapes: RaggedShapes) -> npt.NDArray[np.uint32]:
    """(q, 2) the way from the point before in the same shape, so coded that small is short."""
    points = shapes.xy.astype(np.int32)
    steps = points.copy()
    steps[1:] -= points[:-1]
    first = shapes.part_start[shapes.shape_start[:-1]]
    steps[first] = points[first]
    return ((steps << 1) ^ (steps >> 31)).view(np.uint32)


_END = b"\x28" + varint(EXTENT) + b"\x78\x02"
"""The end of a layer: how wide a tile is, and that this is version 2."""


def encode_layers(
    name: str,
    shapes: RaggedShapes,
    kind: GeometryKind,
    rows: Ints,
    table: Sequence[Properties],
    tile_start: Ints,
) -> list[bytes]:
    """Return a layer as it stands in each of some tiles.

    Parameters
    ----------
    shapes
        The geometry of each feature, in whole units from the upper left corner of its tile; tile
        after tile.
    rows
        For each feature the row of ``table`` that holds its attributes.
    tile_start
        (t + 1,) features ``tile_start[k]:tile_start[k + 1]`` are in tile k.
    """
    tiles = len(tile_start) - 1
    tile = np.repeat(np.arange(tiles), np.diff(tile_start))
    known, row = np.unique(rows, return_inverse=True)
    sets, combination = np.unique(tile * len(known) + row, return_inverse=True)
    of_tile, of_row = np.divmod(sets, max(len(known), 1))
    tags, keys, values = _attributes([table[row] for row in known.tolist()], of_row, of_tile, tiles)
    geometries = encode_geometries(shapes, kind)
    size = varints(geometries.lengths)
    rest = (
        tags.take(combination),
        repeated(bytes((0x18, kind, 0x22)), len(rows)),
        size,
        geometries,
    )
    features = _messages(0x12, rest).joined(tile_start)
    begin = repeated(_message(0x0A, name.encode()), tiles)
    end = repeated(_END, tiles)
    return _messages(0x1A, (begin, features, keys, values, end)).to_list()


def _attributes(
    known: Sequence[Properties], rows: Ints, tile: Ints, tiles: int
) -> tuple[RaggedBytes, RaggedBytes, RaggedBytes]:
    """Return the attributes of sets in tiles, and the keys and the values of each tile.

    ``rows`` and ``tile`` are (s,) which of them is in which tile; rising.
    """
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    key_of = [keys.setdefault(key, len(keys)) for one in known for key, _ in one]
    value_of = [
        values.setdefault((type(value), value), len(values)) for one in known for _, value in one
    ]
    known_start = np.cumsum([0, *map(len, known)], dtype=np.int64)
    pairs, start = gather(known_start, rows)
    tile_of_pair = np.repeat(tile, np.diff(start))
    key_list = pack([_message(0x1A, key.encode()) for key in keys])
    value_list = pack([_value_message(*value) for value in values])
    key, tile_keys = _listed(np.array(key_of, np.int64)[pairs], tile_of_pair, key_list, tiles)
    value, tile_values = _listed(
        np.array(value_of, np.int64)[pairs], tile_of_pair, value_list, tiles
    )
    numbers = varints(np.stack([key, value], axis=1).ravel()).joined(2 * start)
    tags = _messages(0x12, (numbers,)).where(np.diff(start) > 0)
    return tags, tile_keys, tile_values


def _listed(item: Ints, tile: Ints, messages: RaggedBytes, tiles: int) -> tuple[Ints, RaggedBytes]:
    """Return the place of each item in the list of its tile, and the list of each tile."""
    count = max(len(messages.start) - 1, 1)
    used, found = np.unique(tile * count + item, return_inverse=True)
    start = np.searchsorted(used, np.arange(tiles + 1) * count)
    return found - start[tile], messages.take(used % count).joined(start)


def _messages(tag: int, columns: Sequence[RaggedBytes]) -> RaggedBytes:
    """Return a message for each row: the tag, the length, and what all columns hold."""
    lengths = np.sum([column.lengths for column in columns], axis=0)
    return interleaved([repeated(bytes((tag,)), len(lengths)), varints(lengths), *columns])


def _message(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + varint(len(body)) + body


@lru_cache(maxsize=65_536)
def _value_message(_kind: type, value: Value) -> bytes:
    """Return a value as it stands in a layer; neighbouring blocks name the same roads."""
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
